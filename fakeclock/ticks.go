package fakeclock

import (
	"fmt"
	"time"
)

// reader is what the clock knows about the other end of a ticker.
type reader struct {
	patience time.Duration // see the constant
	waited   bool          // the tick due next has been waited for
	hopeless uint64        // the clock's effects when all were seen blocked

	drive          uint64 // to which the counts below belong
	fired, dropped int
}

// letRead gives the reader of t the chance to receive the last tick before the
// next one is due. f.mu is held, and is released while readers run.
func (d *drive) letRead(t *timer) {
	f := t.fake
	t.reader.waited = true
	if f.effects == t.reader.hopeless {
		return // nothing has happened since that could wake the reader
	}
	effects := f.effects
	ended := happened
	limit := t.reader.patience
	f.mu.Unlock()
	read := func() bool { return len(t.c) == 0 }
	if d.bubbled() {
		settleBubble()
	} else {
		ended = yield(limit, read)
		limit = ended.after(limit)
	}
	f.mu.Lock()
	t.reader.patience = limit
	if ended == impossible {
		t.reader.hopeless = effects
	}
}

// tick delivers a tick of t, or drops and counts it. f.mu is held.
func (d *drive) tick(t *timer) {
	f, r := t.fake, &t.reader
	if r.drive != d.serial {
		r.drive, r.fired, r.dropped = d.serial, 0, 0
	}
	r.waited = false
	if t.gate == nil {
		d.send(t)
	} else if !t.gate(f.now, func() { d.send(t) }) {
		t.retire()
		return
	}
	if t.when += int64(t.asked); t.when < 0 {
		f.timers.remove(t) // the next tick is beyond the clock's 292 years
		return
	}
	f.timers.fix(t.place)
}

// send puts a tick into the channel, or counts it as dropped.
func (d *drive) send(t *timer) {
	f, r := t.fake, &t.reader
	r.fired++
	select {
	case t.c <- f.wall(f.now):
		f.effects++
	default:
		if r.dropped == 0 {
			d.losers = append(d.losers, t)
		}
		r.dropped++
		f.dropped++
	}
}

// lostTicks returns a line for each ticker that lost ticks in this drive, if
// there is a test to show them in; the count is kept anyway.
func (d *drive) lostTicks() []string {
	if len(d.losers) == 0 || d.fake.config.t == nil {
		return nil
	}
	f := d.fake
	op := d.op
	if d.by > 0 {
		op = fmt.Sprintf("%s(%s)", d.op, d.by)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	lines := make([]string, len(d.losers))
	for i, t := range d.losers {
		r := &t.reader
		lines[i] = fmt.Sprintf("fakeclock: %s: %s delivered %d of %d ticks: its reader was still busy when the others fired; Go drops such ticks too; use Next to hand over one tick at a time",
			op, t.label(), r.fired-r.dropped, r.fired)
	}
	return lines
}
