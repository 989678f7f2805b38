package fakeclock

import "time"

// Option configures a [Fake].
type Option interface{ apply(*config) }

type option func(*config)

func (o option) apply(c *config) { o(c) }

type config struct {
	start     time.Time
	t         TB
	rewind    bool
	loopLimit int
	idlers    []Idler
}

// TB is the part of testing.TB that a Fake reports through. GinkgoT() is one
// too.
type TB interface {
	Helper()
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	Cleanup(func())
}

// Idler is something that knows whether it still has work to do: a component,
// a recorder, an eventually.Source.
type Idler interface {
	// Notify registers ch until stop is called; a change that may affect Idle
	// sends to ch without blocking.
	Notify(ch chan<- struct{}) (stop func())
	// Idle reports whether nothing is going on; if something is, busy says what.
	Idle() (idle bool, busy string)
}

// At makes the clock start at t. The default is 2000-01-01 00:00:00 UTC, where
// synctest bubbles start. A monotonic reading in t is dropped.
func At(t time.Time) Option { return option(func(c *config) { c.start = t.Round(0) }) }

// WithT makes the Fake report through t: lost ticks and callbacks that do not
// end are logged, and a trap or an intercepted call left over when the test
// ends fails it. Without it lost ticks are only counted, and a callback that
// does not end is reported on standard error.
func WithT(t TB) Option { return option(func(c *config) { c.t = t }) }

// AllowRewind lets [Fake.Set] move the wall clock back. Without it such a call
// panics, since most of them are mistakes.
func AllowRewind() Option { return option(func(c *config) { c.rewind = true }) }

// LoopLimit sets how many times a clock may fire without progress before it is
// taken for a loop: functions started by AfterFunc with d ≤ 0 at one instant of
// an Advance, timers fired in one [Fake.AdvanceUntilIdle], instants passed in
// one [Fake.Run]. The default is 100,000. It panics if n < 1.
func LoopLimit(n int) Option {
	if n < 1 {
		panic("fakeclock: LoopLimit must be at least 1")
	}
	return option(func(c *config) { c.loopLimit = n })
}

// SettleWith makes every call that moves the clock wait, after each instant at
// which something fired, until all idlers are idle. It is for tests outside
// bubbles; inside one the clock settles by synctest.Wait and ignores idlers.
//
// An idler must not count work that waits for this clock as going on, or the
// two wait for each other.
func SettleWith(idlers ...Idler) Option {
	return option(func(c *config) { c.idlers = append(c.idlers, idlers...) })
}
