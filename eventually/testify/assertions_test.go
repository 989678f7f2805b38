package testify

import (
	"errors"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sleepless-go/sleepless/eventually"
)

const (
	limit = time.Second
	tick  = 10 * time.Millisecond
)

// every assertion, by the answer of a condition that does not change.
var every = []struct {
	name   string
	ends   bool // the test, if it fails
	invert bool // it passes if the condition is false
	call   func(s *spy, answer bool) (passed bool)
}{
	{"Eventually", false, false, func(s *spy, a bool) bool { return Eventually(s, always(a), limit, tick, "m 7") }},
	{"Eventuallyf", false, false, func(s *spy, a bool) bool { return Eventuallyf(s, always(a), limit, tick, "m %d", 7) }},
	{"EventuallyWithT", false, false, func(s *spy, a bool) bool { return EventuallyWithT(s, alwaysWithT(a), limit, tick, "m 7") }},
	{"EventuallyWithTf", false, false, func(s *spy, a bool) bool {
		return EventuallyWithTf(s, alwaysWithT(a), limit, tick, "m %d", 7)
	}},
	{"Never", false, true, func(s *spy, a bool) bool { return Never(s, always(a), limit, tick, "m 7") }},
	{"Neverf", false, true, func(s *spy, a bool) bool { return Neverf(s, always(a), limit, tick, "m %d", 7) }},
	{"RequireEventually", true, false, func(s *spy, a bool) bool { RequireEventually(s, always(a), limit, tick, "m 7"); return true }},
	{"RequireEventuallyf", true, false, func(s *spy, a bool) bool {
		RequireEventuallyf(s, always(a), limit, tick, "m %d", 7)
		return true
	}},
	{"RequireEventuallyWithT", true, false, func(s *spy, a bool) bool {
		RequireEventuallyWithT(s, alwaysWithT(a), limit, tick, "m 7")
		return true
	}},
	{"RequireEventuallyWithTf", true, false, func(s *spy, a bool) bool {
		RequireEventuallyWithTf(s, alwaysWithT(a), limit, tick, "m %d", 7)
		return true
	}},
	{"RequireNever", true, true, func(s *spy, a bool) bool { RequireNever(s, always(a), limit, tick, "m 7"); return true }},
	{"RequireNeverf", true, true, func(s *spy, a bool) bool { RequireNeverf(s, always(a), limit, tick, "m %d", 7); return true }},
	{"Waits.Eventuallyf", false, false, func(s *spy, a bool) bool {
		return With().Eventuallyf(s, always(a), limit, tick, "m %d", 7)
	}},
	{"Waits.EventuallyWithTf", false, false, func(s *spy, a bool) bool {
		return With().EventuallyWithTf(s, alwaysWithT(a), limit, tick, "m %d", 7)
	}},
	{"Waits.Neverf", false, true, func(s *spy, a bool) bool { return With().Neverf(s, always(a), limit, tick, "m %d", 7) }},
	{"Waits.RequireEventuallyf", true, false, func(s *spy, a bool) bool {
		With().RequireEventuallyf(s, always(a), limit, tick, "m %d", 7)
		return true
	}},
	{"Waits.RequireEventuallyWithTf", true, false, func(s *spy, a bool) bool {
		With().RequireEventuallyWithTf(s, alwaysWithT(a), limit, tick, "m %d", 7)
		return true
	}},
	{"Waits.RequireNeverf", true, true, func(s *spy, a bool) bool {
		With().RequireNeverf(s, always(a), limit, tick, "m %d", 7)
		return true
	}},
}

func always(answer bool) func() bool { return func() bool { return answer } }

func alwaysWithT(answer bool) func(*CollectT) {
	return func(c *CollectT) { demand(c, answer) }
}

func TestEachAssertionPassesAndFailsAsItsNameSays(t *testing.T) {
	for _, a := range every {
		for _, answer := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				s := &spy{}
				start := time.Now()
				passed := false
				ended := s.ended(func() { passed = a.call(s, answer) })
				took := time.Since(start)
				wantTook := limit
				if answer {
					wantTook = 0
				}
				if answer != a.invert { // it is to pass
					if !passed || ended || len(s.errors) != 0 || took != wantTook {
						t.Errorf("%s: passed %v after %v, ended %v: %s", a.name, passed, took, ended, s.text())
					}
					return
				}
				if passed || ended != a.ends || len(s.errors) != 1 || took != wantTook {
					t.Errorf("%s: passed %v after %v, ended %v, %d errors", a.name, passed, took, ended, len(s.errors))
				}
				mustContain(t, s.text(), "\n    message:    m 7\n")
			})
		}
	}
}

