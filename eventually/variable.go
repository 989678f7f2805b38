package eventually

import (
	"fmt"
	"sync/atomic"
)

// Var is a variable whose changes wake waits. The zero value holds the zero
// value of T. All methods may be called from any goroutine.
//
//	var state eventually.Var[string]
//	go func() { …; state.Set("ready") }()
//	eventually.Value(t, "the state", state.Load, func(s string) bool { return s == "ready" }, eventually.On(&state))
type Var[T any] struct {
	Signal
	p atomic.Pointer[T]
}

// Set stores value and wakes the waits.
func (v *Var[T]) Set(value T) {
	v.p.Store(&value)
	v.Broadcast()
}

// Update replaces the value by what f makes of it, as one atomic step, wakes
// the waits and returns the new value. No lock is held while f runs; if the
// value changes meanwhile, f is called again with the newer one.
func (v *Var[T]) Update(f func(T) T) T {
	for {
		old := v.p.Load()
		var current T
		if old != nil {
			current = *old
		}
		next := f(current)
		if v.p.CompareAndSwap(old, &next) {
			v.Broadcast()
			return next
		}
	}
}

// Load returns the value.
func (v *Var[T]) Load() T {
	if p := v.p.Load(); p != nil {
		return *p
	}
	var zero T
	return zero
}

// Witness marks a Var as a Source that originates nothing itself.
func (v *Var[T]) Witness() {}

// String names the Var in reports, with its value.
func (v *Var[T]) String() string { return "variable = " + cut(oneLine(show(v.Load())), maxInRow) }

// Counter is a Var for counting, without a lock. The zero value is 0.
type Counter struct {
	Signal
	n atomic.Int64
}

// Add adds delta, wakes the waits and returns the new count.
func (c *Counter) Add(delta int64) int64 {
	n := c.n.Add(delta)
	c.Broadcast()
	return n
}

// Load returns the count.
func (c *Counter) Load() int64 { return c.n.Load() }

// Witness marks a Counter as a Source that originates nothing itself.
func (c *Counter) Witness() {}

// String names the Counter in reports, with its count.
func (c *Counter) String() string { return fmt.Sprintf("counter = %d", c.Load()) }
