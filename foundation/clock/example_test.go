package clock_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sleepless-go/sleepless/fakeclock"
	"github.com/sleepless-go/sleepless/foundation/clock"
)

// Patient is a clock whose timers take longer, as one wants of time limits on a
// slow machine.
type Patient struct {
	clock.Clock
	Factor time.Duration
}

func (p Patient) NewTimer(d time.Duration) *clock.Timer {
	t := p.Clock.NewTimer(p.Factor * d)
	return clock.MakeTimer(t.C, patientTimer{t, p.Factor})
}

// patientTimer inherits Stop.
type patientTimer struct {
	*clock.Timer
	factor time.Duration
}

func (t patientTimer) Reset(d time.Duration) bool { return t.Timer.Reset(t.factor * d) }

// A Clock derived from another takes a few lines.
func ExampleMakeTimer() {
	f := fakeclock.New()
	c := Patient{Clock: f, Factor: 3}
	timer := c.NewTimer(time.Minute)
	f.Advance(3 * time.Minute)
	fmt.Println((<-timer.C).Format(time.TimeOnly))
	timer.Reset(time.Second)
	f.Advance(3 * time.Second)
	fmt.Println((<-timer.C).Format(time.TimeOnly))
	// Output:
	// 00:03:00
	// 00:03:03
}

// A *clock.Ticker is a control itself, and so is a *time.Ticker.
func ExampleMakeTicker() {
	f := fakeclock.New()
	inner := f.NewTicker(2 * time.Second)
	t := clock.MakeTicker(inner.C, inner)
	defer t.Stop()
	f.Advance(2 * time.Second)
	fmt.Println((<-t.C).Format(time.TimeOnly))
	// Output: 00:00:02
}

// A component takes a clock, and nil means the system's.
func ExampleOr() {
	var options struct{ Clock clock.Clock }
	fmt.Println(clock.Or(options.Clock) == clock.System())
	// Output: true
}

// Durations are measured with NanosOf: cheap, and not moved by the wall clock.
func ExampleNanosOf() {
	f := fakeclock.New()
	nanos := clock.NanosOf(f)
	start := nanos()
	f.Advance(1500 * time.Millisecond)
	fmt.Println(time.Duration(nanos() - start))
	// Output: 1.5s
}

// Since and Until read the clock given.
func ExampleSince() {
	f := fakeclock.New()
	start := f.Now()
	f.Advance(time.Minute)
	fmt.Println(clock.Since(f, start), clock.Until(f, start.Add(time.Hour)))
	// Output: 1m0s 59m0s
}

// Deadlines pass with the clock, and children of package context follow.
func ExampleWithTimeoutCause() {
	f := fakeclock.New()
	ctx, cancel := clock.WithTimeoutCause(context.Background(), f, time.Minute, errors.New("backend too slow"))
	defer cancel()
	child, cancelChild := context.WithCancel(ctx)
	defer cancelChild()
	f.Advance(time.Minute)
	fmt.Println(child.Err(), "-", context.Cause(child))
	// Output: context deadline exceeded - backend too slow
}

// A sleep that ends with its context.
func ExampleSleepContext() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	fmt.Println(clock.SleepContext(ctx, clock.System(), time.Hour))
	// Output: context canceled
}

// After is a select case, as in package time.
func ExampleAfter() {
	f := fakeclock.New()
	timeout := clock.After(f, time.Second)
	f.Advance(time.Second)
	select {
	case at := <-timeout:
		fmt.Println("timed out at", at.Format(time.TimeOnly))
	default:
		fmt.Println("not yet")
	}
	// Output: timed out at 00:00:01
}
