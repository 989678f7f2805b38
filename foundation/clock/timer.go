package clock

import "time"

// Timer is a single event to come, made by [Clock].NewTimer or
// [Clock].AfterFunc. It mirrors [time.Timer].
//
// Its methods may be called from any goroutine.
type Timer struct {
	// C delivers the time at which the timer fired. It is nil for a timer made
	// by AfterFunc.
	C <-chan time.Time

	control TimerControl
}

// TimerControl stops and restarts a timer. [*time.Timer] is one.
type TimerControl interface {
	// Stop reports whether it prevented the timer from firing; with a value
	// fired but not yet received it takes the value back and reports true, as
	// [time.Timer.Stop] does.
	Stop() bool
	// Reset makes the timer fire d from now, once, and reports what Stop would
	// have.
	Reset(d time.Duration) bool
}

// MakeTimer returns a Timer that delivers on c and is stopped and restarted
// through control. It is for those who implement [Clock]: c is nil for
// AfterFunc, and after either method of control has returned, no earlier value
// may be left in c.
func MakeTimer(c <-chan time.Time, control TimerControl) *Timer {
	return &Timer{C: c, control: control}
}

// Stop prevents the timer from firing. It reports whether it did so: false
// means that the timer had been stopped or its value received before, or, for
// AfterFunc, that the function has been started (Stop does not wait for it to
// end). After Stop no value can be received from C. It mirrors
// [time.Timer.Stop] and like it panics on a Timer that no Clock made.
func (t *Timer) Stop() bool {
	if t.control == nil {
		panic("clock: Stop called on uninitialized Timer: get one from a Clock or MakeTimer")
	}
	return t.control.Stop()
}

// Reset makes the timer fire d from now, instead of when it would have. It
// reports what Stop would have. No value from before Reset can be received
// after it. It mirrors [time.Timer.Reset] and like it panics on a Timer that no
// Clock made.
func (t *Timer) Reset(d time.Duration) bool {
	if t.control == nil {
		panic("clock: Reset called on uninitialized Timer: get one from a Clock or MakeTimer")
	}
	return t.control.Reset(d)
}
