package fakeclock_test

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sleepless-go/sleepless/fakeclock"
	"github.com/sleepless-go/sleepless/foundation/clock"
)

func TestCallbacksHaveReturnedWhenAdvanceReturns(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		f := fakeclock.New()
		var at []time.Duration // unguarded: the race detector checks the claim
		start := f.Now()
		for i := range 200 {
			f.AfterFunc(time.Duration(i/2)*time.Second, func() { at = append(at, f.Now().Sub(start)) })
			f.Advance(0)
		}
		f.Advance(time.Hour)
		mustEqual(t, "callbacks", len(at), 200)
		mustEqual(t, "in order", slices.IsSorted(at), true)
	})
}

func TestTimersArmedByCallbacksFireInTheSameAdvance(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		f := fakeclock.New()
		start := f.Now()
		var at []time.Duration
		var again func()
		again = func() {
			if at = append(at, f.Now().Sub(start)); len(at) < 5 {
				f.AfterFunc(time.Second, again)
			}
		}
		f.AfterFunc(time.Second, again)
		f.Advance(3500 * time.Millisecond)
		mustEqual(t, "fired", fmt.Sprint(at), "[1s 2s 3s]")
		mustEqual(t, "Now", f.Now().Sub(start), 3500*time.Millisecond)
	})
}

func TestAdvanceFromACallbackPanics(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		f := fakeclock.New()
		var texts []string
		f.AfterFunc(time.Second, func() {
			texts = append(texts,
				panicText(t, func() { f.Advance(time.Second) }),
				panicText(t, func() { f.Next() }),
				panicText(t, func() { _, _ = f.AdvanceUntilIdle() }))
		})
		f.Advance(time.Second)
		mustContain(t, texts[0], "Advance called from a callback that the clock waits for", "armed by fakeclock_test.TestAdvanceFromACallbackPanics", "Detached")
		mustContain(t, texts[1], "Next called from a callback")
		mustContain(t, texts[2], "AdvanceUntilIdle called from a callback")
		f.Advance(time.Second) // still works
	})
}

func TestCallbackStartedAtOnceMayNotAdvanceEither(t *testing.T) {
	f := fakeclock.New()
	text := make(chan string)
	f.AfterFunc(0, func() { text <- panicText(t, func() { f.Advance(0) }) })
	mustContain(t, <-text, "Advance called from a callback")
}

func TestCallbackMayAdvanceAnotherClock(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		f, g := fakeclock.New(), fakeclock.New()
		g.AfterFunc(time.Second, func() {})
		f.AfterFunc(time.Second, func() { g.Advance(time.Second) })
		f.Advance(time.Second)
		mustEqual(t, "other clock's nanoseconds", g.Nanos(), int64(time.Second))
	})
}

func TestDetachedCallbackIsNotWaitedFor(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		f := fakeclock.New()
		gate, done := make(chan struct{}), make(chan struct{})
		f.Detached().AfterFunc(time.Second, func() {
			defer close(done)
			<-gate
			f.Advance(time.Second) // nobody waits for this callback, so it may
		})
		f.Advance(time.Second)
		idle, busy := f.Idle()
		mustEqual(t, "Idle while it runs", idle, false)
		mustContain(t, busy, "running: callback of afterfunc (1s) armed by fakeclock_test.TestDetachedCallbackIsNotWaitedFor")
		close(gate)
		<-done
		mustEqual(t, "nanoseconds", f.Nanos(), int64(2*time.Second))
	})
}

func TestConcurrentAdvancesFollowOneAnother(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		f := fakeclock.New()
		release, entered := make(chan struct{}), make(chan struct{})
		f.AfterFunc(time.Second, func() {
			close(entered)
			<-release
		})
		first, second := make(chan int64), make(chan int64)
		go func() {
			f.Advance(time.Second)
			first <- f.Nanos()
		}()
		<-entered
		go func() {
			f.Advance(time.Minute)
			second <- f.Nanos()
		}()
		// Arming does not wait for either.
		timer := f.NewTimer(time.Minute)
		mustEqual(t, "Stop", timer.Stop(), true)
		mustEqual(t, "Now while waiting", f.Nanos(), int64(time.Second))
		close(release)
		<-first
		mustEqual(t, "nanoseconds after the second", <-second, int64(61*time.Second))
	})
}

