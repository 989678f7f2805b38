package fakeclock

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sleepless-go/sleepless/internal/bubble"
)

// ErrNoTimer is wrapped by the error of [Fake.Run] that says that no timer is
// left which could make its condition true.
var ErrNoTimer = errors.New("fakeclock: no timer is left")

// Advance moves the clock by d and fires every timer that becomes due on the
// way: in the order of their instants, at one instant in the order in which
// they were armed, each while Now is exactly that instant. It waits for each
// AfterFunc callback before it fires the next timer, so all that callbacks did
// is visible when it returns, and the value of a fired timer can be received
// without blocking. What goroutines do with such values is waited for inside
// bubbles, and outside them as far as [SettleWith] says.
//
// Advance(0) waits for callbacks that are running. Calls from several
// goroutines follow one another in the order in which they came; arming and
// stopping timers, and Now, never wait for any of them.
//
// Advance panics if d is negative (see [Fake.Set] for moving the wall clock), if
// the clock would pass 292 years since New, if it is called from a callback
// that it would have to wait for, or if callbacks start each other without end
// (see [LoopLimit]).
func (f *Fake) Advance(d time.Duration) {
	if d < 0 {
		panic(fmt.Sprintf("fakeclock: Advance(%s): time does not go back; to move the wall clock use Set", d))
	}
	f.mu.Lock()
	target := f.now + int64(d)
	// The usual short cut: nobody else moves the clock, no callback runs and
	// nothing is due.
	if target >= 0 && !f.driving && f.awaited == 0 && !f.bubbled && (len(f.timers) == 0 || f.timers[0].when > target) && f.moveTo(target) {
		f.mu.Unlock()
		f.hub.Broadcast()
		return
	}
	f.mu.Unlock()
	f.advance(d)
}

func (f *Fake) advance(by time.Duration) {
	d := f.begin("Advance", by)
	defer d.end()
	f.mu.Lock()
	target := f.now + int64(by) // now that it is our turn
	f.mu.Unlock()
	if target < 0 {
		panic(fmt.Sprintf("fakeclock: Advance(%s): the clock cannot be more than 292 years from where it started", by))
	}
	for fired := true; fired; {
		var err error
		if fired, err = d.instant(target); err != nil {
			panic(err.Error())
		}
	}
}

// Next moves the clock to the next instant at which a timer is due, of whatever
// kind, and fires all that is due then, as [Fake.Advance] does. It returns how
// far the clock moved, or false if no timer is live.
func (f *Fake) Next() (time.Duration, bool) {
	moved, ok, err := f.next("Next")
	if err != nil {
		panic(err.Error())
	}
	return moved, ok
}

func (f *Fake) next(op string) (moved time.Duration, ok bool, err error) {
	d := f.begin(op, 0)
	defer d.end()
	from := f.monotonic()
	ok, err = d.instant(unlimited)
	return time.Duration(f.monotonic() - from), ok, err
}

func (f *Fake) monotonic() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

// Run calls [Fake.Next] until until returns true; it is asked first, and after
// each instant, in the goroutine that called Run, and may use the clock.
//
// Run returns an error that wraps [ErrNoTimer] when until is false and no timer
// is left, and one that wraps [ErrLoop] after as many instants as [LoopLimit]
// allows. Outside bubbles a goroutine woken by a timer may not have armed its
// next one by then: Run lets other goroutines run for a while before it gives
// up, and [SettleWith] makes it certain.
func (f *Fake) Run(until func() bool) error {
	for n := 0; !until(); n++ {
		if n == f.config.loopLimit {
			return fmt.Errorf("%w: Run passed %d instants and its condition is still false; live timers:%s\nstop what keeps firing, or set LoopLimit",
				ErrLoop, n, f.list())
		}
		_, fired, err := f.next("Run")
		switch {
		case err != nil:
			return err
		case !fired && !f.revived() && !until():
			return fmt.Errorf("%w, and the condition of Run is false at %s after %d instants; if a goroutine was about to arm one, run in a synctest bubble or pass SettleWith",
				ErrNoTimer, f.wallNow(), n)
		}
	}
	return nil
}

// revived lets goroutines that were woken arm their next timer, and reports
// whether one did.
func (f *Fake) revived() bool {
	armed := func() bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		return len(f.timers) > 0
	}
	if bubble.Inside() {
		settleBubble()
		return armed()
	}
	return yield(runPatience, armed) == happened
}

func (f *Fake) wallNow() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.wall(f.now).Format(time.RFC3339Nano)
}

func (f *Fake) list() string {
	var b strings.Builder
	for _, line := range f.Pending() {
		b.WriteString("\n\t" + line)
	}
	return b.String()
}

// AdvanceUntilIdle moves the clock from instant to instant until no foreground
// timer is left, and returns how far it moved. Tickers and timers made through
// [Fake.Background] do not keep it going, but fire on the way. What goroutines
// that a timer woke arm later is seen inside bubbles, and outside them as far as
// [SettleWith] says; callbacks are always waited for.
//
// It returns an error that wraps [ErrLoop] after as many foreground timers as
// [LoopLimit] allows.
func (f *Fake) AdvanceUntilIdle() (time.Duration, error) {
	d := f.begin("AdvanceUntilIdle", 0)
	defer d.end()
	from := f.monotonic()
	for {
		err := d.untilCallbacksEnd()
		moved := time.Duration(f.monotonic() - from)
		switch {
		case err != nil:
			return moved, err
		case !d.busy():
			return moved, nil
		case d.foreground >= f.config.loopLimit:
			return moved, fmt.Errorf("%w: AdvanceUntilIdle fired %d timers and moved by %s without becoming idle, the last %s; make what re-arms itself for ever a Background timer, or set LoopLimit",
				ErrLoop, d.foreground, moved, d.lastLabel())
		}
		if _, err = d.instant(unlimited); err != nil {
			return time.Duration(f.monotonic() - from), err
		}
	}
}

func (d *drive) untilCallbacksEnd() error {
	d.fake.mu.Lock()
	defer d.fake.mu.Unlock()
	return d.awaitCallbacks()
}

func (d *drive) busy() bool {
	d.fake.sync()
	d.fake.mu.Lock()
	defer d.fake.mu.Unlock()
	return d.fake.foreground > 0
}

func (d *drive) lastLabel() string {
	d.fake.mu.Lock()
	defer d.fake.mu.Unlock()
	return d.last.label()
}
