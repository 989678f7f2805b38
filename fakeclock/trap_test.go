package fakeclock_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/sleepless-go/sleepless/fakeclock"
)

func mustNext(t testing.TB, trap *fakeclock.Trap) *fakeclock.Call {
	t.Helper()
	call, err := trap.Next(t.(interface{ Context() context.Context }).Context())
	if err != nil {
		t.Fatal(err)
	}
	return call
}

func TestTrapHoldsACallBeforeItTakesEffect(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		f := fakeclock.New(fakeclock.WithT(t))
		trap := f.Trap(fakeclock.Op(fakeclock.OpNewTimer))
		defer trap.Close()
		fired := make(chan time.Time)
		go func() { fired <- <-f.Tagged("worker").NewTimer(time.Minute).C }()
		call := mustNext(t, trap)
		mustEqual(t, "Op", call.Op(), fakeclock.OpNewTimer)
		mustEqual(t, "Tag", call.Tag(), "worker")
		mustEqual(t, "Duration", call.Duration(), time.Minute)
		mustContain(t, call.String(), "NewTimer(1m0s) by ", "trap_test.go:")
		mustEqual(t, "Arms while held", f.Arms(), 0)
		f.Advance(time.Hour) // the call comes to pass after this hour
		call.Release()
		mustEqual(t, "Arms after Release", f.Arms(), 1)
		f.Advance(time.Minute)
		mustEqual(t, "fired", (<-fired).Equal(f.Now()), true)
		call.Release() // idempotent
	})
}

func TestTrapCatchesEveryOperation(t *testing.T) {
	f := fakeclock.New(fakeclock.WithT(t))
	timer, ticker := f.NewTimer(time.Hour), f.NewTicker(time.Hour)
	view := f.Tagged("v")
	for _, c := range []struct {
		name string
		op   fakeclock.Operation
		d    time.Duration
		call func()
	}{
		{"Now", fakeclock.OpNow, 0, func() { f.Now() }},
		{"View.Now", fakeclock.OpNow, 0, func() { view.Now() }},
		{"Nanos", fakeclock.OpNow, 0, func() { f.Nanos() }},
		{"View.Nanos", fakeclock.OpNow, 0, func() { view.Nanos() }},
		{"NewTimer", fakeclock.OpNewTimer, 1, func() { f.NewTimer(1) }},
		{"NewTicker", fakeclock.OpNewTicker, 2, func() { view.NewTicker(2) }},
		{"AfterFunc", fakeclock.OpAfterFunc, 3, func() { f.AfterFunc(3, func() {}) }},
		{"Timer.Reset", fakeclock.OpReset, 4, func() { timer.Reset(4) }},
		{"Ticker.Reset", fakeclock.OpReset, 5, func() { ticker.Reset(5) }},
		{"Timer.Stop", fakeclock.OpStop, 0, func() { timer.Stop() }},
		{"Ticker.Stop", fakeclock.OpStop, 0, func() { ticker.Stop() }},
	} {
		t.Run(c.name, func(t *testing.T) {
			trap := f.Trap()
			defer trap.Close()
			done := make(chan struct{})
			go func() {
				defer close(done)
				c.call()
			}()
			call := mustNext(t, trap)
			mustEqual(t, "Op", call.Op(), c.op)
			mustEqual(t, "Duration", call.Duration(), c.d)
			call.Release()
			<-done
		})
	}
}

func TestTrapLetsOtherCallsPass(t *testing.T) {
	f := fakeclock.New(fakeclock.WithT(t))
	trap := f.Trap(fakeclock.Tag("slow"), fakeclock.Duration(time.Second))
	defer trap.Close()
	f.NewTimer(time.Second)
	f.Tagged("slow").NewTimer(time.Minute)
	f.Tagged("slow").Now()
	mustEqual(t, "Arms", f.Arms(), 2)
}

func TestReleaseGivesTheCallToTheNextTrap(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		f := fakeclock.New(fakeclock.WithT(t))
		first, second := f.Trap(), f.Trap()
		defer first.Close()
		defer second.Close()
		done := make(chan struct{})
		go func() {
			defer close(done)
			f.NewTimer(time.Second)
		}()
		mustNext(t, first).Release()
		mustEqual(t, "Arms between the traps", f.Arms(), 0)
		mustNext(t, second).Release()
		mustEqual(t, "Arms after both", f.Arms(), 1)
		<-done
	})
}

func TestClosingATrapLetsUntakenCallsGo(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		f := fakeclock.New(fakeclock.WithT(t))
		other := f.Trap(fakeclock.Op(fakeclock.OpStop))
		trap := f.Trap(fakeclock.Op(fakeclock.OpNow))
		wake := make(chan struct{}, 1)
		stop := f.Notify(wake)
		defer stop()
		done := make(chan struct{})
		go func() {
			defer close(done)
			f.Now()
		}()
		<-wake // the call has been caught
		trap.Close()
		trap.Close()
		<-done
		_, err := trap.Next(t.Context())
		mustEqual(t, "Next after Close is ErrTrapClosed", errors.Is(err, fakeclock.ErrTrapClosed), true)
		other.Close()
	})
}

func TestCloseWakesNext(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		f := fakeclock.New(fakeclock.WithT(t))
		trap := f.Trap()
		result := make(chan error)
		go func() {
			_, err := trap.Next(t.Context())
			result <- err
		}()
		trap.Close()
		mustEqual(t, "is ErrTrapClosed", errors.Is(<-result, fakeclock.ErrTrapClosed), true)
	})
}

func TestNextErrorNamesTheTrap(t *testing.T) {
	f := fakeclock.New(fakeclock.WithT(t))
	trap := f.Trap(fakeclock.Op(fakeclock.OpNow, fakeclock.OpStop), fakeclock.Tag("x"))
	defer trap.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := trap.Next(ctx)
	mustEqual(t, "is Canceled", errors.Is(err, context.Canceled), true)
	mustContain(t, err.Error(), `the trap (Now or Stop, tag "x") set by fakeclock_test.TestNextErrorNamesTheTrap trap_test.go:`)
}

func TestWhatIsLeftTrappedFailsTheTestAndIsReleased(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		tb := &recordingTB{}
		f := fakeclock.New(fakeclock.WithT(tb))
		trap := f.Trap(fakeclock.Op(fakeclock.OpNow))
		done := make(chan struct{})
		go func() {
			defer close(done)
			f.Now()
		}()
		mustNext(t, trap)
		tb.end()
		<-done
		mustEqual(t, "errors", len(tb.errors), 2)
		mustContain(t, tb.errors[0], "intercepted call was never released: Now() by ")
		mustContain(t, tb.errors[1], "trap (Now) set by ", "was never closed")
	})
}

func TestCallbackHeldInATrapMayBeReleasedWhileTheClockWaits(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		f := fakeclock.New(fakeclock.WithT(t))
		trap := f.Trap(fakeclock.Op(fakeclock.OpNow))
		defer trap.Close()
		f.AfterFunc(time.Second, func() { f.Now() })
		done := make(chan struct{})
		go func() {
			defer close(done)
			f.Advance(time.Second)
		}()
		call := mustNext(t, trap)
		text := panicText(t, func() { f.Advance(time.Second) })
		mustContain(t, text, "Advance called while holding the intercepted call Now() by ", "release the call first")
		call.Release()
		<-done
	})
}
