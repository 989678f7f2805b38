package clock

import "time"

// Clock tells the time and wakes callers later. All methods may be called from
// any goroutine.
//
// Implementations follow package time: see each method. Package clocktest
// tests them.
type Clock interface {
	// Now returns the current time, as [time.Now] does. Whether it carries a
	// monotonic reading is up to the clock.
	Now() time.Time

	// NewTimer returns a Timer that sends the time on its channel once, d from
	// now, as [time.NewTimer] does. With d ≤ 0 the value is there at once.
	NewTimer(d time.Duration) *Timer

	// NewTicker returns a Ticker that sends the time on its channel every d, as
	// [time.NewTicker] does: it drops ticks for a slow receiver and panics if
	// d ≤ 0.
	NewTicker(d time.Duration) *Ticker

	// AfterFunc calls f in a goroutine of its own d from now, as
	// [time.AfterFunc] does. The Timer's C is nil.
	AfterFunc(d time.Duration, f func()) *Timer
}

// Or returns c, or [System] if c is nil, so that the zero value of a
// component's Clock option works.
func Or(c Clock) Clock {
	if c == nil {
		return System()
	}
	return c
}

// Since returns the time passed on c since t. It mirrors [time.Since].
func Since(c Clock, t time.Time) time.Duration {
	if c == System() {
		return time.Since(t)
	}
	return c.Now().Sub(t)
}

// Until returns the time on c until t. It mirrors [time.Until].
func Until(c Clock, t time.Time) time.Duration {
	if c == System() {
		return time.Until(t)
	}
	return t.Sub(c.Now())
}
