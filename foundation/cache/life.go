package cache

import (
	"fmt"
	"sync"

	"github.com/sleepless-go/sleepless/internal/goid"
)

// life knows what runs on behalf of a cache: sweeps and loads.
type life struct {
	changed func() // called without lock when something has ended

	mu      sync.Mutex
	closed  bool
	running map[*activity]struct{}
	ended   chan struct{} // closed at the next end; nil unless somebody waits
}

// activity is one sweep or load.
type activity struct {
	load bool
	// goroutine is the number of the one it runs in. Close must not wait for
	// the goroutine that calls it, which is where a handler of the activity's
	// events finds itself. 0 until it is known; guarded by life.mu.
	goroutine uint64
}

// begin registers an activity, unless the cache is closed.
func (l *life) begin(a *activity) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return false
	}
	if l.running == nil {
		l.running = map[*activity]struct{}{}
	}
	l.running[a] = struct{}{}
	return true
}

// enter tells that an activity runs in the calling goroutine.
func (l *life) enter(a *activity) {
	id := goid.ID()
	l.mu.Lock()
	a.goroutine = id
	l.mu.Unlock()
}

// end is called when all effects of an activity are visible and announced.
func (l *life) end(a *activity) {
	l.mu.Lock()
	delete(l.running, a)
	if l.ended != nil {
		close(l.ended)
		l.ended = nil
	}
	l.mu.Unlock()
	l.changed()
}

// quiet reports whether nothing runs.
func (l *life) quiet() bool {
	loads, sweeps := l.count()
	return loads+sweeps == 0
}

func (l *life) isClosed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closed
}

// close lets nothing begin any more.
func (l *life) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
}

// awaitOthers blocks until nothing runs but what runs in this goroutine.
func (l *life) awaitOthers() {
	me := goid.ID()
	for {
		ended := l.endOfOthers(me)
		if ended == nil {
			return
		}
		<-ended
	}
}

// endOfOthers returns a channel that is closed when an activity ends, or nil if
// there is none outside the given goroutine.
func (l *life) endOfOthers(me uint64) <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	for a := range l.running {
		if a.goroutine == me {
			continue
		}
		if l.ended == nil {
			l.ended = make(chan struct{})
		}
		return l.ended
	}
	return nil
}

// count returns how many loads and sweeps are running.
func (l *life) count() (loads, sweeps int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for a := range l.running {
		if a.load {
			loads++
		} else {
			sweeps++
		}
	}
	return loads, sweeps
}

// Close ends the cache: it stops the sweeps, cancels the context of running
// loads with the cause ErrClosed, and returns when loads and sweeps have ended
// and delivered their events. A loader that ignores its context keeps Close
// waiting. Further calls do the same and return nil, as every call does.
//
// Calls that are under way in other goroutines may still deliver their events;
// later calls fail with ErrClosed. The entries stay counted in Len and Stats.
//
// A handler or a loader may call Close: it does not wait for the sweep or load
// that its own goroutine runs. It must not hand Close to another goroutine and
// wait for that.
func (c *Cache[K, V]) Close() error {
	c.life.close()
	if c.sweeps != nil {
		c.sweeps.Stop()
	}
	for _, s := range c.shards {
		s.mu.Lock()
		s.closed = true
		loads := make([]*load[K, V], 0, len(s.loads))
		for _, l := range s.loads {
			loads = append(loads, l)
		}
		s.mu.Unlock()
		for _, l := range loads {
			l.cancel(ErrClosed)
		}
	}
	c.life.awaitOthers()
	c.hub.Broadcast()
	return nil
}

// Closed reports whether Close was called and has nothing left to wait for but
// the goroutine that asks: no sweep and no load is running any more.
func (c *Cache[K, V]) Closed() bool {
	return c.life.isClosed() && c.life.quiet()
}

// Idle reports whether no load and no sweep is running, and if one is, what is.
// Everything these did is visible and announced by then. Together with Notify
// it makes the cache an eventually.Idler.
func (c *Cache[K, V]) Idle() (idle bool, why string) {
	loads, sweeps := c.life.count()
	if loads+sweeps == 0 {
		return true, ""
	}
	return false, fmt.Sprintf("cache %q: loads running: %d, sweeps running: %d", c.name, loads, sweeps)
}

// Notify sends to ch, without blocking, whenever the cache has changed or
// something in it has ended, until stop is called: the cache is an
// eventually.Source. It must be called by the goroutine that waits; ch needs
// room for one value, and stop may be called more than once.
func (c *Cache[K, V]) Notify(ch chan<- struct{}) (stop func()) { return c.hub.Notify(ch) }
