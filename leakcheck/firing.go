package leakcheck

import (
	"fmt"
	"sync/atomic"

	"github.com/sleepless-go/sleepless/foundation/signal"
)

// Firing is the condition that a timer has fired and its function has returned.
// The zero value is ready. It is an eventually.Source; all methods may be called
// from any goroutine.
//
//	var expired leakcheck.Firing
//	clk.AfterFunc(time.Minute, expired.Func(session.expire))
type Firing struct {
	times   atomic.Int64
	changed signal.Signal
}

// Func returns a function that calls f, which may be nil, and then notes that
// the timer has fired: also if f panics or ends its goroutine.
func (f *Firing) Func(fn func()) func() {
	return func() {
		defer func() {
			f.times.Add(1)
			f.changed.Broadcast()
		}()
		if fn != nil {
			fn()
		}
	}
}

// Times returns how often the timer has fired.
func (f *Firing) Times() int { return int(f.times.Load()) }

// Fired is an eventually.Condition: it is done when the timer has fired once or
// more, before the wait or during it.
func (f *Firing) Fired() (done bool, why string, err error) {
	if f.Times() == 0 {
		return false, "the timer has not fired", nil
	}
	return true, "", nil
}

// Notify makes a Firing an eventually.Source.
func (f *Firing) Notify(ch chan<- struct{}) (stop func()) { return f.changed.Notify(ch) }

// Outside reports how many firings came from outside the bubble of the wait.
func (f *Firing) Outside() (count uint64, last string) { return f.changed.Outside() }

// String names it in reports.
func (f *Firing) String() string { return fmt.Sprintf("timer, fired %d times", f.Times()) }
