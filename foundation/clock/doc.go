// Package clock defines Clock, the four calls through which a component learns
// what time it is and asks to be woken later.
//
// A component that takes a Clock can be driven by a test: outside a
// testing/synctest bubble with a fakeclock.Fake, inside one with [System],
// whose time is virtual there by itself. In production it is given System, or
// nothing at all and calls [Or].
//
//	type Options struct {
//		Clock clock.Clock // nil means the system's
//	}
//
//	func New(o Options) *Cache {
//		c := &Cache{clock: clock.Or(o.Clock)}
//		c.sweep = c.clock.NewTicker(time.Minute)
//		...
//	}
//
// Everything else that package time and package context offer is a function
// over the interface: [Since], [Until], [Sleep], [SleepContext], [After],
// [WithDeadline], [WithTimeout] and their Cause variants. Call sites read as
// they do with package time: [Timer] and [Ticker] have a field C, a Stop and a
// Reset.
//
// # Guarantees
//
// Timers behave as in Go 1.23 and later: once Stop or Reset has returned, no
// value from before can be received. Contexts behave as those of package
// context on any Clock: DeadlineExceeded when the clock says so, the right
// cause, no goroutine while they wait, and none for children derived with
// package context. Package clocktest holds these guarantees as tests that any
// implementation can run.
//
// # Implementing a Clock
//
// [MakeTimer] and [MakeTicker] wrap a channel and its two controls, and
// *time.Timer and *time.Ticker are such controls already, so a clock that is
// derived from another takes a few lines: see the example of MakeTimer. A
// clock that has a cheap monotonic reading may also implement [Nanos].
//
// # What it does not do
//
// There is no global clock to swap and no Tick: a clock is an argument. There
// is no fake in this package, so production code that imports it carries no
// test code.
package clock
