// Package fakeclock provides Fake, a clock that stands still until a test moves
// it.
//
// Give a Fake to a component that takes a clock.Clock, wait until the component
// has armed its timers, and let time pass:
//
//	f := fakeclock.New(fakeclock.WithT(t))
//	c := cache.New(cache.Options{Clock: f.Tagged("cache")})
//	c.Put("k", "v", time.Minute)
//	f.Advance(time.Minute) // all that was due has happened, in order
//
// # When to use it
//
// Inside a testing/synctest bubble the real clock is virtual already, and
// clock.System needs no fake. A Fake is for where bubbles cannot go (real
// network and files, subprocesses, test frameworks without one) and for what
// bubbles cannot do: hand over one tick at a time, jump the wall clock, catch a
// goroutine in its call of Now, say who armed which timer.
//
// # Guarantees
//
//   - Order: timers fire at their own instants, and at one instant in the order
//     in which they were armed; Now is that instant while they fire.
//   - Completeness: when [Fake.Advance] returns, every callback that was due has
//     returned, and the value of every timer that was due can be received
//     without blocking.
//   - Timers as of Go 1.23: after Stop or Reset has returned, no value from
//     before can be received, and Stop reports true exactly once.
//   - No lock is held while user code runs, so a callback may use the clock. The
//     one thing it cannot do is move it, which panics with an explanation.
//   - Nothing sleeps, polls or lasts: moving the clock over a million timers
//     takes what firing them takes. O(log n) per timer.
//
// The same holds in bubbles. There, in addition, the clock waits after each
// instant until the bubble's goroutines are blocked, and a Fake made in the
// bubble does so before the first, so that a test need not wait for timers to be
// armed.
//
// # Waiting for goroutines
//
// Outside bubbles there are two points at which a test meets goroutines of the
// component. Before: a goroutine that has been started has not necessarily armed
// its timer yet; [Fake.AwaitTimers] waits for the arming itself. After: a
// goroutine that received a tick has not necessarily acted on it yet; wait for
// what it does (an event, a channel), or make Advance wait with [SettleWith].
//
// A ticker drops ticks when its reader is slow, as Go's do. The Fake lets the
// reader run before it drops one, counts what was dropped ([Fake.Dropped]) and
// logs it through the test.
//
// # Knowing what goes on
//
// [Fake.Timers] and [Fake.Pending] list the live timers with the line that armed
// each. Views ([Fake.Tagged], [Fake.Background], [Fake.Detached]) mark the
// timers of a component. [Fake.Trap] intercepts calls, to test the narrow spots
// between them. A Fake tells waits when something changes ([Fake.Notify]) and
// whether anything can still happen ([Fake.Idle]).
//
// When an Advance has been waiting for a callback for two real seconds it says
// so, with the callback's arming line and stack.
//
// # What it does not do
//
// It does not replace package time: code that calls time.Now does not see it.
// Its times carry no monotonic reading, so a difference of two Nows jumps with
// [Fake.Set]; a component that must not be moved by the wall clock measures with
// clock.NanosOf, on every clock. Channels of its timers report a capacity of 1,
// and a length of 1 when fired and not yet received, where those of package time
// report 0.
package fakeclock
