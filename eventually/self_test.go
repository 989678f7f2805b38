package eventually

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// Reading a cache emits a hit or a miss: such a condition must not wake its own
// wait for ever. In a bubble that kept time from moving.
func TestAConditionThatReportsSomethingDoesNotWakeItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var looks Counter
		var ready atomic.Bool
		start := time.Now()
		time.AfterFunc(time.Second, func() {
			ready.Store(true)
			looks.Broadcast()
		})
		r, err := Wait(context.Background(), "it is ready", func() (bool, string, error) {
			looks.Add(1) // what the condition does is reported by its own source
			return ready.Load(), "", nil
		}, On(&looks))
		if err != nil || time.Since(start) != time.Second {
			t.Errorf("err = %v after %v, want nil after exactly 1s", err, time.Since(start))
		}
		if r.Checks > 4 {
			t.Errorf("%d checks; the wait woke itself", r.Checks)
		}
	})
}

func TestAConditionThatReportsSomethingStillHearsOthers(t *testing.T) {
	for range 500 {
		var state, noise Counter
		go func() {
			state.Add(1)
			noise.Broadcast()
		}()
		if _, err := Wait(context.Background(), "the other goroutine has been heard", func() (bool, string, error) {
			noise.Add(1)
			return state.Load() == 1, "", nil
		}, On(&noise)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestNeverIsProvenIdleThoughItsConditionReportsSomething(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var idle alwaysIdle
		start := time.Now()
		Never(t, "it happens", func() bool { idle.Broadcast(); return false }, On(&idle))
		if took := time.Since(start); took != 0 {
			t.Errorf("Never burnt %v of its window", took)
		}
	})
}

type alwaysIdle struct{ Signal }

func (*alwaysIdle) Idle() (bool, string) { return true, "" }

// The condition makes another goroutine report something at every look.
func TestABubbleGetsOnThoughEveryLookCausesAnEventElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var echo Counter
		asked := make(chan struct{})
		done := make(chan struct{})
		go func() {
			defer close(done)
			for range asked {
				echo.Add(1)
			}
		}()
		start := time.Now()
		_, err := Wait(context.Background(), "a second has passed", func() (bool, string, error) {
			asked <- struct{}{}
			return time.Since(start) >= time.Millisecond, "", nil
		}, On(&echo))
		close(asked)
		<-done
		if err != nil || time.Since(start) > 2*time.Millisecond {
			t.Errorf("err = %v after %v", err, time.Since(start))
		}
	})
}
