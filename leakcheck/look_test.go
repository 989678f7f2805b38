package leakcheck

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sleepless-go/sleepless/internal/stacks"
)

// actor is a goroutine of a world that tests make up.
type actor struct {
	id         uint64
	born, ends time.Duration // from the start; ends 0: never
	state      string
	moves      bool // is somewhere else at each look
	provable   bool
	proven     bool // by a collection that has seen it
	settles    time.Duration
}

// stage is such a world. Time passes only when the check pauses.
type stage struct {
	actors []*actor
	at     time.Duration
	looks  int
	proofs int
	pauses []time.Duration
	cannot bool          // prove
	slow   time.Duration // what passes after a look
}

func (s *stage) world() world {
	epoch := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	return world{
		dump:  func() []stacks.Goroutine { s.looks++; defer func() { s.at += s.slow }(); return s.dump() },
		prove: s.prove,
		now:   func() time.Time { return epoch.Add(s.at) },
		yield: func() {},
		pause: func(d time.Duration) { s.at += d; s.pauses = append(s.pauses, d) },
	}
}

func (s *stage) dump() []stacks.Goroutine {
	var out []stacks.Goroutine
	for _, a := range s.actors {
		if s.at < a.born || a.ends > 0 && s.at >= a.ends {
			continue
		}
		line := 10
		if a.moves {
			line += s.looks
		}
		state, leaked := a.state, ""
		if s.at < a.settles {
			state = "runnable"
		}
		if a.proven {
			leaked = " (leaked)"
		}
		text := fmt.Sprintf("goroutine %d [%s%s]:\nexample.com/cache.(*Cache).janitor(0x1)\n\t/src/cache.go:%d +0x1\ncreated by example.com/cache.New in goroutine 7\n\t/src/cache.go:5 +0x1", a.id, state, leaked, line)
		out = append(out, stacks.ParseHeads(text)...)
	}
	return out
}

func (s *stage) prove() ([]stacks.Goroutine, bool) {
	if s.cannot {
		return nil, false
	}
	s.proofs++
	for _, a := range s.actors {
		if a.provable && s.at >= a.settles {
			a.proven = true
		}
	}
	return s.dump(), true
}

func (s *stage) check(opts ...Option) *Report {
	k := newCheck(configure(opts), everything{})
	k.world = s.world()
	return k.run()
}

const first = 1 << 40 // ids that no real goroutine has

func TestAProvenLeakIsReportedWithoutWaiting(t *testing.T) {
	s := &stage{actors: []*actor{{id: first, state: "chan receive", provable: true}}}
	r := s.check()
	if r.Proven() != 1 || len(s.pauses) != 0 || r.GCs != 1 {
		t.Errorf("pauses %v, report:\n%s", s.pauses, r)
	}
}

func TestWithoutTheProfileOrWithNoGCNothingIsProven(t *testing.T) {
	for name, opts := range map[string][]Option{"no profile": nil, "NoGC": {NoGC()}} {
		s := &stage{actors: []*actor{{id: first, state: "chan receive", provable: true}}, cannot: opts == nil}
		r := s.check(opts...)
		if len(r.Goroutines) != 1 || r.Goroutines[0].Verdict != Blocked || s.at != DefaultGrace || s.proofs != 0 {
			t.Errorf("%s: after %v:\n%s", name, s.at, r)
		}
	}
}

// A goroutine may be on its way to the place where it will block for ever.
func TestALeakThatIsNotBlockedYetIsProvenSoonAfter(t *testing.T) {
	s := &stage{actors: []*actor{{id: first, state: "select", provable: true, settles: 2 * time.Millisecond}}}
	r := s.check()
	if r.Proven() != 1 || s.at > 10*time.Millisecond {
		t.Errorf("after %v:\n%s", s.at, r)
	}
}

func TestAProvenLeakDoesNotShortenTheGraceOfOthers(t *testing.T) {
	s := &stage{actors: []*actor{
		{id: first, state: "chan receive", provable: true},
		{id: first + 1, state: "chan receive", ends: 499 * time.Millisecond},
	}}
	r := s.check()
	if len(r.Goroutines) != 1 || r.Proven() != 1 {
		t.Errorf("after %v:\n%s", s.at, r)
	}
}

func TestAGoroutineThatEndsWithinTheGraceIsNoLeak(t *testing.T) {
	for _, grace := range []time.Duration{time.Nanosecond, time.Millisecond, 77 * time.Millisecond, DefaultGrace, 10 * time.Second} {
		for _, state := range []string{"running", "sleep", "chan receive"} {
			s := &stage{actors: []*actor{{id: first, state: state, ends: grace}, {id: first + 1, state: state, born: grace / 3, ends: grace/2 + 1}}}
			if r := s.check(Within(grace)); r.Leaked() {
				t.Errorf("%s, within %v:\n%s", state, grace, r)
			}
			s = &stage{actors: []*actor{{id: first, state: state, ends: grace + 1}}}
			if r := s.check(Within(grace)); len(r.Goroutines) != 1 || s.at != grace {
				t.Errorf("%s, a nanosecond late for %v, after %v:\n%s", state, grace, s.at, r)
			}
		}
	}
}