func TestAdvanceBeyondTheEndOfTimePanics(t *testing.T) {
	f := fakeclock.New()
	f.Advance(1 << 62)
	mustContain(t, panicText(t, func() { f.Advance(1 << 62) }), "cannot be more than 292 years")
	mustEqual(t, "nanoseconds", f.Nanos(), int64(1<<62))
	f.Advance(time.Second)
}

func TestTimersAtTheEndOfTimeDoNotOverflow(t *testing.T) {
	f := fakeclock.New()
	f.Advance(time.Hour)
	timer := f.NewTimer(1<<63 - 1)
	f.NewTicker(1 << 62)
	mustEqual(t, "live", len(f.Timers()), 2)
	f.Next()
	mustEqual(t, "the ticker cannot tick again", len(f.Timers()), 1)
	mustEqual(t, "fired", ready(timer.C), false)
	f.Next()
	mustEqual(t, "fired", ready(timer.C), true)
	_, ok := f.Next()
	mustEqual(t, "another instant", ok, false)
}

func TestNextGoesFromInstantToInstant(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		f := fakeclock.New()
		a, b, c := f.NewTimer(time.Second), f.NewTimer(time.Second), f.NewTimer(time.Minute)
		moved, ok := f.Next()
		mustEqual(t, "moved", moved, time.Second)
		mustEqual(t, "ok", ok, true)
		mustEqual(t, "both fired, the third not", ready(a.C) && ready(b.C) && !ready(c.C), true)
		moved, _ = f.Next()
		mustEqual(t, "moved", moved, 59*time.Second)
		moved, ok = f.Next()
		mustEqual(t, "moved without timers", moved, 0)
		mustEqual(t, "ok without timers", ok, false)
	})
}

func TestRunStopsWhenItsConditionIsTrue(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		f := fakeclock.New()
		n := 0
		var again func()
		again = func() {
			n++
			f.AfterFunc(time.Second, again)
		}
		f.AfterFunc(time.Second, again)
		if err := f.Run(func() bool { return n == 5 }); err != nil {
			t.Fatal(err)
		}
		mustEqual(t, "nanoseconds", f.Nanos(), int64(5*time.Second))
		if err := f.Run(func() bool { return true }); err != nil {
			t.Fatal(err)
		}
		mustEqual(t, "nanoseconds", f.Nanos(), int64(5*time.Second))
	})
}

// TestRunWaitsForWorkersToArmAgain has a goroutine that arms one timer after
// another, which Run overtakes unless it lets it run.
func TestRunWaitsForWorkersToArmAgain(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		f := fakeclock.New()
		done := make(chan struct{})
		go func() {
			defer close(done)
			for range 50 {
				clock.Sleep(f, time.Second)
			}
		}()
		err := f.Run(func() bool { return f.Nanos() == int64(50*time.Second) })
		if err != nil {
			t.Fatal(err)
		}
		<-done
	})
}

func TestRunSaysThatNoTimerIsLeft(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		f := fakeclock.New()
		f.NewTimer(time.Second)
		err := f.Run(func() bool { return false })
		mustEqual(t, "is ErrNoTimer", errors.Is(err, fakeclock.ErrNoTimer), true)
		mustContain(t, err.Error(), "at 2000-01-01T00:00:01Z after 1 instants", "SettleWith")
	})
}

func TestRunSaysWhatLoops(t *testing.T) {
	f := fakeclock.New(fakeclock.LoopLimit(20))
	f.Tagged("spin").NewTicker(time.Second)
	err := f.Run(func() bool { return false })
	mustEqual(t, "is ErrLoop", errors.Is(err, fakeclock.ErrLoop), true)
	mustContain(t, err.Error(), "passed 20 instants", `ticker in 1s, every 1s, tag "spin", armed by fakeclock_test.TestRunSaysWhatLoops`)
}

