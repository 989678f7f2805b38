package fakeclock

import (
	"runtime"
	"time"
)

// Outside bubbles the clock has to let others run at two points: before it
// drops a tick that a reader may be about to receive, and before Run says that
// no timer is left, since a goroutine may be about to arm one. It then yields
// until that has happened, or until no other goroutine runs or could run: then
// it cannot happen any more. So a reader that is blocked elsewhere costs little,
// and one that the operating system has not got round to gets its turn. Patience
// ends it where unrelated goroutines compute all the time.
const (
	patience    = 2 * time.Second // with the reader of a ticker
	minPatience = 100 * time.Microsecond
	impatience  = 4 // factor by which patience with a reader falls and grows

	// runPatience is that of Run, which fails when it is over.
	runPatience = 10 * time.Second

	// callPatience is for goroutines in system calls: whether they come back,
	// as from a write, or stay, as in a wait for signals, cannot be told.
	callPatience = 10 * time.Millisecond

	yieldsPerLook = 16
)

// outcome is how a yield ended.
type outcome uint8

const (
	happened   outcome = iota // what was hoped for
	impossible                // nothing else runs
	exhausted                 // the time limit is over
)

// after returns the patience to have next time with a reader that ended a yield
// so. Only one that used it up loses some.
func (o outcome) after(p time.Duration) time.Duration {
	switch o {
	case happened:
		return min(p*impatience, patience)
	case exhausted:
		return max(p/impatience, minPatience)
	}
	return p
}

// yield lets other goroutines run until done, or the time limit is over, or
// nothing else runs.
func yield(limit time.Duration, done func() bool) outcome {
	var start, calls time.Time // calls: since when there is nothing but system calls
	var others activity
	for i := 1; !done(); i++ {
		runtime.Gosched()
		if i%yieldsPerLook != 0 {
			continue
		}
		if start.IsZero() {
			start = time.Now()
			others = newActivity()
		}
		switch others.look() {
		case blocked:
			return unless(done, impossible)
		case inCalls:
			if calls.IsZero() {
				calls = time.Now()
			}
			if time.Since(calls) > callPatience {
				return unless(done, exhausted)
			}
		case active:
			calls = time.Time{}
		}
		if time.Since(start) > limit {
			return unless(done, exhausted)
		}
	}
	return happened
}

// unless looks a last time.
func unless(done func() bool, o outcome) outcome {
	if done() {
		return happened
	}
	return o
}