func TestACheckLooksADozenTimesAtMost(t *testing.T) {
	s := &stage{actors: []*actor{{id: first, state: "select"}, {id: first + 1, state: "select", moves: true}}}
	r := s.check()
	if s.looks > 13 || s.proofs > maxProofs {
		t.Errorf("%d looks, %d proofs; pauses %v", s.looks, s.proofs, s.pauses)
	}
	if r.Looks != s.looks+s.proofs || r.GCs != s.proofs {
		t.Errorf("the report counts %d looks and %d collections, there were %d and %d", r.Looks, r.GCs, s.looks+s.proofs, s.proofs)
	}
}

// The dump is from before the goroutine ended, the verdict from after the grace.
func TestTheLastLookBeginsWhenTheGraceIsOver(t *testing.T) {
	for _, slow := range []time.Duration{DefaultGrace / 3, DefaultGrace, 2 * DefaultGrace} {
		s := &stage{actors: []*actor{{id: first, state: "chan receive", ends: DefaultGrace}}, cannot: true, slow: slow}
		if r := s.check(); r.Leaked() {
			t.Errorf("looks take %v, and a goroutine that ended within the grace is a leak:\n%s", slow, r)
		}
	}
}

// On a starved machine the whole grace may pass between two looks.
func TestALeakThatBlocksLateIsStillCalledBlocked(t *testing.T) {
	s := &stage{actors: []*actor{{id: first, state: "chan receive", settles: DefaultGrace}}, cannot: true}
	if r := s.check(); len(r.Goroutines) != 1 || r.Goroutines[0].Verdict != Blocked {
		t.Errorf("%s", r)
	}
}

func TestVerdicts(t *testing.T) {
	for name, c := range map[string]struct {
		actor actor
		want  Verdict
	}{
		"blocked where it was":  {actor{state: "chan receive"}, Blocked},
		"blocked, but it moves": {actor{state: "chan receive", moves: true}, Running},
		"asleep":                {actor{state: "sleep"}, Running},
		"running":               {actor{state: "running"}, Running},
		"in a system call":      {actor{state: "syscall"}, Running},
		"waiting for I/O":       {actor{state: "IO wait"}, Blocked},
		"out of reach":          {actor{state: "select", provable: true}, Proven},
	} {
		c.actor.id = first
		s := &stage{actors: []*actor{&c.actor}}
		r := s.check()
		if len(r.Goroutines) != 1 || r.Goroutines[0].Verdict != c.want {
			t.Errorf("%s: want %v, got:\n%s", name, c.want, r)
		}
	}
}

func TestOneLookIsEnoughWithoutAGrace(t *testing.T) {
	s := &stage{actors: []*actor{{id: first, state: "chan receive"}}, cannot: true}
	r := s.check(Within(0))
	if len(r.Goroutines) != 1 || r.Goroutines[0].Verdict != Blocked || s.looks != 1 || len(s.pauses) != 0 {
		t.Errorf("%d looks, pauses %v:\n%s", s.looks, s.pauses, r)
	}
}

func TestEachOptionIgnoresWhatItNames(t *testing.T) {
	for name, o := range map[string]Option{
		"IgnoreFunc":    IgnoreFunc("example.com/cache.(*Cache).janitor"),
		"IgnoreTop":     IgnoreTop("example.com/cache.(*Cache).janitor"),
		"IgnoreCreator": IgnoreCreator("example.com/cache.New"),
		"Ignore":        Ignore(func(g Goroutine) bool { return g.ID == first && g.Parent == 7 }),
		"Since":         Since(&Baseline{ids: map[uint64]bool{first: true}}),
	} {
		s := &stage{actors: []*actor{{id: first, state: "select"}}}
		if r := s.check(o); r.Leaked() {
			t.Errorf("%s:\n%s", name, r)
		}
	}
	for name, o := range map[string]Option{
		"IgnoreFunc":    IgnoreFunc("example.com/cache.(*Cache).other"),
		"IgnoreTop":     IgnoreTop("example.com/cache"),
		"IgnoreCreator": IgnoreCreator("example.com/cache.(*Cache).janitor"),
		"Ignore":        Ignore(func(Goroutine) bool { return false }),
		"Since":         Since(&Baseline{ids: map[uint64]bool{first + 1: true}}),
		"nil":           nil,
	} {
		s := &stage{actors: []*actor{{id: first, state: "select"}}}
		if r := s.check(o); len(r.Goroutines) != 1 {
			t.Errorf("%s ignores something else:\n%s", name, r)
		}
	}
}

