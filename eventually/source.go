package eventually

import (
	"github.com/sleepless-go/sleepless/foundation/signal"
)

// Source wakes waits. Whatever can change the answer of a condition and can
// tell when it did so is a Source: a Recorder, a Var, a telemetry.Bus, a
// fakeclock.Fake.
//
// Notify registers ch until stop is called. The source sends to ch after every
// change, without ever blocking: ch has room for one value, and a send finds
// either that room or a wake-up that is already pending. Notify is called by
// the goroutine that waits, and stop must be safe to call more than once.
//
// An own Source is a few lines around a Signal:
//
//	type Queue struct {
//		changed signal.Signal
//		// …
//	}
//
//	func (q *Queue) Push(x Item) { q.append(x); q.changed.Broadcast() }
//	func (q *Queue) Notify(ch chan<- struct{}) (stop func()) { return q.changed.Notify(ch) }
type Source interface {
	Notify(ch chan<- struct{}) (stop func())
}

// Idler is a Source that knows whether anything is still going on: work in
// flight, an armed timer, a queue that is not empty. When every source of a
// Never is an idle Idler, nothing can change any more and Never returns at
// once; Settle waits for that state.
//
// Idle also says why it is not idle, for the failure text. A source must not be
// idle before the effects of what it did are visible and notified.
type Idler interface {
	Source
	Idle() (idle bool, why string)
}

// Polled is a Source that nobody notifies, such as a file or a port of another
// process. Poll takes a look and reports whether something changed since the
// last one. A wait calls it on its own goroutine with a back-off from 50 µs to
// 5 ms (10 ms of virtual time in a bubble), and its report names the source as
// polled. Notify of a Polled source may do nothing.
type Polled interface {
	Source
	Poll() (changed bool)
}

// Timeliner is a Source that can tell what happened, for the failure text.
type Timeliner interface {
	Source
	// Timeline returns up to n of the latest moments, oldest first, and how
	// many there were in all.
	Timeline(n int) (moments []Moment, total int)
}

// Pender is a Source that can tell what would still happen if it were let: a
// fake clock returns its armed timers with the lines that armed them.
type Pender interface {
	Source
	Pending() []string
}

// Witness marks a Source that only passes on what others do, such as a
// Recorder or a Var. It has a say in when a wait wakes up but not in whether
// anything can still happen: Never asks the other sources for that. A Witness
// that is an Idler as well can object while it is busy, and no more: it proves
// nothing by being idle.
type Witness interface {
	Source
	Witness()
}

// Signal is the ready-made sending side of a Source. It is that of package
// foundation/signal, which production code can use without this package: the
// zero value is ready, any goroutine may use it, and a Broadcast to nobody
// costs one atomic load.
//
// Change the state first and call Broadcast second: a wait registers first and
// looks second, so that no wake-up can be lost.
type Signal = signal.Signal

// crosser is a Source that can tell of broadcasts which a bubble's wall held
// up; Signal is one, and so is all that embeds it.
type crosser interface {
	Outside() (count uint64, last string)
}
