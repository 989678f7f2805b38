package clock

// Nanos is implemented by clocks that have a monotonic reading cheaper than
// Now. [System] and fakeclock.Fake do.
type Nanos interface {
	// Nanos returns nanoseconds since an arbitrary instant. It never goes back
	// and is not moved by changes of the wall clock. Only differences between
	// readings of the same clock, in the same synctest bubble, mean anything.
	Nanos() int64
}

// NanosOf returns a function that reads c in nanoseconds since an arbitrary
// instant: c's own if c implements [Nanos], else one made of its Now, which is
// monotonic only as far as Now is. Only differences between readings of one
// returned function mean anything. It may be called from any goroutine.
//
// A component calls NanosOf once, when it is made, and measures durations with
// the result.
func NanosOf(c Clock) func() int64 {
	if n, ok := c.(Nanos); ok {
		return n.Nanos
	}
	start := c.Now()
	return func() int64 { return int64(c.Now().Sub(start)) }
}
