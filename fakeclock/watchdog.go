package fakeclock

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// watchdogDelay is how long, in real time, a drive waits before it says for
// what.
const watchdogDelay = 2 * time.Second

// stopper is the part of *time.Timer that the watchdog needs.
type stopper interface{ Stop() bool }

// watch makes the drive say, once and in real time, what it has been waiting
// for if stop is not called in time. It never ends anything. In a bubble it does
// nothing: its timer would be virtual, and the runtime itself reports a bubble
// whose goroutines are all blocked.
func (d *drive) watch(what func() string) (stop func()) {
	if d.bubbled() || d.said {
		return func() {}
	}
	through := make(chan struct{})
	timer := d.fake.after(watchdogDelay, func() {
		defer close(through)
		d.fake.logf("fakeclock: %s has been waiting for %s, for %s", d.op, watchdogDelay, what())
	})
	return func() {
		if !timer.Stop() {
			<-through // so that nothing is logged after the call
			d.said = true
		}
	}
}

// stuckCallbacks describes the callbacks that a drive waits for.
func (d *drive) stuckCallbacks() string {
	f := d.fake
	type stuck struct {
		text      string
		goroutine uint64
		call      *Call
	}
	var all []stuck
	f.mu.Lock()
	for cb := range f.callbacks {
		if cb.detached {
			continue
		}
		s := stuck{text: cb.describe(), goroutine: cb.goroutine}
		for call := range f.held {
			if call.goroutine == cb.goroutine {
				s.call = call
			}
		}
		all = append(all, s)
	}
	f.mu.Unlock()
	var b strings.Builder
	for i, s := range all {
		if i > 0 {
			b.WriteString(", and ")
		}
		fmt.Fprintf(&b, "the callback of %s", s.text)
		if s.call != nil {
			fmt.Fprintf(&b, ", which a trap holds in %s: release it, and move the clock in another goroutine than the one that does", s.call)
			continue
		}
		fmt.Fprintf(&b, "; if it waits for something that happens after the call, arm it through Detached\n%s\n", goroutineStack(s.goroutine))
	}
	return b.String()
}

// logf reports through the test, or to standard error without one or when it
// has completed, in which case testing panics.
func (f *Fake) logf(format string, args ...any) {
	t := f.config.t
	if t == nil {
		fmt.Fprintf(os.Stderr, format+"\n", args...)
		return
	}
	defer func() {
		if recover() != nil {
			fmt.Fprintf(os.Stderr, format+"\n", args...)
		}
	}()
	t.Helper()
	t.Logf(format, args...)
}
