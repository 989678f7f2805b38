package benbclock

import (
	"fmt"
	"sync"
	"time"

	benb "github.com/benbjohnson/clock"

	"github.com/sleepless-go/sleepless/foundation/clock"
)

// From returns a clock of github.com/benbjohnson/clock, real or mock, as a
// clock.Clock, for a component of this module in a program that still has the
// old one. Of a clock made by [New] it returns the Fake.
//
// Timers have the semantics of Go 1.23 on either clock: a value that was not
// received is taken back by Stop and Reset, and so the deadlock of a Mock whose
// timer is reset unread does not come about. What the plain Mock does beside
// that is its own: it sleeps, and a Stop or Reset of a channel timer that
// coincides with an Add on another goroutine may come too late; an AfterFunc is
// exact even then. It panics if c is nil.
func From(c benb.Clock) clock.Clock {
	if c == nil {
		panic("benbclock: From(nil): use clock.System for the system's clock")
	}
	if m, ok := c.(*Mock); ok {
		return m.std
	}
	return from{c}
}

// from implements clock.Clock.
type from struct{ c benb.Clock }

func (f from) Now() time.Time { return f.c.Now() }

func (f from) NewTimer(d time.Duration) *clock.Timer {
	t := f.c.Timer(max(d, 0)) // a Mock would go back
	return clock.MakeTimer(t.C, &timerControl{t: t})
}

func (f from) NewTicker(d time.Duration) *clock.Ticker {
	mustBePositive("NewTicker", d)
	t := f.c.Ticker(d)
	return clock.MakeTicker(t.C, &tickerControl{t: t})
}

func (f from) AfterFunc(d time.Duration, fn func()) *clock.Timer {
	control := &afterFuncControl{c: f.c, fn: fn}
	control.Reset(d)
	return clock.MakeTimer(nil, control)
}

func mustBePositive(call string, d time.Duration) {
	if d <= 0 {
		panic(fmt.Sprintf("benbclock: non-positive interval (%s) for %s", d, call))
	}
}

// timerControl adds to a Mock's timer what Go 1.23 added to those of package
// time. Its lock lets no two calls mix; nothing waits under it.
type timerControl struct {
	mu sync.Mutex
	t  *benb.Timer
}

func (c *timerControl) Stop() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stop()
}

func (c *timerControl) stop() bool {
	stopped := c.t.Stop()
	return drain(c.t.C) || stopped
}

// Reset stops first, so that the timer of a Mock is never armed with a value in
// its channel.
func (c *timerControl) Reset(d time.Duration) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	pending := c.stop()
	c.t.Reset(max(d, 0)) // as in NewTimer
	return pending
}

func drain(c <-chan time.Time) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

type tickerControl struct {
	mu sync.Mutex
	t  *benb.Ticker
}

func (c *tickerControl) Stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t.Stop()
	drain(c.t.C)
}

func (c *tickerControl) Reset(d time.Duration) {
	mustBePositive("Ticker.Reset", d)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t.Stop()
	drain(c.t.C)
	c.t.Reset(d)
}

// afterFuncControl has a timer of its own for each arming, since a Mock may fire
// one that was stopped or reset a moment ago: what an old one fires is not the
// current arming, and is ignored.
type afterFuncControl struct {
	c  benb.Clock
	fn func()

	mu     sync.Mutex
	arming uint64
	armed  bool
	t      *benb.Timer
}

func (c *afterFuncControl) Stop() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stop()
}

func (c *afterFuncControl) stop() bool {
	pending := c.armed
	c.armed = false
	if c.t != nil {
		c.t.Stop()
		c.t = nil
	}
	return pending
}

// Reset starts a function that is due at once itself, since a Mock would leave
// that to its next Add.
func (c *afterFuncControl) Reset(d time.Duration) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	pending := c.stop()
	if d <= 0 {
		go c.fn()
		return pending
	}
	c.arming++
	c.armed = true
	mine := c.arming
	c.t = c.c.AfterFunc(d, func() {
		if c.claim(mine) {
			c.fn()
		}
	})
	return pending
}

// claim reports whether the arming still is the current one, and ends it.
func (c *afterFuncControl) claim(arming uint64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.armed || c.arming != arming {
		return false
	}
	c.armed = false
	c.t = nil
	return true
}
