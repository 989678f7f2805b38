package eventually

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/onsi/gomega"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestValueReturnsWhatWasAcceptedAndShowsHowItChanged(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var v Var[int]
		for i := range 3 {
			time.AfterFunc(time.Duration(i+1)*time.Second, func() { v.Set(i + 1) })
		}
		if got := Value(t, "two", v.Load, is(2), On(&v)); got != 2 {
			t.Errorf("got %d", got)
		}
		text := failure(func(s *spy) { Value(s, "nine", v.Load, is(9), On(&v)) })
		mustContain(t, text, "last check: 3 (since +1s)", "values:     2 → 3\n")
	})
}

func TestACheckEndsWithTheLookThatHasNoComplaint(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var v Var[int]
		for i := range 3 {
			time.AfterFunc(time.Duration(i+1)*time.Second, func() { v.Set(i + 1) })
		}
		checks := map[string]func(c *C){
			"assert":  func(c *C) { assert.Equal(c, 3, v.Load()) },
			"require": func(c *C) { require.Equal(c, 3, v.Load()); require.True(c, v.Load() > 2) },
			"gomega":  func(c *C) { gomega.NewWithT(c).Expect(v.Load()).To(gomega.Equal(3)) },
			"own": func(c *C) {
				c.Helper()
				if v.Load() != 3 {
					c.Fatalf("it is %d", v.Load())
				}
			},
			"bare FailNow": func(c *C) {
				if v.Load() != 3 {
					c.FailNow()
				}
			},
		}
		var all sync.WaitGroup
		for name, f := range checks {
			all.Go(func() {
				start := time.Now()
				Check(t, name, f, On(&v))
				if d := time.Since(start); d != 3*time.Second {
					t.Errorf("%s: took %v, want 3s", name, d)
				}
			})
		}
		all.Wait()
		for part, f := range map[string]func(c *C){
			"last check: Expected\n                    <int>: 3\n": func(c *C) { gomega.NewWithT(c).Expect(v.Load()).To(gomega.Equal(4)) },
			"last check: it is 3; twice\n":                         func(c *C) { c.Errorf("it is %d", v.Load()); c.Fatalf("twice") },
			"last check: false\n":                                  func(c *C) { c.FailNow() },
		} {
			text := failure(func(s *spy) { Check(s, "x", f, On(&v)) })
			mustContain(t, strings.ReplaceAll(text, "                <int>", "                    <int>"), part)
		}
	})
}

func TestAPanicInACheckPassesThrough(t *testing.T) {
	mustPanic(t, "broken", func() { Check(&spy{}, "x", func(*C) { panic("broken") }) })
	other := &C{}
	mustPanic(t, "", func() { Check(&spy{}, "x", func(*C) { other.FailNow() }) }) // a C of another wait
}

func TestComplaintsOfTestifyAreCutToWhatDiffers(t *testing.T) {
	c := &C{}
	assert.Equal(c, []int{1}, []int{2}, "the %s", "list")
	got := c.String()
	if !strings.HasPrefix(got, "the list\nNot equal:\n") || strings.Contains(got, "Error Trace") || strings.Contains(got, "value_test.go") {
		t.Errorf("complaint = %q", got)
	}
	if got := complaint("\n\tError: is a word of mine"); !strings.Contains(got, "is a word of mine") {
		t.Errorf("complaint = %q", got)
	}
}

func TestShow(t *testing.T) {
	for want, v := range map[string]any{"nil": nil, "gone": errors.New("gone"), `"a b"`: "a b", "{Kind:x}": struct{ Kind string }{"x"}, "1s": time.Second} {
		if got := show(v); got != want {
			t.Errorf("show(%#v) = %s, want %s", v, got, want)
		}
	}
}

func TestRoundKeepsWhatIsRead(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 999: "999ns", 12345: "12.35µs", 123456789: "123.5ms", 3723 * time.Second: "1h2m3s", time.Second: "1s", -12345: "-12.35µs",
	} {
		if got := round(d).String(); got != want {
			t.Errorf("round(%d) = %s, want %s", d, got, want)
		}
	}
}

func TestOneLineNeverCutsARune(t *testing.T) {
	if got := oneLine(" a\nb "); got != "a ⏎ b" {
		t.Errorf("got %q", got)
	}
	for n := range 4 {
		text := strings.Repeat("x", n) + strings.Repeat("é€", 60)
		if got := oneLine(text); strings.ContainsRune(got, '\uFFFD') || !strings.Contains(got, "bytes)") {
			t.Errorf("got %q", got)
		}
	}
}

func TestAReportKeepsTheFirstAndTheLatestValues(t *testing.T) {
	r := &Report{}
	for i := range 20 {
		r.note(time.Duration(i), false, string(rune('a'+i)))
		r.note(time.Duration(i), false, string(rune('a'+i))) // no change
	}
	if got, want := r.values(), "a → … 12 more … → n → o → p → q → r → s → t"; got != want || r.Changes != 20 {
		t.Errorf("values = %q of %d, want %q", got, r.Changes, want)
	}
}

func TestVarHoldsItsZeroValueAtFirst(t *testing.T) {
	var v Var[[]int]
	if v.Load() != nil || v.String() != "variable = []" {
		t.Errorf("Load() = %v, String() = %q", v.Load(), v.String())
	}
	v.Set([]int{1})
	if got := v.Update(func(old []int) []int { return append(slices.Clone(old), 2) }); !slices.Equal(got, []int{1, 2}) || !slices.Equal(v.Load(), got) {
		t.Errorf("got %v, Load() = %v", got, v.Load())
	}
}

func TestUpdateIsOneStepUnderContention(t *testing.T) {
	var v Var[int]
	var c Counter
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 500 {
				v.Update(func(n int) int { return n + 1 })
				c.Add(2)
			}
		})
	}
	Until(t, "all are counted", func() bool { return v.Load() == 4000 && c.Load() == 8000 }, On(&v, &c), Within(time.Hour))
	all.Wait()
	if c.String() != "counter = 8000" {
		t.Errorf("String() = %q", c.String())
	}
}

func TestUpdateRunsAgainWhenTheValueChangedMeanwhile(t *testing.T) {
	var v Var[int]
	runs := 0
	v.Update(func(n int) int {
		if runs++; runs == 1 {
			v.Set(10) // no lock is held
		}
		return n + 1
	})
	if runs != 2 || v.Load() != 11 {
		t.Errorf("%d runs, value %d; want 2, 11", runs, v.Load())
	}
}

func TestASignalFromInsideTheBubbleWakesAtOnce(t *testing.T) {
	var s Signal
	synctest.Test(t, func(t *testing.T) {
		var ready atomic.Bool
		time.AfterFunc(time.Second, func() { ready.Store(true); s.Broadcast() })
		r, err := Wait(t.Context(), "ready", func() (bool, string, error) { return ready.Load(), "", nil }, On(&s))
		if n, last := s.Outside(); err != nil || r.Elapsed != time.Second || n != 0 || last != "" {
			t.Errorf("%+v, %v, outside %d %s", r, err, n, last)
		}
	})
}
