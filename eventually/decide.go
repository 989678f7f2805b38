package eventually

import "time"

// goal is what a wait is after.
type goal uint8

const (
	toBecome goal = iota // the condition becomes true, and holds if asked
	toStay               // the condition stays false for the whole window
)

// look is what one check saw.
type look struct {
	done    bool          // the condition held
	fatal   error         // the condition or FailFast ruled success out
	at      time.Duration // when the check ended, since the start
	expired bool          // the limit had passed before the check began
	idle    bool          // every source was idle around the check
}

// step is what follows from a look.
type step struct {
	verdict verdict
	wakeAt  time.Duration // with goOn: look again by then at the latest; 0 means only when woken
}

type verdict uint8

const (
	goOn        verdict = iota
	pass                // what was awaited is so
	failTimeout         // it was not so by the limit
	failHeld            // it was so, but not for long enough by the limit
	failFatal           // look.fatal says why
	failDone            // it was never to be so, and it is
)

// plan is the part of a wait that does not change while it runs.
type plan struct {
	goal   goal
	hold   time.Duration
	search bool // for an event: the history of the answer is the timeline
}

// next decides what follows from a look. since is when the condition became
// true, or -1 while it is not; the caller keeps it. It is a pure function so
// that every row of its table can be tested.
func (p plan) next(l look, since time.Duration) step {
	switch {
	case l.fatal != nil:
		return step{verdict: failFatal}
	case p.goal == toStay && l.done:
		return step{verdict: failDone}
	case p.goal == toStay && (l.expired || l.idle):
		return step{verdict: pass}
	case p.goal == toStay:
		return step{verdict: goOn}
	case !l.done && l.expired:
		return step{verdict: failTimeout}
	case !l.done:
		return step{verdict: goOn}
	case l.at-since >= p.hold || l.idle:
		return step{verdict: pass}
	case l.expired:
		return step{verdict: failHeld}
	default:
		return step{verdict: goOn, wakeAt: since + p.hold}
	}
}

// Back-off of a wait that nothing wakes.
const (
	firstYields = 32 // looks that only let other goroutines run
	firstPause  = 50 * time.Microsecond
	lastPause   = 5 * time.Millisecond

	virtualYield = time.Nanosecond // of virtual time: it passes once all else in the bubble is blocked
	firstVirtual = time.Microsecond
	lastVirtual  = 10 * time.Millisecond
)

// pause returns how long to rest before the next unprompted look: 0 to yield
// only. n counts such looks from 0. Outside a bubble it grows by a quarter from
// 50 µs to 5 ms. In a bubble, where a rest costs no real time but a look does,
// the first lets only what is under way come to a halt; from then on it is a
// 64th of the time waited so far, between 1 µs and 10 ms: the first second
// takes 700 looks, an hour 360,000 (a third of a second of real time), and the
// answer comes at most 1.6 % and never more than 10 ms late.
//
// A virtual rest does what synctest.Wait would do, since virtual time moves
// only when every goroutine of the bubble is blocked; but any number of
// goroutines may rest at once, where a second synctest.Wait panics, be it
// another wait's or the test's own.
func pause(n int, last, elapsed time.Duration, virtual bool) time.Duration {
	switch {
	case virtual && n == 0:
		return virtualYield
	case virtual:
		return min(max(elapsed/64, firstVirtual), lastVirtual)
	case n < firstYields:
		return 0
	case last == 0:
		return firstPause
	default:
		return min(last+last/4, lastPause)
	}
}
