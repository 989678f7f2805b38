package fakeclock

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sleepless-go/sleepless/foundation/clock"
	"github.com/sleepless-go/sleepless/internal/bubble"
	"github.com/sleepless-go/sleepless/internal/follow"
	"github.com/sleepless-go/sleepless/internal/notify"
)

// Fake is a clock that stands still until a test moves it. Make one with [New].
//
// All methods may be called from any goroutine. The Fake owns no goroutine
// except those in which callbacks of AfterFunc run, and those end with their
// callback.
type Fake struct {
	hub      notify.Hub
	trapping atomic.Int32 // len(traps), so that untrapped calls need no look
	config   config
	bubbled  bool // made inside a bubble

	// after arms the watchdog; the tests of this package put their own here.
	after func(time.Duration, func()) stopper

	mu         sync.Mutex // guards all below; never held while anything waits
	base       time.Time  // the wall clock at now == 0
	now        int64      // monotonic nanoseconds since New
	timers     timerHeap
	foreground int    // timers that keep the clock busy
	seq        uint64 // of the last arming
	ids        uint64 // of the last timer
	arms       uint64
	armsBy     map[event]uint64
	dropped    uint64

	driving   bool            // somebody moves the clock
	queue     []chan struct{} // those who want to move it next
	drives    uint64          // serial number of the last drive
	effects   uint64          // what the clock or its users did that others can notice
	callbacks map[*callback]struct{}
	awaited   int           // callbacks that are not detached
	immediate int           // callbacks started by AfterFunc(≤0) at this instant
	lastNow   *timer        // the last of those
	wake      chan struct{} // tells the driver that a callback ended

	followers []follow.Follower

	traps []*Trap
	held  map[*Call]struct{} // intercepted calls not yet released
}

var (
	_ clock.Clock = (*Fake)(nil)
	_ clock.Nanos = (*Fake)(nil)
	_ clock.Clock = (*View)(nil)
	_ clock.Nanos = (*View)(nil)
)

// New returns a clock that stands at 2000-01-01 00:00:00 UTC, or where [At]
// says.
//
// A Fake used in a synctest bubble must be used there only, like everything
// else with channels. One made inside a bubble lets the bubble's goroutines
// block before it looks for timers that are due, so what they are about to arm
// is armed. It does so with synctest.Wait, which only one goroutine of a bubble
// may be in: a test must not call that itself while another goroutine moves the
// clock.
func New(opts ...Option) *Fake {
	c := config{start: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), loopLimit: 100_000}
	for _, o := range opts {
		o.apply(&c)
	}
	f := &Fake{
		config:    c,
		bubbled:   bubble.Inside(),
		after:     func(d time.Duration, fn func()) stopper { return time.AfterFunc(d, fn) },
		base:      c.start,
		armsBy:    make(map[event]uint64),
		callbacks: make(map[*callback]struct{}),
		held:      make(map[*Call]struct{}),
	}
	if c.t != nil {
		c.t.Cleanup(f.cleanup)
	}
	return f
}

// untagged are the traits of what is called on the Fake itself.
var untagged traits

// Now returns the clock's time. It carries no monotonic reading: where [Fake.Set]
// may jump, measure with [Fake.Nanos].
func (f *Fake) Now() time.Time { return f.nowAs(&untagged) }

// Nanos returns the monotonic nanoseconds since New. It implements clock.Nanos.
func (f *Fake) Nanos() int64 { return f.nanosAs(&untagged) }

// NewTimer returns a timer that fires when the clock has moved by d, or at once
// if d ≤ 0. Its channel has room for the one value, where that of a
// [time.Timer] reports a capacity of 0.
func (f *Fake) NewTimer(d time.Duration) *clock.Timer { return f.newTimer(&untagged, d) }

// NewTicker returns a ticker that ticks each time the clock has moved by d. A
// tick that is due while the one before has not been received is dropped, as Go
// does, but not silently: see [WithT] and [Fake.Dropped]. It panics if d ≤ 0.
func (f *Fake) NewTicker(d time.Duration) *clock.Ticker { return f.newTicker(&untagged, d) }

// AfterFunc calls fn in a goroutine of its own when the clock has moved by d,
// or at once if d ≤ 0. Whoever moves the clock waits for fn to return, unless
// the timer is [Fake.Detached].
func (f *Fake) AfterFunc(d time.Duration, fn func()) *clock.Timer {
	return f.afterFunc(&untagged, d, fn)
}

func (f *Fake) nowAs(tr *traits) time.Time {
	p := f.intercept(OpNow, tr.tag, 0)
	f.mu.Lock()
	now := f.wall(f.now)
	f.mu.Unlock()
	p.leave()
	return now
}

func (f *Fake) nanosAs(tr *traits) int64 {
	p := f.intercept(OpNow, tr.tag, 0)
	f.mu.Lock()
	now := f.now
	f.mu.Unlock()
	p.leave()
	return now
}

// wall returns the wall clock at the monotonic time at. f.mu is held.
func (f *Fake) wall(at int64) time.Time { return f.base.Add(time.Duration(at)) }

// Set moves the wall clock to t, as NTP, an operator or a suspended machine
// does: Now jumps, no timer fires, and what is left until each does not change,
// since timers are monotonic. To let time pass use [Fake.Advance]. It panics if
// t is before Now, unless [AllowRewind] was given.
func (f *Fake) Set(t time.Time) {
	t = t.Round(0)
	f.mu.Lock()
	now := f.wall(f.now)
	if t.Before(now) && !f.config.rewind {
		f.mu.Unlock()
		panic(fmt.Sprintf("fakeclock: Set(%s) is %s before Now: pass AllowRewind to New if the wall clock is to go back", t, now.Sub(t)))
	}
	f.base = t.Add(-time.Duration(f.now))
	f.mu.Unlock()
	f.hub.Broadcast()
}

// Notify registers ch until stop is called: it receives a value, without
// blocking, whenever the clock moves, a timer fires, is armed or stopped, a
// callback ends or a call is intercepted. With Idle and Pending it makes a Fake
// a source of events that a wait can be given.
func (f *Fake) Notify(ch chan<- struct{}) (stop func()) { return f.hub.Notify(ch) }

// Foreign says which changes could not wake a waiter because they were made
// outside its bubble, or "" if there were none.
func (f *Fake) Foreign() string {
	foreign := f.hub.Foreign()
	if foreign.Count == 0 {
		return ""
	}
	return fmt.Sprintf("%d changes of the clock were made outside the waiter's bubble, the last by %s", foreign.Count, foreign.Last)
}

// Outside is Foreign in the form that the reports of package eventually take.
func (f *Fake) Outside() (count uint64, last string) {
	foreign := f.hub.Foreign()
	return foreign.Count, foreign.Last
}

// Dropped returns how many ticks were lost so far because their reader had not
// received the one before.
func (f *Fake) Dropped() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.dropped
}