func TestMisuseOfAnOptionIsReportedAndNothingIsFoundCleanByIt(t *testing.T) {
	for name, o := range map[string]Option{
		"leakcheck: Ignore was given a nil function": Ignore(nil),
		"leakcheck: Since was given a nil baseline":  Since(nil),
		"leakcheck: Within(-1s)":                     Within(-time.Second),
		`leakcheck: Arbiter("x") was given a nil`:    Arbiter("x", nil),
		"leakcheck: Memory was given a nil function": Memory(nil),
	} {
		s := &stage{}
		r := s.check(o)
		if !r.Leaked() || r.Err() == nil || errors.Is(r.Err(), ErrLeak) {
			t.Errorf("%s: leaked %v, error %v", name, r.Leaked(), r.Err())
		}
		mustContain(t, r.String(), name)
	}
}

func TestAnArbiterDecides(t *testing.T) {
	leaking := func() *stage { return &stage{actors: []*actor{{id: first, state: "select"}}} }
	no := Arbiter("judge", func() error { return nil })
	guilty := errors.New("guilty as charged")
	yes := Arbiter("judge", func() error { return guilty })
	if r := leaking().check(no); r.Leaked() || r.Err() != nil {
		t.Errorf("acquitted, and yet:\n%s", r)
	}
	if r := leaking().check(no, yes); !errors.Is(r.Err(), guilty) || !errors.Is(r.Err(), ErrLeak) {
		t.Errorf("sentenced by one of two, and yet: %v", r.Err())
	}
	r := (&stage{}).check(yes)
	mustContain(t, r.Err().Error(), "judge: guilty as charged")
}

func TestWhatAnArbiterLetsPassIsNotInTheReportOfOtherLeaks(t *testing.T) {
	text := during("TestX", func(s *spy) {
		Check(s, Within(0), Arbiter("judge", func() error { return nil }))
		garden(t).leak()
		Resource(s, "session")
	})
	mustContain(t, text, "TestX leaked 1 resource\n")
	if strings.Contains(text, "goroutine") {
		t.Errorf("acquitted, and yet:\n%s", text)
	}
}

func TestWhatAnArbiterLetsPassInACheckIsReportedByMain(t *testing.T) {
	before := TakeBaseline()
	text := during("TestX", func(s *spy) {
		Check(s, Within(0), Arbiter("judge", func() error { return nil }))
		garden(t).leak()
	})
	if text != "" {
		t.Errorf("acquitted, and yet:\n%s", text)
	}
	if r := newCheck(configure([]Option{Within(0), Since(before)}), unreported{}).run(); len(r.Goroutines) != 1 {
		t.Errorf("lost:\n%s", r)
	}
}

func TestGoroutinesThatRunTestsAreKnown(t *testing.T) {
	for creator, want := range map[string]bool{
		"testing.(*T).Run":                                            true,
		"testing.(*B).RunParallel":                                    true,
		"internal/synctest.Run":                                       true,
		"os/signal.NotifyContext":                                     false,
		"runtime/trace.Start":                                         true,
		"runtime/pprof.StartCPUProfile":                               true,
		"internal/fuzz.CoordinateFuzzing":                             true,
		"github.com/onsi/ginkgo/v2/internal.(*Suite).runNode":         true,
		"github.com/onsi/ginkgo/v2/internal/interrupt_handler.(*H).f": true,
		"github.com/onsi/ginkgo/v2x.f":                                false,
		"example.com/testing.Run":                                     false,
		"time.goFunc":                                                 false,
		"net/http.(*Transport).dialConn":                              false,
		"main.main":                                                   false,
	} {
		g := stacks.Goroutine{Creator: stacks.Frame{Function: creator, File: "x.go", Line: 1}, Frames: []stacks.Frame{{Function: "example.com/x.f"}}}
		if got := machinery(g); got != want {
			t.Errorf("created by %s: known = %v, want %v", creator, got, want)
		}
	}
	for frame, want := range map[string]bool{"os/signal.signal_recv": true, "runtime.runCleanups": true, "example.com/os/signal.loop": false} {
		g := stacks.Goroutine{Creator: stacks.Frame{Function: "example.com/x.f"}, Frames: []stacks.Frame{{Function: frame}}}
		if got := machinery(g); got != want {
			t.Errorf("in %s: known = %v, want %v", frame, got, want)
		}
	}
	creator := stacks.Frame{Function: "example.com/x.New", File: "x.go", Line: 1}
	for frames, want := range map[[2]string]bool{
		{"runtime.goexit1", "runtime.goexit"}:     true, // its last statement has run
		{"example.com/x.run", "runtime.goexit"}:   false,
		{"runtime.Goexit", "example.com/x.run"}:   false, // deferred functions are to run
		{"sync.(*WaitGroup).Done", "sync.(*x).y"}: false,
	} {
		g := stacks.Goroutine{Creator: creator, Frames: []stacks.Frame{{Function: frames[0]}, {Function: frames[1]}}}
		if got := machinery(g); got != want {
			t.Errorf("%v: machinery is %v, want %v", frames, got, want)
		}
	}
	if !machinery(stacks.Goroutine{Frames: []stacks.Frame{{Function: "main.main"}}}) {
		t.Error("the first goroutine would be a leak")
	}
}
