package clock

import "time"

// System returns the system's clock, which is package time itself. Inside a
// testing/synctest bubble it is virtual, as package time is there. It also
// implements [Nanos].
//
// All calls return the same value, so that c == System() tells whether c is
// the system's clock.
func System() Clock { return system{} }

type system struct{}

func (system) Now() time.Time { return time.Now() }

func (system) NewTimer(d time.Duration) *Timer {
	t := time.NewTimer(d)
	return MakeTimer(t.C, t)
}

func (system) NewTicker(d time.Duration) *Ticker {
	t := time.NewTicker(d)
	return MakeTicker(t.C, t)
}

func (system) AfterFunc(d time.Duration, f func()) *Timer {
	return MakeTimer(nil, time.AfterFunc(d, f))
}

func (system) Nanos() int64 { return int64(time.Since(origin)) }

// origin is the instant from which system.Nanos counts. Since it carries a
// monotonic reading, time.Since reads only the monotonic clock, which takes
// half the time of time.Now. Inside a bubble time.Since falls back to the
// bubble's wall clock; the difference to origin is then meaningless (and
// negative), but it grows with the bubble's time, and that is all Nanos says.
var origin = time.Now()
