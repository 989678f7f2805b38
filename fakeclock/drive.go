package fakeclock

import (
	"errors"
	"fmt"
	"time"

	"github.com/sleepless-go/sleepless/internal/bubble"
)

// ErrLoop is wrapped by errors of [Fake.Run] and [Fake.AdvanceUntilIdle] that
// say that the clock fires without getting anywhere; see [LoopLimit].
var ErrLoop = errors.New("fakeclock: loop")

// drive is one use of the right to move the clock, which one goroutine has at a
// time.
type drive struct {
	fake   *Fake
	op     string        // "Advance", for messages
	by     time.Duration // its argument, if it has one
	serial uint64

	looked   bool // inBubble has been found out
	inBubble bool

	foreground int      // timers fired that keep the clock busy
	last       *timer   // the last of them
	losers     []*timer // tickers that lost ticks
	said       bool     // by the watchdog, which speaks once
	wake       chan struct{}
}

// begin waits for the right to move the clock. Those who wait get it in the
// order in which they came.
func (f *Fake) begin(op string, by time.Duration) *drive {
	f.mu.Lock()
	f.refuseReentry(op)
	if f.driving {
		turn := make(chan struct{})
		f.queue = append(f.queue, turn)
		f.mu.Unlock()
		<-turn
		f.mu.Lock()
	}
	f.driving = true
	f.drives++
	f.effects++ // the caller has done who knows what since the last one
	d := &drive{fake: f, op: op, by: by, serial: f.drives, wake: make(chan struct{}, 1)}
	f.wake = d.wake
	f.immediate = 0
	f.mu.Unlock()
	if f.bubbled && d.bubbled() {
		settleBubble()
	}
	return d
}

// end passes the right on, and reports ticks that were lost.
func (d *drive) end() {
	f := d.fake
	lost := d.lostTicks()
	f.mu.Lock()
	f.wake = nil
	if len(f.queue) > 0 {
		close(f.queue[0]) // driving stays true on its behalf
		f.queue = f.queue[1:]
	} else {
		f.driving = false
	}
	f.mu.Unlock()
	f.hub.Broadcast()
	for _, text := range lost {
		f.logf("%s", text)
	}
}

func (d *drive) bubbled() bool {
	if !d.looked {
		d.looked, d.inBubble = true, bubble.Inside()
	}
	return d.inBubble
}

// unlimited is the limit of an instant that may be as far away as it likes.
const unlimited = -1

// instant moves the clock to the next instant at which a timer is due, fires
// what is due there and settles. If there is none up to limit it moves the
// clock to limit, unless that is unlimited, and reports false: in the same
// critical section, so that no timer armed meanwhile is passed over.
//
// Callbacks still running from before end first: they were due before.
func (d *drive) instant(limit int64) (fired bool, err error) {
	f := d.fake
	f.mu.Lock()
	f.immediate = 0
	for moved := false; !moved; {
		if err = d.awaitCallbacks(); err != nil {
			f.mu.Unlock()
			return false, err
		}
		due := len(f.timers) > 0 && (limit == unlimited || f.timers[0].when <= limit)
		at := max(f.now, limit)
		if due {
			at = f.timers[0].when
		}
		switch moved = f.moveTo(at); {
		case !moved:
			f.mu.Unlock()
			f.sync()
			f.mu.Lock()
		case !due:
			f.mu.Unlock()
			return false, nil
		}
	}
	f.immediate = 0
	for at := f.now; err == nil && len(f.timers) > 0 && f.timers[0].when == at; {
		err = d.fire(f.timers[0])
	}
	f.mu.Unlock()
	f.hub.Broadcast()
	if err != nil {
		return true, err
	}
	return true, d.settle()
}

// fire fires t, which is due, or lets the readers of its last tick run; the
// caller looks again at what is due in both cases. f.mu is held, and is
// released for the time that readers and callbacks run.
func (d *drive) fire(t *timer) error {
	f := t.fake
	if t.kind == KindTicker {
		if len(t.c) > 0 && !t.reader.waited {
			d.letRead(t)
			return nil
		}
		d.tick(t)
		return nil
	}
	t.retire()
	if t.gate == nil {
		t.deliver()
	} else if !t.gate(f.now, t.deliver) {
		return nil
	}
	f.effects++
	if t.weight() > 0 {
		d.foreground++
		d.last = t
	}
	return d.awaitCallbacks()
}

// deliver is what firing does for a timer or an AfterFunc. f.mu is held.
func (t *timer) deliver() {
	if t.kind == KindTimer {
		t.c <- t.fake.wall(t.fake.now) // arming has made room
		return
	}
	t.fake.start(t)
}

// awaitCallbacks blocks until no callback runs that has to be waited for. f.mu
// is held, and is released while it blocks.
func (d *drive) awaitCallbacks() error {
	f := d.fake
	for f.awaited > 0 {
		if f.immediate > f.config.loopLimit {
			return fmt.Errorf("%w: at one instant (%s) more than %d functions were started by AfterFunc with d ≤ 0, the last by %s; such a function must not arm itself again, or set LoopLimit",
				ErrLoop, f.wall(f.now).Format(time.RFC3339Nano), f.config.loopLimit, f.lastNow.label())
		}
		f.mu.Unlock()
		stop := d.watch(d.stuckCallbacks)
		<-d.wake
		stop()
		f.mu.Lock()
	}
	return nil
}

// settle lets what the instant set off come to rest.
func (d *drive) settle() error {
	f := d.fake
	if d.bubbled() {
		settleBubble()
	} else {
		d.settleIdlers()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return d.awaitCallbacks() // settling may have armed some with d ≤ 0
}
