package fakeclock

import (
	"time"

	"github.com/sleepless-go/sleepless/foundation/clock"
)

// View is a [Fake] seen by one component: the same clock, whose timers carry a
// tag, run in the background or have callbacks that are not waited for. It
// implements clock.Clock and clock.Nanos. Views compose: f.Tagged("x").Detached()
// is both.
//
// A View is a small value behind a pointer, without state of its own; all its
// methods may be called from any goroutine.
type View struct {
	fake *Fake
	traits
}

// traits is what a timer inherits from the view that made it.
type traits struct {
	tag        string
	background bool
	detached   bool
}

// Tagged returns a view whose timers carry tag. Tags select calls for
// [Fake.Trap], [Fake.Arms] and [Fake.AwaitTimers], and stand in messages.
func (f *Fake) Tagged(tag string) *View { return (&View{fake: f}).Tagged(tag) }

// Background returns a view whose timers do not keep the clock busy:
// [Fake.AdvanceUntilIdle] and [Fake.Idle] do not count them. It is for what
// re-arms itself for ever. The timers carry tag; "" leaves them without.
func (f *Fake) Background(tag string) *View { return (&View{fake: f}).Background(tag) }

// Detached returns a view whose AfterFunc callbacks are started, but not waited
// for, when they are due. It is for callbacks that block until the test does
// something after the Advance.
func (f *Fake) Detached() *View { return (&View{fake: f}).Detached() }

// Tagged returns a view like v whose timers carry tag instead of v's.
func (v *View) Tagged(tag string) *View {
	w := *v
	w.tag = tag
	return &w
}

// Background returns a view like v for background timers; see
// [Fake.Background]. With "" v's tag stays.
func (v *View) Background(tag string) *View {
	w := *v
	w.background = true
	if tag != "" {
		w.tag = tag
	}
	return &w
}

// Detached returns a view like v whose callbacks are not waited for; see
// [Fake.Detached].
func (v *View) Detached() *View {
	w := *v
	w.detached = true
	return &w
}

// Fake returns the clock that v is a view of.
func (v *View) Fake() *Fake { return v.fake }

// Now is [Fake.Now].
func (v *View) Now() time.Time { return v.fake.nowAs(&v.traits) }

// Nanos is [Fake.Nanos].
func (v *View) Nanos() int64 { return v.fake.nanosAs(&v.traits) }

// NewTimer is [Fake.NewTimer], with the traits of the view.
func (v *View) NewTimer(d time.Duration) *clock.Timer { return v.fake.newTimer(&v.traits, d) }

// NewTicker is [Fake.NewTicker], with the traits of the view.
func (v *View) NewTicker(d time.Duration) *clock.Ticker { return v.fake.newTicker(&v.traits, d) }

// AfterFunc is [Fake.AfterFunc], with the traits of the view.
func (v *View) AfterFunc(d time.Duration, fn func()) *clock.Timer {
	return v.fake.afterFunc(&v.traits, d, fn)
}
