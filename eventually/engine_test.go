package eventually

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func goroutineID() string {
	buf := make([]byte, 64)
	header, _, _ := bytes.Cut(buf[:runtime.Stack(buf, false)], []byte(" ["))
	return string(header)
}

func TestTheConditionRunsOnTheGoroutineThatWaits(t *testing.T) {
	own, seen := goroutineID(), map[string]bool{}
	var c Counter
	go c.Add(1)
	Until(t, "counted", func() bool {
		seen[goroutineID()] = true
		return c.Load() == 1
	}, On(&c), FailFast(func() error { seen[goroutineID()] = true; return nil }), OnCheck(func(Attempt) { seen[goroutineID()] = true }))
	if len(seen) != 1 || !seen[own] {
		t.Errorf("called on %v, want only on %s", seen, own)
	}
}

func TestTheConditionRunsOnceEvenWithASpentBudget(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		spent := NewBudget(0)
		for _, answer := range []bool{true, false} {
			checks := 0
			r, err := Wait(t.Context(), "x", func() (bool, string, error) { checks++; return answer, "", nil }, WithinBudget(spent))
			if checks != 1 || r.Checks != 1 || answer == errors.Is(err, ErrTimeout) || r.Elapsed != 0 {
				t.Errorf("answer %v: %d checks, report %+v, err %v; want one check and at once", answer, checks, r, err)
			}
			if r.unprompted {
				t.Error("the first check was called the last of a long wait")
			}
		}
	})
}

func TestTheLastCheckAtTheLimitSeesWhatNoSourceReported(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		s := &spy{}
		var silent Counter
		start := time.Now()
		var changed atomic.Bool
		time.AfterFunc(time.Second, func() { changed.Store(true) })
		Until(s, "the flag is set", changed.Load, On(&silent), Within(3*time.Second))
		if d := time.Since(start); d != 3*time.Second {
			t.Errorf("took %v, want 3s", d)
		}
		_, remarks := s.texts()
		mustContain(t, remarks, `"the flag is set" was found true only by the last check, after the whole limit of 3s`, "(counter = 0)", "Name the source")
	})
}

func TestAnEventAtTheVeryMomentOfTheLimitIsNotCalledUnreported(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		for range 100 {
			s := &spy{}
			var c Counter
			time.AfterFunc(time.Second, func() { c.Add(1) })
			r := await(s, "counted", plainly(func() bool { return c.Load() == 1 }), configure([]Option{On(&c), Within(time.Second)}))
			if r.Err == nil && r.unprompted && r.Wakes[WokenByEvent] > 0 {
				t.Fatalf("unprompted though an event woke it: %+v", r)
			}
		}
	})
}

func TestARemarkNamesWakeUpsThatCouldNotPassTheWallOfTheBubble(t *testing.T) {
	var c Counter
	ask, answered := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(answered)
		<-ask
		c.Add(1)
	}()
	inBubble(t, func(t *testing.T) {
		s := &spy{}
		asked := false
		Until(s, "counted", func() bool {
			n := c.Load()
			if !asked {
				asked = true
				close(ask)
				<-answered
			}
			return n == 1
		}, On(&c))
		_, remarks := s.texts()
		mustContain(t, remarks, "could not pass the wall of this bubble (counter = 1: 1 from outside this bubble", "Start in the bubble")
	})
}

func TestNothingOutlivesAWaitHoweverItEnds(t *testing.T) {
	type thrown struct{}
	ends := map[string]func(t *testing.T, sources []Option){
		"success": func(t *testing.T, on []Option) { Until(t, "x", func() bool { return true }, on...) },
		"timeout": func(t *testing.T, on []Option) {
			failure(func(s *spy) { Until(s, "x", func() bool { return false }, on...) })
		},
		"panic": func(t *testing.T, on []Option) {
			defer func() {
				if _, ok := recover().(thrown); !ok {
					t.Error("the panic did not pass through as it was")
				}
			}()
			Until(t, "x", func() bool { panic(thrown{}) }, on...)
		},
		"FailNow": func(t *testing.T, on []Option) {
			done := make(chan struct{})
			go func() {
				defer close(done)
				Until(&spy{}, "x", func() bool { runtime.Goexit(); return false }, on...)
				t.Error("the wait went on after Goexit")
			}()
			<-done
		},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) { // which fails if a goroutine is left
				var c Counter
				rec := NewRecorder[int](nil)
				ch := Chan(make(chan int))
				ctx, cancel := context.WithCancel(t.Context())
				end(t, []Option{On(&c, rec, ch, Ctx(ctx)), Within(time.Second)})
				cancel()
				if n := c.Waiting() + rec.Waiting() + ch.changed.Waiting(); n != 0 {
					t.Errorf("%d registrations are left", n)
				}
			})
		})
	}
}

