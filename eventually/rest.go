package eventually

import (
	"runtime"
	"time"
)

// block rests until there is a reason to look again. wakeAt is when to look by
// at the latest, since the start of the wait; 0 means only when woken.
func (w *waiter) block(wakeAt time.Duration) Wake {
	if len(w.sources) == 0 {
		return w.nap(wakeAt)
	}
	for len(w.polled) > 0 {
		cause := w.nap(wakeAt)
		if cause != WokenByPoll || w.pollSources() {
			return cause
		}
		if wakeAt > 0 && time.Since(w.start) >= wakeAt {
			return WokenByHold
		}
	}
	if wakeAt == 0 {
		return w.sleepUntilWoken(nil, WokenByHold)
	}
	return w.sleepUntilWoken(w.pace(wakeAt-time.Since(w.start)), WokenByHold)
}

// A wait in a bubble looks at most this often at one instant of virtual time
// before it lets time pass. A condition that makes another goroutine report
// something, at every look, would otherwise keep the bubble busy for ever: time
// moves only when all goroutines are blocked.
const (
	maxLooksAtOnce     = 1000 // at the first instant that seems to stand still
	maxLooksAtOnceThen = 10   // from then on
)

// standsStill counts the looks at one instant of virtual time.
func (w *waiter) standsStill(at time.Duration) bool {
	if at != w.instant {
		w.instant, w.looks = at, 0
	}
	w.looks++
	if w.breaths > 0 {
		return w.looks > maxLooksAtOnceThen
	}
	return w.looks > maxLooksAtOnce
}

// breathe lets some virtual time pass, whatever is reported: as much as a wait
// without sources would.
func (w *waiter) breathe() Wake {
	w.breaths++
	select {
	case <-w.pace(pause(w.breaths, 0, w.instant, true)):
		return WokenByPoll
	case <-w.due:
		return WokenByLimit
	case <-w.ctxDone:
		return WokenByContext
	}
}

// pollSources asks every polled source, also after one has changed: each takes
// note of what it sees.
func (w *waiter) pollSources() (changed bool) {
	for _, p := range w.polled {
		changed = p.Poll() || changed
	}
	return changed
}

// nap rests for the next interval of the back-off.
func (w *waiter) nap(wakeAt time.Duration) Wake {
	elapsed := time.Since(w.start)
	if w.poll > 0 {
		w.rest = w.poll
	} else {
		w.rest = pause(w.naps, w.rest, elapsed, w.virtual)
		if w.pollMost > 0 {
			w.rest = min(w.rest, w.pollMost)
		}
	}
	w.naps++
	d := w.rest
	if wakeAt > 0 {
		d = min(d, wakeAt-elapsed)
	}
	if d <= 0 {
		runtime.Gosched()
		return w.pending(WokenByPoll)
	}
	return w.sleepUntilWoken(w.pace(d), WokenByPoll)
}

// pending returns a wake-up that is already there, or otherwise.
func (w *waiter) pending(otherwise Wake) Wake {
	select {
	case <-w.woken:
		return WokenByEvent
	case <-w.due:
		return WokenByLimit
	case <-w.ctxDone:
		return WokenByContext
	default:
		return otherwise
	}
}

func (w *waiter) sleepUntilWoken(timer <-chan time.Time, byTimer Wake) Wake {
	select {
	case <-w.woken:
		return WokenByEvent
	case <-timer:
		return byTimer
	case <-w.due:
		return WokenByLimit
	case <-w.ctxDone:
		return WokenByContext
	}
}

func (w *waiter) pace(d time.Duration) <-chan time.Time {
	if w.pacer == nil {
		w.pacer = time.NewTimer(d)
	} else {
		w.pacer.Reset(d)
	}
	return w.pacer.C
}

func (w *waiter) stopPacer() {
	if w.pacer != nil {
		w.pacer.Stop()
	}
}
