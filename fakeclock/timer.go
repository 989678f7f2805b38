package fakeclock

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/sleepless-go/sleepless/foundation/clock"
	"github.com/sleepless-go/sleepless/internal/caller"
	"github.com/sleepless-go/sleepless/internal/follow"
)

// Kind tells timers apart.
type Kind uint8

// The kinds of timer.
const (
	KindTimer     Kind = iota + 1 // made by NewTimer
	KindTicker                    // made by NewTicker
	KindAfterFunc                 // made by AfterFunc
)

// String returns "timer", "ticker" or "afterfunc".
func (k Kind) String() string {
	switch k {
	case KindTimer:
		return "timer"
	case KindTicker:
		return "ticker"
	case KindAfterFunc:
		return "afterfunc"
	}
	return "?"
}

// timer is a timer, ticker or AfterFunc. It implements clock.TimerControl.
// Fields below the blank line are guarded by fake.mu.
type timer struct {
	fake *Fake
	traits
	kind Kind
	id   uint64
	c    chan time.Time // room for one; nil for AfterFunc
	fn   func()         // AfterFunc only

	place  int // in the heap, or dormant
	when   int64
	seq    uint64
	asked  time.Duration // of the last arming; for a ticker the period
	site   caller.Stack  // of the last arming
	reader reader        // ticker only
	gate   follow.Gate   // of a timer that stands for one of a follower
}

const dormant = -1

func (f *Fake) newTimer(tr *traits, d time.Duration) *clock.Timer {
	t := &timer{fake: f, traits: *tr, kind: KindTimer, c: make(chan time.Time, 1), place: dormant}
	t.arm(OpNewTimer, d)
	return clock.MakeTimer(t.c, t)
}

func (f *Fake) newTicker(tr *traits, d time.Duration) *clock.Ticker {
	if d <= 0 {
		panic("fakeclock: non-positive interval for NewTicker")
	}
	t := &timer{fake: f, traits: *tr, kind: KindTicker, c: make(chan time.Time, 1), place: dormant}
	t.reader.patience = patience
	t.arm(OpNewTicker, d)
	return clock.MakeTicker(t.c, tickerControl{t})
}

func (f *Fake) afterFunc(tr *traits, d time.Duration, fn func()) *clock.Timer {
	t := &timer{fake: f, traits: *tr, kind: KindAfterFunc, fn: fn, place: dormant}
	t.arm(OpAfterFunc, d)
	return clock.MakeTimer(nil, t)
}

// arm makes t fire d from now, or at once, and reports whether that replaced
// an earlier arming that had not been seen yet.
func (t *timer) arm(op Operation, d time.Duration) (pending bool) {
	f := t.fake
	p := f.intercept(op, t.tag, d)
	site := caller.Capture(2) // left out: NewTimer and newTimer, or Reset and Reset
	f.mu.Lock()
	pending = t.disarm()
	f.seq++
	f.effects++
	if t.id == 0 {
		f.ids++
		t.id = f.ids
	}
	t.seq, t.asked, t.site = f.seq, d, site
	f.arms++
	f.armsBy[event{op, t.tag, d}]++
	if d <= 0 {
		t.fireAtOnce()
	} else {
		t.when = later(f.now, d)
		t.reader.waited = false
		f.timers.push(t)
		f.foreground += t.weight()
	}
	f.mu.Unlock()
	p.leave()
	f.hub.Broadcast()
	return pending
}

// fireAtOnce is for timers armed with d ≤ 0. f.mu is held.
func (t *timer) fireAtOnce() {
	f := t.fake
	t.when = f.now
	if t.kind == KindTimer {
		t.c <- f.wall(f.now) // disarm has made room
		return
	}
	f.immediate++
	f.lastNow = t
	f.start(t)
}

// later adds without overflow, as the runtime does for timers.
func later(now int64, d time.Duration) int64 {
	if when := now + int64(d); when >= 0 {
		return when
	}
	return math.MaxInt64
}

// weight is what t counts among the foreground timers while it is armed.
func (t *timer) weight() int {
	if t.background || t.kind == KindTicker {
		return 0
	}
	return 1
}

// disarm takes t out of the heap and an unreceived value out of its channel,
// and reports whether there was either. f.mu is held; all sends to t.c happen
// under it, so no value from before can appear afterwards. It mirrors stop in
// runtime/time.go.
func (t *timer) disarm() (pending bool) {
	pending = t.place != dormant
	t.retire()
	select {
	case <-t.c:
		pending = true
	default:
	}
	return pending
}

// Stop implements clock.TimerControl.
func (t *timer) Stop() bool {
	f := t.fake
	p := f.intercept(OpStop, t.tag, 0)
	f.mu.Lock()
	pending := t.disarm()
	f.mu.Unlock()
	p.leave()
	f.hub.Broadcast()
	return pending
}

// Reset implements clock.TimerControl.
func (t *timer) Reset(d time.Duration) bool { return t.arm(OpReset, d) }

// tickerControl implements clock.TickerControl.
type tickerControl struct{ t *timer }

func (c tickerControl) Stop() { c.t.Stop() }

func (c tickerControl) Reset(d time.Duration) {
	if d <= 0 {
		panic("fakeclock: non-positive interval for Ticker.Reset")
	}
	c.t.arm(OpReset, d)
}

// armedBy returns the innermost caller outside the clock packages.
func armedBy(s caller.Stack) caller.Site { return s.Outside(plumbing) }

func plumbing(pkg string) bool {
	rest, ours := strings.CutPrefix(pkg, caller.Module+"/")
	if !ours {
		return false
	}
	top, _, _ := strings.Cut(strings.TrimPrefix(rest, "foundation/"), "/")
	return top == "fakeclock" || top == "clock"
}

// label returns for instance `ticker armed at cache.go:88 (1s, tag "janitor")`.
func (t *timer) label() string {
	tag := ""
	if t.tag != "" {
		tag = fmt.Sprintf(", tag %q", t.tag)
	}
	return fmt.Sprintf("%s armed at %s (%s%s)", t.kind, armedBy(t.site).Position(), t.asked, tag)
}
