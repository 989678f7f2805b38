package telemetry

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/sleepless-go/sleepless/internal/notify"
)

// Emitter is an Event bound to a Sink; Event.Bind makes it. It is one pointer
// wide and meant to be copied. The zero Emitter does nothing. Both methods may
// be called from any goroutine.
type Emitter[T any] struct {
	line *typedLine[T]
}

// Enabled reports whether anybody listens, for payloads that are costly to
// fill. It is one atomic load on a Bus.
func (e Emitter[T]) Enabled() bool {
	if e.line == nil {
		return false
	}
	l := e.line.now.Load()
	return l != nil && (l.sink == nil || l.sink.Enabled(l.d))
}

// Emit hands the payload to every handler and returns when all have run. Call
// it after the state that the event announces is visible, and outside every
// lock. With nobody listening it is one atomic load.
func (e Emitter[T]) Emit(ctx context.Context, payload T) {
	if e.line != nil {
		if l := e.line.now.Load(); l != nil {
			l.emit(ctx, payload)
		}
	}
}

// line is what a Bus keeps for one kind of event, whatever its payload. The
// bus calls update and wake with its mutex held.
type line interface {
	update(handles []*Handle, hub *notify.Hub, awake bool)
	wake(awake bool)
	enabled() bool
	handle(ctx context.Context, r Record)
}

// typedLine holds the handlers of one kind of event on one bus, or the sink
// that takes the place of a bus.
type typedLine[T any] struct {
	d *Descriptor
	// now is what emitters follow; nil if nobody listens. Lists never change.
	now atomic.Pointer[list[T]]
	// quiet and waking differ in one thing: whether an emission ends with a
	// broadcast to the hub of the bus. Both are made when handlers change, so
	// that the coming and going of a waiter is one store.
	quiet, waking *list[T]
}

// list is what one emission runs through, in order.
type list[T any] struct {
	d     *Descriptor
	slots []slot[T]
	hub   *notify.Hub // nil unless somebody waits for the bus
	sink  Sink        // instead of all of the above
}

// slot is one handler: typed for those of Event.Attach, record for the others.
type slot[T any] struct {
	typed  func(context.Context, T)
	record func(context.Context, Record)
	h      *Handle
}

func (l *typedLine[T]) update(handles []*Handle, hub *notify.Hub, awake bool) {
	var slots []slot[T]
	for _, h := range handles {
		if h.State() != Active || !h.matches(l.d) {
			continue
		}
		typed, _ := h.typed.(func(context.Context, T))
		slots = append(slots, slot[T]{typed: typed, record: h.record, h: h})
	}
	l.quiet = nil
	if len(slots) > 0 {
		l.quiet = &list[T]{d: l.d, slots: slots}
	}
	l.waking = &list[T]{d: l.d, slots: slots, hub: hub}
	l.wake(awake)
}

func (l *typedLine[T]) wake(awake bool) {
	if awake {
		l.now.Store(l.waking)
	} else {
		l.now.Store(l.quiet)
	}
}

func (l *typedLine[T]) enabled() bool { return l.now.Load() != nil }

func (l *typedLine[T]) handle(ctx context.Context, r Record) {
	now := l.now.Load()
	if now == nil {
		return
	}
	payload, ok := r.Payload.(T)
	if !ok {
		panic(fmt.Sprintf("telemetry: a Record of %s holds a %T, want a %s", l.d.Name, r.Payload, l.d.Payload))
	}
	now.run(ctx, &payload, &r, 0)
}

// emit is the slow half of Emitter.Emit, apart so that the fast one is inlined.
func (l *list[T]) emit(ctx context.Context, payload T) {
	if l.sink != nil {
		if l.sink.Enabled(l.d) {
			l.sink.Handle(ctx, Record{Event: l.d, Payload: payload})
		}
		return
	}
	var r Record // boxed by the first handler that wants it
	l.run(ctx, &payload, &r, 0)
}

// run delivers to the handlers from first on and then wakes whoever waits.
func (l *list[T]) run(ctx context.Context, payload *T, r *Record, first int) {
	for first < len(l.slots) {
		first = l.deliver(ctx, payload, r, first)
	}
	if l.hub != nil {
		l.hub.Broadcast()
	}
}

// deliver runs handlers from first on until one fails or none is left, and
// returns where to go on. One defer guards the whole row: a failing handler
// ends the call, and run resumes after it, so that isolation costs an emission
// the same for one handler as for ten.
func (l *list[T]) deliver(ctx context.Context, payload *T, r *Record, first int) (next int) {
	next = first
	returned := false
	defer func() {
		if !returned {
			next = l.resume(ctx, payload, r, next, recover())
		}
	}()
	for ; next < len(l.slots); next++ {
		s := &l.slots[next]
		if !s.h.enter() {
			continue
		}
		if s.typed != nil {
			s.typed(ctx, *payload)
		} else {
			if r.Event == nil {
				*r = Record{Event: l.d, Payload: *payload}
			}
			s.record(ctx, *r)
		}
		s.h.leave()
	}
	returned = true
	return next
}

// resume settles the failure of a handler and returns where run is to go on.
// If the goroutine is ending, because the handler called runtime.Goexit or one
// that was told of its panic did, nothing returns to run any more: the rest of
// the row then has its turn here, in a deferred call.
func (l *list[T]) resume(ctx context.Context, payload *T, r *Record, failed int, cause any) (next int) {
	ending := true
	defer func() {
		if ending {
			l.run(ctx, payload, r, failed+1)
		}
	}()
	l.slots[failed].h.failed(ctx, l.d, cause)
	if cause == nil {
		return len(l.slots)
	}
	ending = false
	return failed + 1
}