func TestTheFailureIsOfTheLineOfTheCall(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleVariable+"=fail")
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		t.Fatalf("%v\n%s", err, out)
	}
	source, err := os.ReadFile("failing_test.go")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(source), "\n")
	found := regexp.MustCompile(`(?m)^ +(\w+\.go):(\d+): eventually: "the condition`).FindAllStringSubmatch(string(out), -1)
	if len(found) != len(failing) {
		t.Fatalf("%d failures of %d tests:\n%s", len(found), len(failing), out)
	}
	for i, f := range found {
		var at int
		for _, digit := range f[2] {
			at = at*10 + int(digit-'0')
		}
		if f[1] != "failing_test.go" || at < 1 || at > len(lines) || !strings.Contains(lines[at-1], failing[i].Name+"(t,") {
			t.Errorf("%s is reported at %s:%s", failing[i].Name, f[1], f[2])
		}
	}
}

func TestAConditionMayReadWhatTheTestWrites(t *testing.T) {
	own := goroutine()
	n := 0 // read by the condition without a lock: the race detector must have nothing to say
	elsewhere := map[string]bool{}
	look := func() bool {
		elsewhere[goroutine()] = true
		n++
		return n == 3
	}
	Eventually(t, look, time.Minute, time.Millisecond)
	n = 0
	EventuallyWithT(t, func(c *CollectT) { require.True(c, look()) }, time.Minute, time.Millisecond)
	if n != 3 || len(elsewhere) != 1 || !elsewhere[own] {
		t.Errorf("%d looks, on %v, want only %s", n, elsewhere, own)
	}
}

func goroutine() string {
	buf := make([]byte, 32)
	header, _, _ := strings.Cut(string(buf[:runtime.Stack(buf, false)]), " [")
	return header
}

func TestATestMayBeEndedFromTheCondition(t *testing.T) {
	s := &spy{}
	looks := 0
	if !s.ended(func() { Eventually(s, func() bool { looks++; s.FailNow(); return true }, limit, tick) }) || looks != 1 {
		t.Error("the test went on")
	}
	mustContain(t, strings.Join(s.logs, "\n"), "check 1 ended by a panic or FailNow inside the condition")
}

func TestAPanicOfTheConditionIsOneOfTheTest(t *testing.T) {
	for name, call := range map[string]func(){
		"Eventually":      func() { Eventually(t, func() bool { panic("ouch") }, limit, tick) },
		"EventuallyWithT": func() { EventuallyWithT(t, func(*CollectT) { panic("ouch") }, limit, tick) },
		"on the way out": func() {
			EventuallyWithT(t, func(c *CollectT) {
				defer func() { panic("ouch") }()
				c.FailNow()
			}, limit, tick)
		},
	} {
		func() {
			defer func() {
				if p := recover(); p != "ouch" {
					t.Errorf("%s: panic = %v", name, p)
				}
			}()
			call()
		}()
	}
}

func TestTheMessageIsFormattedWhenTheAssertionFails(t *testing.T) {
	type state struct{ N int }
	for _, test := range []struct {
		message []any
		want    string
	}{
		{[]any{"plain 100%"}, "plain 100%"},
		{[]any{"%d of %d", 1, 2}, "1 of 2"},
		{[]any{&state{1}}, "&{N:1}"},
		{[]any{7, 8}, "7 8"}, // testify panics
		{[]any{"two\nlines"}, "two\n                lines"},
	} {
		s := &spy{}
		Eventually(s, always(false), 0, tick, test.message...)
		mustContain(t, s.text(), "message:    "+test.want)
	}
	s := &spy{}
	late := &state{}
	Eventually(s, func() bool { late.N = 5; return false }, 0, tick, "state %+v", late)
	mustContain(t, s.text(), "message:    state &{N:5}")
	s = &spy{}
	Eventually(s, always(false), 0, tick)
	if strings.Contains(s.text(), "message:") {
		t.Errorf("a message that nobody gave: %s", s.text())
	}
	Eventually(s, always(true), limit, tick, "%d", formatsNever{t})
}

// formatsNever fails its test if it is formatted.
type formatsNever struct{ t *testing.T }

func (f formatsNever) String() string {
	f.t.Error("the message of an assertion that passed was formatted")
	return ""
}

func TestAWaitForOfZeroLooksOnce(t *testing.T) {
	for _, waitFor := range []time.Duration{0, -time.Second} {
		for _, answer := range []bool{true, false} {
			looks := 0
			look := func() bool { looks++; return answer }
			if s := (&spy{}); Eventually(s, look, waitFor, tick) != answer || Never(s, look, waitFor, tick) == answer || looks != 2 {
				t.Errorf("waitFor %v, answer %v: %d looks, %s", waitFor, answer, looks, s.text())
			}
		}
	}
}

