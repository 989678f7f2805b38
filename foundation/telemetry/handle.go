package telemetry

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/sleepless-go/sleepless/internal/caller"
	"github.com/sleepless-go/sleepless/internal/notify"
)

// ErrNotAwaitable is returned by Handle.CloseAndWait for a handler whose calls
// are not counted.
var ErrNotAwaitable = errors.New("telemetry: calls of this handler are not counted; attach it with telemetry.Awaitable()")

// ErrClosed is returned by Handle.Reattach for a handler that is closed or was
// detached for good; attach it anew.
var ErrClosed = errors.New("telemetry: handler is closed or detached; attach it again")

// State is what became of a handler.
type State int32

// The states of a handler.
const (
	Active      State = iota // it gets events
	Quarantined              // it failed and is skipped until Handle.Reattach
	Detached                 // it failed and is out for good, though still listed by Bus.Handlers
	Closed                   // its Handle was closed
)

// String returns "active", "quarantined", "detached" or "closed".
func (s State) String() string {
	switch s {
	case Active:
		return "active"
	case Quarantined:
		return "quarantined"
	case Detached:
		return "detached"
	case Closed:
		return "closed"
	}
	return fmt.Sprintf("State(%d)", int32(s))
}

// Handle stands for one attached handler. All methods may be called from any
// goroutine, and from handlers, the handler's own included.
type Handle struct {
	bus     *Bus
	id      uint64
	name    string
	listens string
	site    caller.Stack
	matches func(*Descriptor) bool
	typed   any // func(context.Context, T), or nil if record is set
	record  func(context.Context, Record)
	policy  panicOption

	state    atomic.Int32
	failures atomic.Uint64
	// The next two are guarded by bus.mu.
	since uint64 // failures since it was attached or reattached
	last  string // text of the last failure

	counted bool // whether running is kept
	running atomic.Int64
	idle    notify.Hub
}

func newHandle(site caller.Stack, opts []AttachOption) *Handle {
	h := &Handle{site: site}
	for _, o := range opts {
		o.applyAttach(h)
	}
	return h
}

// State tells whether the handler gets events.
func (h *Handle) State() State { return State(h.state.Load()) }

// Failures tells how often the handler panicked or called runtime.Goexit.
func (h *Handle) Failures() uint64 { return h.failures.Load() }

// Close detaches the handler; further calls do nothing. Emissions that start
// after Close has returned do not reach the handler, and one that is under way
// in another goroutine reaches it only if it has already picked the handler as
// its next to call. A call of the handler may still be running when Close
// returns; see CloseAndWait.
func (h *Handle) Close() { h.bus.detach(h) }

// CloseAndWait closes the handle and waits until no call of the handler is
// running; then none will ever be. It needs the option Awaitable and otherwise
// closes the handle and returns ErrNotAwaitable. If ctx ends first the error
// wraps its cause and tells how many calls are still running. From within the
// handler itself CloseAndWait can only end with ctx, since it waits for its
// caller.
func (h *Handle) CloseAndWait(ctx context.Context) error {
	h.Close()
	if !h.counted {
		return ErrNotAwaitable
	}
	wake := make(chan struct{}, 1)
	defer h.idle.Notify(wake)()
	for h.running.Load() != 0 {
		select {
		case <-wake:
		case <-ctx.Done():
			if n := h.running.Load(); n != 0 {
				return fmt.Errorf("telemetry: %d calls of handler %s still running: %w", n, h.title(), context.Cause(ctx))
			}
		}
	}
	return nil
}

// Reattach lets a quarantined handler back in, at its old place in the order,
// and starts its count of failures towards After again. On an active handler
// it does nothing; on a closed or detached one it returns ErrClosed.
func (h *Handle) Reattach() error { return h.bus.reattach(h) }

// enter reports whether the handler is to be called. If it counts its calls,
// the count is raised before the state is read, while CloseAndWait sets the
// state before it reads the count: one of the two sees the other.
func (h *Handle) enter() bool {
	if !h.counted {
		return h.State() == Active
	}
	h.running.Add(1)
	if h.State() == Active {
		return true
	}
	h.leave()
	return false
}

func (h *Handle) leave() {
	if h.counted && h.running.Add(-1) == 0 {
		h.idle.Broadcast()
	}
}

// title names the handler in texts: `3 "audit" (foundation.cache)`.
func (h *Handle) title() string {
	if h.name == "" {
		return fmt.Sprintf("%d (%s)", h.id, h.listens)
	}
	return fmt.Sprintf("%d %q (%s)", h.id, h.name, h.listens)
}
