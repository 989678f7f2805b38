package fakeclock_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sleepless-go/sleepless/fakeclock"
	"github.com/sleepless-go/sleepless/foundation/clock"
)

// Each test here is named for a defect that was reproduced in another fake
// clock.

func TestBenbjohnsonResetWithoutDrainingDeadlocksTheClock(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		f := fakeclock.New()
		timer := f.NewTimer(time.Second)
		f.Advance(time.Second)
		mustEqual(t, "Reset of an unread timer", timer.Reset(time.Second), true)
		f.Advance(time.Second)
		f.Now()
		mustEqual(t, "fired", ready(timer.C), true)
	})
}

// TestBenbjohnsonContextErrRacesWithTheDeadline needs the race detector.
func TestBenbjohnsonContextErrRacesWithTheDeadline(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		f := fakeclock.New()
		ctx, cancel := clock.WithTimeout(t.Context(), f, time.Second)
		defer cancel()
		result := make(chan error)
		go func() {
			for range 100 {
				_ = ctx.Err()
			}
			<-ctx.Done()
			result <- ctx.Err()
		}()
		f.Advance(time.Second)
		mustEqual(t, "Err", <-result, context.DeadlineExceeded)
	})
}

func TestBenbjohnsonZeroTickerMakesAddEndless(t *testing.T) {
	f := fakeclock.New()
	mustContain(t, panicText(t, func() { f.NewTicker(0) }), "non-positive interval for NewTicker")
	ticker := f.NewTicker(time.Second)
	mustContain(t, panicText(t, func() { ticker.Reset(-1) }), "non-positive interval for Ticker.Reset")
	f.Advance(time.Minute)
}

func TestBenbjohnsonAfterFuncZeroWaitsForTheNextAdd(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		called := make(chan struct{})
		fakeclock.New().AfterFunc(0, func() { close(called) })
		<-called
	})
}

func TestBenbjohnsonNegativeAddGoesBack(t *testing.T) {
	f := fakeclock.New()
	mustContain(t, panicText(t, func() { f.Advance(-time.Hour) }), "Advance(-1h0m0s): time does not go back", "use Set")
	mustEqual(t, "nanoseconds", f.Nanos(), 0)
}

// countTicks counts what it receives until quit is closed.
func countTicks(c <-chan time.Time, quit <-chan struct{}, n *int) {
	for {
		select {
		case <-c:
			*n++
		case <-quit:
			if ready(c) {
				*n++
			}
			return
		}
	}
}

func TestBenbjohnsonAndQuartzLoseTicksOfAReadyReader(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		f := fakeclock.New(fakeclock.WithT(t))
		ticker := f.NewTicker(time.Second)
		n, quit, done := 0, make(chan struct{}), make(chan struct{})
		go func() {
			defer close(done)
			countTicks(ticker.C, quit, &n)
		}()
		f.Advance(1000 * time.Second)
		close(quit)
		<-done
		mustEqual(t, "dropped", f.Dropped(), 0)
		mustEqual(t, "received", n, 1000)
	})
}

func TestBenbjohnsonChildOfItsContextCostsAGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := fakeclock.New()
		before := goroutinesInBubble()
		ctx, cancel := clock.WithTimeout(t.Context(), f, time.Second)
		for range 20 {
			child, cancelChild := context.WithCancel(ctx)
			defer cancelChild()
			_, cancelGrandchild := clock.WithTimeout(child, f, time.Minute)
			defer cancelGrandchild()
			context.AfterFunc(child, func() {})
		}
		mustEqual(t, "goroutines", goroutinesInBubble(), before)
		cancel()
		synctest.Wait()
		mustEqual(t, "goroutines after cancel", goroutinesInBubble(), before)
		mustEqual(t, "timers after cancel", len(f.Timers()), 0)
	})
}

// goroutinesInBubble counts goroutines of bubbles. Tests that use it are not
// parallel, so they are those of one bubble.
func goroutinesInBubble() int {
	buf := make([]byte, 1<<20)
	return strings.Count(string(buf[:runtime.Stack(buf, true)]), ", synctest bubble ")
}

// TestBenbjohnsonSleepsOnEveryFire passes a bubble's time by: a clock that
// slept would move it.
func TestBenbjohnsonSleepsOnEveryFire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		f := fakeclock.New()
		for range 100 {
			f.AfterFunc(time.Second, func() {})
			f.NewTimer(time.Second)
		}
		ticker := f.NewTicker(time.Second)
		defer ticker.Stop()
		f.Advance(time.Minute)
		mustEqual(t, "time slept", time.Since(start), 0)
	})
}

// TestBenbjohnsonFiresAfterStopReturnedTrue stops timers while another
// goroutine fires them: each is either stopped or fired, never both or neither.
func TestBenbjohnsonFiresAfterStopReturnedTrue(t *testing.T) {
	f := fakeclock.New()
	const n = 500
	fired := make([]bool, n)
	timers := make([]*clock.Timer, n)
	for i := range n {
		timers[i] = f.AfterFunc(time.Duration(i+1)*time.Millisecond, func() { fired[i] = true })
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		f.Advance(time.Minute)
	}()
	stopped := make([]bool, n)
	for i := n - 1; i >= 0; i-- {
		stopped[i] = timers[i].Stop()
	}
	<-done
	for i := range n {
		if stopped[i] == fired[i] {
			t.Fatalf("timer %d: stopped %v, fired %v", i, stopped[i], fired[i])
		}
	}
}

