package testify

import (
	"time"

	"github.com/sleepless-go/sleepless/eventually"
)

// Waits are the assertions of this package with options of package eventually.
// The zero value has none. A Waits may be kept and used from any goroutine.
type Waits struct{ options []eventually.Option }

// On names what can change the answer, so that the assertion is woken by it
// instead of looking again and again:
//
//	testify.On(&jobs).Eventually(t, func() bool { return jobs.Load() == 3 }, time.Second, 10*time.Millisecond)
//
// The tick then counts for nothing, except for sources that can only be polled.
func On(sources ...eventually.Source) Waits { return With(eventually.On(sources...)) }

// With adds options, which count more than waitFor and tick: PollEvery(tick), for
// instance, for a condition that is expensive to look at, or FailFast.
func With(options ...eventually.Option) Waits { return Waits{options} }

// Eventually is the function of that name, with these options.
func (w Waits) Eventually(t TestingT, condition func() bool, waitFor, tick time.Duration, msgAndArgs ...any) bool {
	helperOf(t).Helper()
	return w.run(t, waitFor, tick, msgAndArgs, func(c *call, options []eventually.Option) {
		eventually.Until(c, awaited, condition, options...)
	})
}

// Eventuallyf is the function of that name, with these options.
func (w Waits) Eventuallyf(t TestingT, condition func() bool, waitFor, tick time.Duration, msg string, args ...any) bool {
	helperOf(t).Helper()
	return w.Eventually(t, condition, waitFor, tick, formatted(msg, args)...)
}

// EventuallyWithT is the function of that name, with these options.
func (w Waits) EventuallyWithT(t TestingT, condition func(collect *CollectT), waitFor, tick time.Duration, msgAndArgs ...any) bool {
	helperOf(t).Helper()
	return w.run(t, waitFor, tick, msgAndArgs, func(c *call, options []eventually.Option) {
		eventually.Check(c, awaited, collecting(condition), options...)
	})
}

// EventuallyWithTf is the function of that name, with these options.
func (w Waits) EventuallyWithTf(t TestingT, condition func(collect *CollectT), waitFor, tick time.Duration, msg string, args ...any) bool {
	helperOf(t).Helper()
	return w.EventuallyWithT(t, condition, waitFor, tick, formatted(msg, args)...)
}

// Never is the function of that name, with these options. It returns early when
// the sources can prove that nothing will happen any more: see eventually.Never.
func (w Waits) Never(t TestingT, condition func() bool, waitFor, tick time.Duration, msgAndArgs ...any) bool {
	helperOf(t).Helper()
	return w.run(t, waitFor, tick, msgAndArgs, func(c *call, options []eventually.Option) {
		eventually.Never(c, awaited, condition, options...)
	})
}

// Neverf is the function of that name, with these options.
func (w Waits) Neverf(t TestingT, condition func() bool, waitFor, tick time.Duration, msg string, args ...any) bool {
	helperOf(t).Helper()
	return w.Never(t, condition, waitFor, tick, formatted(msg, args)...)
}

// RequireEventually is the function of that name, with these options.
func (w Waits) RequireEventually(t RequireT, condition func() bool, waitFor, tick time.Duration, msgAndArgs ...any) {
	helperOf(t).Helper()
	if !w.Eventually(t, condition, waitFor, tick, msgAndArgs...) {
		t.FailNow()
	}
}

// RequireEventuallyf is the function of that name, with these options.
func (w Waits) RequireEventuallyf(t RequireT, condition func() bool, waitFor, tick time.Duration, msg string, args ...any) {
	helperOf(t).Helper()
	w.RequireEventually(t, condition, waitFor, tick, formatted(msg, args)...)
}

// RequireEventuallyWithT is the function of that name, with these options.
func (w Waits) RequireEventuallyWithT(t RequireT, condition func(collect *CollectT), waitFor, tick time.Duration, msgAndArgs ...any) {
	helperOf(t).Helper()
	if !w.EventuallyWithT(t, condition, waitFor, tick, msgAndArgs...) {
		t.FailNow()
	}
}

// RequireEventuallyWithTf is the function of that name, with these options.
func (w Waits) RequireEventuallyWithTf(t RequireT, condition func(collect *CollectT), waitFor, tick time.Duration, msg string, args ...any) {
	helperOf(t).Helper()
	w.RequireEventuallyWithT(t, condition, waitFor, tick, formatted(msg, args)...)
}

// RequireNever is the function of that name, with these options.
func (w Waits) RequireNever(t RequireT, condition func() bool, waitFor, tick time.Duration, msgAndArgs ...any) {
	helperOf(t).Helper()
	if !w.Never(t, condition, waitFor, tick, msgAndArgs...) {
		t.FailNow()
	}
}

// RequireNeverf is the function of that name, with these options.
func (w Waits) RequireNeverf(t RequireT, condition func() bool, waitFor, tick time.Duration, msg string, args ...any) {
	helperOf(t).Helper()
	w.RequireNever(t, condition, waitFor, tick, formatted(msg, args)...)
}
