package leakcheck

import (
	"context"
	"fmt"
	"sync"

	"github.com/sleepless-go/sleepless/foundation/signal"
)

// Handle accounts for one resource: a connection, a file, a subscription. It is
// open until Close. All methods may be called from any goroutine.
type Handle struct {
	name    string
	owner   owner
	opened  []Frame
	serial  uint64
	closed  chan struct{}
	once    sync.Once
	changed signal.Signal
}

// Resource notes that the test has opened something. Put it where the resource
// is made and call Close where it is released. What is still open at the end is
// reported, with the stack that opened it, by the Check of the test, by that of
// the nearest parent test which has one, or else by Main.
//
// A Handle made in a bubble must be closed in that bubble.
func Resource(t TB, name string) *Handle {
	t.Helper()
	h := &Handle{name: name, owner: ownerOf(t), opened: callers(), closed: make(chan struct{})}
	handles.open(h)
	return h
}

// Close notes that the resource is released. It returns nil, and may be called
// more than once.
func (h *Handle) Close() error {
	h.once.Do(func() {
		handles.close(h)
		close(h.closed)
		h.changed.Broadcast()
	})
	return nil
}

// Done returns a channel that is closed by Close.
func (h *Handle) Done() <-chan struct{} { return h.closed }

// Closed reports whether Close was called.
func (h *Handle) Closed() bool {
	select {
	case <-h.closed:
		return true
	default:
		return false
	}
}

// Notify makes a Handle an eventually.Source, which reports the Close.
func (h *Handle) Notify(ch chan<- struct{}) (stop func()) { return h.changed.Notify(ch) }

// String returns the name.
func (h *Handle) String() string { return h.name }

// Await waits until the resource is closed. A Close that came before the wait
// is seen as well. The error is that of ctx, with the line that opened it.
func (h *Handle) Await(ctx context.Context) error {
	select {
	case <-h.closed:
		return nil
	default:
	}
	select {
	case <-h.closed:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("resource %q, opened at %s, is not closed: %w", h.name, h.place(), context.Cause(ctx))
	}
}

func (h *Handle) place() string { return placeOf(h.opened) }

// OpenHandle is a resource that was not closed.
type OpenHandle struct {
	Name   string
	Test   string  // that opened it
	Opened []Frame // the calls that did, innermost first
}