func TestMisuseFailsTheAssertion(t *testing.T) {
	for want, call := range map[string]func(s *spy) bool{
		"testify: the tick is -1s; give":            func(s *spy) bool { return Eventually(s, always(true), limit, -time.Second) },
		"was not awaited: misuse: the function":     func(s *spy) bool { return Eventually(s, nil, limit, tick) },
		"misuse: the function that is to":           func(s *spy) bool { return EventuallyWithT(s, nil, limit, tick) },
		"not awaited: misuse: the function that":    func(s *spy) bool { return Never(s, nil, limit, tick) },
		"misuse: On was given a nil Source (<nil>)": func(s *spy) bool { return On(nil).Never(s, always(false), limit, tick) },
	} {
		s := &spy{}
		if call(s) || len(s.errors) != 1 {
			t.Errorf("%q: %d errors", want, len(s.errors))
		}
		mustContain(t, s.text(), want)
	}
	if !Eventually(t, always(true), limit, 0) {
		t.Error("a tick of 0 is the back-off")
	}
}

func TestTheDeadlineOfTheTestBoundsWaitFor(t *testing.T) {
	s := &spy{deadline: time.Now()}
	if Eventually(s, always(false), time.Hour, tick) {
		t.Error("it passed")
	}
	mustContain(t, s.text(), "did not happen within 0s")
	if Eventually(bare{&spy{}}, always(false), time.Nanosecond, tick) { // no deadline to ask for, no Helper, no Logf
		t.Error("it passed")
	}
}

func TestWithASourceAMovedCallIsWokenByIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n eventually.Counter
		start := time.Now()
		for _, d := range []time.Duration{1500 * time.Microsecond, 123456 * time.Microsecond} {
			time.AfterFunc(d, func() { n.Add(1) })
		}
		looks := 0
		On(&n).RequireEventually(t, func() bool { looks++; return n.Load() == 2 }, limit, tick)
		if took := time.Since(start); took != 123456*time.Microsecond || looks != 3 {
			t.Errorf("%v, %d looks", took, looks)
		}
		On(&n).RequireEventuallyWithT(t, func(c *CollectT) { assert.EqualValues(c, 2, n.Load()) }, limit, tick)
		looks = 0
		With(eventually.PollEvery(300*time.Millisecond)).Never(t, func() bool { looks++; return false }, limit, tick)
		if looks != 5 { // the first, three ticks, and the end
			t.Errorf("PollEvery: %d looks", looks)
		}
	})
}

// quiet is a source that can prove that nothing happens any more.
type quiet struct{ eventually.Signal }

func (*quiet) Idle() (bool, string) { return true, "" }

func TestNeverWithSourcesThatAreIdleReturnsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		On(&quiet{}).RequireNever(t, always(false), time.Hour, tick)
		if took := time.Since(start); took != 0 {
			t.Errorf("took %v", took)
		}
	})
}

func TestARemarkOfTheEngineReachesTheTest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var silent, n eventually.Counter
		time.AfterFunc(time.Millisecond, func() { n.Add(1) })
		s := &spy{}
		if !On(&silent).Eventually(s, func() bool { return n.Load() == 1 }, limit, tick) {
			t.Error(s.text())
		}
		if len(s.logs) != 1 {
			t.Fatalf("%d remarks", len(s.logs))
		}
		mustContain(t, s.logs[0], "none of the sources given with On reported the change")
	})
}

func TestFailureTexts(t *testing.T) {
	for name, fail := range map[string]func(s *spy){
		"eventually": func(s *spy) {
			Eventually(s, always(false), limit, tick, "the server is not ready: %v", errors.New("port closed"))
		},
		"with-t": func(s *spy) {
			var size eventually.Counter
			time.AfterFunc(limit/2, func() { size.Add(3) })
			EventuallyWithT(s, func(c *CollectT) {
				n := size.Load()
				assert.EqualValues(c, 2, n, "size of the cache")
				require.Less(c, n, int64(3))
				assert.Fail(c, "not reached at the end")
			}, limit, tick, "the cache does not shrink")
		},
		"never": func(s *spy) {
			var n eventually.Counter
			time.AfterFunc(30*time.Millisecond, func() { n.Add(1) })
			On(&n).Never(s, func() bool { return n.Load() > 0 }, limit, tick, "an entry was evicted")
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &spy{}
			fail(s)
			golden(t, name, s.text())
		})
	}
}
