// Package follow is the seam between fakeclock.Fake and clocks of other
// libraries whose timers live on its time. Their timers are types of those
// libraries, whose Stop and Reset do not tell the Fake: it has to ask.
package follow

import "time"

// Follower is a clock that follows a Fake.
type Follower interface {
	// Hold reports whether the Fake knows of every timer that was stopped or
	// reset. If so nothing can be stopped or reset until Release is called, so
	// that several followers move together or not at all. It is called with the
	// Fake's lock held and must not use the Fake.
	Hold() bool
	// Release ends a Hold that reported true, and makes to, in the Fake's
	// monotonic nanoseconds, the follower's time.
	Release(to int64)
	// Sync passes on what was stopped and reset, and returns when the Fake knows
	// of it, also if another goroutine is passing it on. It is called without a
	// lock.
	Sync()
}

// Gate is asked when a timer is due at the instant at, with the Fake's lock
// held. It calls fire, or does not if the timer was stopped or postponed, and
// reports which.
type Gate func(at int64, fire func()) (fired bool)

// Timer is a timer of the Fake that stands for one of the other library.
type Timer interface {
	// C returns the channel on which it delivers, nil for an AfterFunc.
	C() <-chan time.Time
	// Start arms the timer for the first time, d from now; with d ≤ 0 it fires
	// at once, without asking its gate.
	Start(d time.Duration)
	// ArmAt arms the timer again, for the instant when, or for now if that is
	// past. A ticker then has the given period. A value that was not received is
	// taken back.
	ArmAt(when int64, period time.Duration)
	// Disarm stops the timer; a value that was not received stays.
	Disarm()
}

// Host is what a Fake offers its followers. All of it may be called from any
// goroutine that does not hold a lock which a Gate or Hold takes.
type Host interface {
	NewTimer(Gate) Timer
	NewTicker(Gate) Timer
	NewAfterFunc(fn func(), gate Gate) Timer
}

// Attach makes f follow a *fakeclock.Fake. Package fakeclock sets it.
var Attach func(fake any, f Follower) Host