func TestAPanicInTheConditionIsRemarkedUponWithWhatWasAwaited(t *testing.T) {
	s := &spy{}
	mustPanic(t, "broken", func() { Until(s, "the door is open", func() bool { panic("broken") }) })
	_, remarks := s.texts()
	mustContain(t, remarks, `"the door is open": check 1 ended by a panic or FailNow inside the condition`)
}

func TestALimiterThatFiresWhileTheWaitEndsIsWaitedFor(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		for range 200 {
			Until(&spy{}, "x", func() bool { blockFor(time.Millisecond); return true }, Within(time.Millisecond))
		}
	})
}

func TestWaitReturnsAnErrorThatReadsByItself(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r, err := Wait(t.Context(), "the door is open", func() (bool, string, error) { return false, "closed", nil }, Within(time.Second))
		mustBe(t, err, ErrTimeout)
		if want := `eventually: "the door is open" did not happen within 1s (virtual)`; err.Error() != want {
			t.Errorf("err = %q, want %q", err, want)
		}
		if !errors.Is(r.Err, ErrTimeout) || len(r.Values) != 1 || r.Values[0].Text != "closed" {
			t.Errorf("report = %+v", r)
		}
	})
}

func TestWaitEndsWithAnErrorOfTheCondition(t *testing.T) {
	broken := errors.New("broken")
	r, err := Wait(context.Background(), "x", func() (bool, string, error) { return false, "", broken })
	mustBe(t, err, ErrFailFast, broken)
	if r.Checks != 1 {
		t.Errorf("%d checks, want 1", r.Checks)
	}
}

func TestWaitTellsHowASuccessWent(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var c Counter
		time.AfterFunc(time.Second, func() { c.Add(1) })
		r, err := Wait(t.Context(), "counted", func() (bool, string, error) { return c.Load() == 1, "", nil }, On(&c))
		if err != nil || r.String() != `eventually: "counted" happened after 1s (virtual), 2 checks` {
			t.Errorf("%v, %v", r, err)
		}
	})
}

func TestTheDeadlineOfTheTestIsRespected(t *testing.T) {
	r := await(&deadlined{at: time.Now().Add(time.Second)}, "x", plainly(func() bool { return true }), config{})
	if r.Limit <= 0 || r.Limit > 900*time.Millisecond {
		t.Errorf("limit = %v, want at most 90 %% of a second", r.Limit)
	}
	if r := await(&deadlined{at: time.Now().Add(time.Hour)}, "x", plainly(func() bool { return true }), config{}); r.Limit != DefaultLimit {
		t.Errorf("limit = %v with a far deadline, want %v", r.Limit, DefaultLimit)
	}
	if r := await(&deadlined{}, "x", plainly(func() bool { return true }), config{}); r.Limit != DefaultLimit {
		t.Errorf("limit = %v without a deadline, want %v", r.Limit, DefaultLimit)
	}
	if r := await(&deadlined{at: time.Now().Add(-time.Hour)}, "x", plainly(func() bool { return false }), config{}); r.Checks != 1 || r.Err == nil {
		t.Errorf("past the deadline: %+v", r)
	}
}

func TestTheDeadlineOfTheTestIsNotAskedForInABubble(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		d := &deadlined{}
		Until(d, "x", func() bool { return true })
		if d.asked {
			t.Error("Deadline was called; *testing.T panics then")
		}
	})
}

type deadlined struct {
	spy
	at    time.Time
	asked bool
}

func (d *deadlined) Deadline() (time.Time, bool) {
	d.asked = true
	return d.at, !d.at.IsZero()
}

// play re-executes the test binary in a role.
func play(role string, env ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), roleVariable+"="+role), env...)
	return cmd
}

func TestTheScaleVariableMultipliesLimitsAndBudgets(t *testing.T) {
	for value, want := range map[string][]string{
		"2":   {"20s 2h0m0s <nil>"},
		"":    {"10s 1h0m0s <nil>"},
		"two": {`misuse: EVENTUALLY_SCALE="two" is not a number above 0`},
	} {
		out, err := play("scale", ScaleVariable+"="+value).Output()
		if err != nil {
			t.Fatal(err)
		}
		mustContain(t, strings.TrimSpace(string(out)), want...)
	}
}