func TestClockworkTickerResetArmsTwiceAndTicksAfterStop(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		f := fakeclock.New()
		ticker := f.NewTicker(time.Second)
		ticker.Reset(2 * time.Second)
		mustEqual(t, "live timers", len(f.Timers()), 1)
		mustEqual(t, "arm events", f.Arms(), 2)
		mustEqual(t, "tickers made", f.Arms(fakeclock.Op(fakeclock.OpNewTicker)), 1)
		ticker.Stop()
		f.Advance(time.Hour)
		mustEqual(t, "tick after Stop", ready(ticker.C), false)
		mustEqual(t, "live timers after Stop", len(f.Timers()), 0)
	})
}

func TestClockworkStaleValueAfterReset(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		f := fakeclock.New()
		timer := f.NewTimer(time.Second)
		f.Advance(time.Second)
		timer.Reset(time.Minute)
		mustEqual(t, "value from before Reset", ready(timer.C), false)
		ticker := f.NewTicker(time.Second)
		defer ticker.Stop()
		f.Advance(time.Second)
		ticker.Reset(time.Minute)
		mustEqual(t, "tick from before Reset", ready(ticker.C), false)
	})
}

func TestClockworkContextErrBlocksUntilDone(t *testing.T) {
	ctx, cancel := clock.WithTimeout(t.Context(), fakeclock.New(), time.Second)
	defer cancel()
	mustEqual(t, "Err", ctx.Err(), nil) // would hang
}

// TestClockworkCannotTellBeforeStopFromAfterReset: a count of live timers is 1
// in both cases, a count of armings is not.
func TestClockworkCannotTellBeforeStopFromAfterReset(t *testing.T) {
	f := fakeclock.New()
	timer := f.NewTimer(time.Second)
	go func() {
		timer.Stop()
		timer.Reset(time.Minute)
	}()
	if err := f.AwaitTimers(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	mustEqual(t, "deadline", f.Timers()[0].In, time.Minute)
}

func TestQuartzNonBlockingReceiveMissesAFiredTimer(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		for range 200 {
			f := fakeclock.New()
			timer := f.NewTimer(time.Second)
			f.Advance(time.Second)
			mustEqual(t, "fired", ready(timer.C), true)
		}
	})
}

func TestQuartzCannotAdvanceBeyondTheNextTimer(t *testing.T) {
	f := fakeclock.New()
	a, b := f.NewTimer(time.Second), f.NewTimer(time.Minute)
	f.Advance(time.Hour)
	mustEqual(t, "both fired", ready(a.C) && ready(b.C), true)
}

func TestK8sCallbackCallingNowDeadlocks(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		f := fakeclock.New()
		var now time.Time
		f.AfterFunc(time.Second, func() { now = f.Now() })
		f.Advance(time.Minute)
		mustEqual(t, "Now in the callback", now.Format(time.TimeOnly), "00:00:01")
	})
}

func TestK8sSecondFireOfAResetAfterFuncDeadlocks(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		f := fakeclock.New()
		n := 0
		timer := f.AfterFunc(time.Second, func() { n++ })
		f.Advance(time.Second)
		timer.Reset(time.Second)
		f.Advance(time.Second)
		mustEqual(t, "calls", n, 2)
	})
}

func TestK8sTickerStopIsANoOp(t *testing.T) {
	f := fakeclock.New()
	ticker := f.NewTicker(time.Second)
	ticker.Stop()
	f.Advance(time.Minute)
	mustEqual(t, "tick after Stop", ready(ticker.C), false)
}

func TestK8sZeroTimerWaitsForTheNextStep(t *testing.T) {
	mustEqual(t, "fired", ready(fakeclock.New().NewTimer(0).C), true)
}

// TestK8sAndCloudfoundryFireAtTheFinalTimeInOrderOfCreation has timers that are
// not created in the order of their instants.
func TestK8sAndCloudfoundryFireAtTheFinalTimeInOrderOfCreation(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		f := fakeclock.New()
		var fired []string
		for _, s := range []int{3, 1, 2} {
			f.AfterFunc(time.Duration(s)*time.Second, func() {
				fired = append(fired, fmt.Sprintf("%d at %s", s, f.Now().Format(time.TimeOnly)))
			})
		}
		timer := f.NewTimer(2 * time.Second)
		f.Advance(time.Minute)
		want := []string{"1 at 00:00:01", "2 at 00:00:02", "3 at 00:00:03"}
		mustEqual(t, "fired in order", slices.Equal(fired, want), true)
		mustEqual(t, "value", (<-timer.C).Format(time.TimeOnly), "00:00:02")
	})
}

func TestCloudfoundryStopReturnsTrueTwiceAndAfterFiring(t *testing.T) {
	f := fakeclock.New()
	timer := f.NewTimer(time.Second)
	mustEqual(t, "first Stop", timer.Stop(), true)
	mustEqual(t, "second Stop", timer.Stop(), false)
	timer.Reset(time.Second)
	f.Advance(time.Second)
	<-timer.C
	mustEqual(t, "Stop after the value was received", timer.Stop(), false)
	called := f.AfterFunc(time.Second, func() {})
	f.Advance(time.Second)
	mustEqual(t, "Stop after the call", called.Stop(), false)
}

func TestFacebookgoAddBlocksIfNobodyReceives(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		f := fakeclock.New()
		f.NewTimer(time.Second)
		ticker := f.NewTicker(time.Second)
		defer ticker.Stop()
		f.Advance(time.Minute) // would hang
		mustEqual(t, "seconds", f.Nanos(), int64(time.Minute))
	})
}