func TestAdvanceUntilIdleIgnoresTickersAndBackgroundTimers(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		f := fakeclock.New()
		ticks := 0
		var janitor func()
		bg := f.Background("janitor")
		janitor = func() {
			ticks++
			bg.AfterFunc(time.Second, janitor)
		}
		bg.AfterFunc(time.Second, janitor)
		ticker := f.NewTicker(10 * time.Second)
		defer ticker.Stop()
		timer := f.NewTimer(10500 * time.Millisecond)
		moved, err := f.AdvanceUntilIdle()
		if err != nil {
			t.Fatal(err)
		}
		mustEqual(t, "moved", moved, 10500*time.Millisecond)
		mustEqual(t, "background fires on the way", ticks, 10)
		mustEqual(t, "ticker ticked on the way", ready(ticker.C), true)
		mustEqual(t, "timer fired", ready(timer.C), true)
		moved, err = f.AdvanceUntilIdle()
		mustEqual(t, "moved when idle", moved, 0)
		mustEqual(t, "error when idle", err, nil)
	})
}

func TestAdvanceUntilIdleSaysWhatLoops(t *testing.T) {
	f := fakeclock.New(fakeclock.LoopLimit(100))
	var again func()
	again = func() { f.Tagged("loop").AfterFunc(time.Second, again) }
	again()
	moved, err := f.AdvanceUntilIdle()
	mustEqual(t, "is ErrLoop", errors.Is(err, fakeclock.ErrLoop), true)
	mustEqual(t, "moved", moved, 100*time.Second)
	mustContain(t, err.Error(), "fired 100 timers and moved by 1m40s", `afterfunc armed at advance_test.go:`, `(1s, tag "loop")`)
}

// TestLoopAtOneInstantIsNamed has a callback that arms itself with 0, which
// never lets time pass.
func TestLoopAtOneInstantIsNamed(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		f := fakeclock.New(fakeclock.LoopLimit(50))
		quit := make(chan struct{})
		over := make(chan struct{})
		var again func()
		again = func() {
			select {
			case <-quit:
				close(over)
			default:
				f.Tagged("loop").AfterFunc(0, again)
			}
		}
		f.AfterFunc(time.Second, again)
		text := panicText(t, func() { f.Advance(time.Second) })
		close(quit)
		<-over
		mustContain(t, text, "at one instant (2000-01-01T00:00:01Z) more than 50 functions", `(0s, tag "loop")`, "advance_test.go:")
		f.Advance(time.Second)
	})
}

func TestAnHourOfMillisecondTicksIsNoLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := fakeclock.New(fakeclock.LoopLimit(1000))
		ticker := f.NewTicker(time.Millisecond)
		n, quit := 0, make(chan struct{})
		go func() {
			for {
				select {
				case <-ticker.C:
					n++
				case <-quit:
					return
				}
			}
		}()
		f.Advance(10 * time.Second)
		close(quit)
		mustEqual(t, "ticks", n, 10_000)
	})
}

func TestManyTimersAtOneInstantAreNoLoop(t *testing.T) {
	f := fakeclock.New(fakeclock.LoopLimit(10))
	n := 0
	for range 100 {
		f.AfterFunc(time.Second, func() { n++ })
	}
	f.Advance(time.Second)
	mustEqual(t, "fired", n, 100)
}

func TestFakeMadeInABubbleLetsGoroutinesArmFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := fakeclock.New()
		woke := false
		go func() {
			clock.Sleep(f, time.Second)
			woke = true
		}()
		f.Advance(time.Second)
		mustEqual(t, "woke", woke, true)
	})
}

// TestTwoClocksOfABubbleMaySettleAtOnce: synctest.Wait panics in one of two
// goroutines that call it, and both clocks do.
func TestTwoClocksOfABubbleMaySettleAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		total := make(chan int, 2)
		for range 2 {
			go func() {
				f, n := fakeclock.New(), 0
				for i := range 200 {
					f.AfterFunc(time.Duration(i)*time.Second, func() { n++ })
				}
				f.Advance(time.Hour)
				total <- n
			}()
		}
		mustEqual(t, "fired", <-total+<-total, 400)
	})
}

func TestGoexitInACallbackEndsIt(t *testing.T) {
	f := fakeclock.New()
	f.AfterFunc(time.Second, runtime.Goexit) // as t.FailNow does
	f.Advance(time.Second)
	idle, _ := f.Idle()
	mustEqual(t, "idle", idle, true)
}
