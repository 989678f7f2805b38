package benbclock

import (
	"reflect"
	"time"
	"unsafe"

	benb "github.com/benbjohnson/clock"

	"github.com/sleepless-go/sleepless/internal/follow"
)

// record is what we know of one timer or ticker. The pointers lead into it. All
// but owner and shadow are guarded by the lock of the Mock that it belongs to.
type record struct {
	owner  *mirrored
	shadow follow.Timer // what stands for it on the Fake

	next    *time.Time
	stopped *bool
	period  *time.Duration // nil for a timer

	place       int       // in owner.live, or unlisted
	armed       time.Time // what next was when shadow was armed
	armedPeriod time.Duration
}

const unlisted = -1

// A timer lies in one piece of memory with its record, so that the one can be
// found from the other without a table, which would have to hold every timer
// that might be reset some day.
type (
	timerBox struct {
		record record
		timer  benb.Timer
	}
	tickerBox struct {
		record record
		ticker benb.Ticker
	}
)

const (
	timerOffset  = unsafe.Offsetof(timerBox{}.timer)
	tickerOffset = unsafe.Offsetof(tickerBox{}.ticker)
)

func newTimerBox(m *benb.Mock) *timerBox {
	box := new(timerBox)
	l := box.timerLayout()
	l.mock = m
	box.record = record{next: &l.next, stopped: &l.stopped, place: unlisted}
	return box
}

func newTickerBox(m *benb.Mock) *tickerBox {
	box := new(tickerBox)
	l := box.tickerLayout()
	l.mock = m
	box.record = record{next: &l.next, stopped: &l.stopped, period: &l.d, place: unlisted}
	return box
}

func (b *timerBox) timerLayout() *timerLayout { return (*timerLayout)(unsafe.Pointer(&b.timer)) }

func (b *tickerBox) tickerLayout() *tickerLayout { return (*tickerLayout)(unsafe.Pointer(&b.ticker)) }

// recordOf returns the record of a timer on a Mock's list. Every timer of our
// Mocks lies in a box, so the record is in the same piece of memory before it.
func recordOf(t clockTimer) *record {
	return (*record)(unsafe.Add(reflect.ValueOf(t).UnsafePointer(), -int(timerOffset)))
}

// changed reports whether the timer has been stopped or reset since its shadow
// was armed.
func (r *record) changed() bool {
	return *r.stopped || !r.next.Equal(r.armed) || r.period != nil && *r.period != r.armedPeriod
}

// noteArmed takes note of what the shadow is armed for.
func (r *record) noteArmed() {
	r.armed = *r.next
	if r.period != nil {
		r.armedPeriod = *r.period
	}
}

// gate is asked when the shadow is due. Under the lock that Stop and Reset take
// it makes the one decision whether the timer fires, and fires it: so nothing
// can be received that was sent after Stop returned.
func (r *record) gate(at int64, fire func()) bool {
	m := r.owner
	m.registry.mu.Lock()
	defer m.registry.mu.Unlock()
	now := instant(at)
	switch {
	case *r.stopped:
		return false
	case r.next.After(now):
		r.armed = time.Time{} // the shadow is not armed any more
		return false
	case r.period == nil:
		*r.stopped = true
		m.unlist(r)
	default:
		*r.next = now.Add(*r.period)
		r.armed = *r.next
	}
	fire()
	return true
}
