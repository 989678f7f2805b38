package telemetry

import (
	"context"

	"github.com/sleepless-go/sleepless/internal/caller"
)

// Event is one kind of event, with payload T. Declare each as a package-level
// variable beside the code that emits it, with NewEvent. An Event has no
// handlers and no state: those belong to a Bus. All methods may be called from
// any goroutine.
type Event[T any] struct {
	d *Descriptor
}

// NewEvent declares a kind of event and adds its Descriptor to the Catalogue.
//
// The name has two to five parts of [a-z0-9_] separated by dots, each starting
// with a letter: application, component, what happened. The doc says in one
// sentence when the event is emitted. T is a struct whose fields are exported
// and tagged; see Field for the tags.
//
// NewEvent panics if Declare would return an error: a wrong declaration is a
// mistake in the program, and the start of any test finds it.
func NewEvent[T any](name, doc string) *Event[T] {
	e, err := declare[T](name, doc, caller.Capture(0))
	if err != nil {
		panic(err)
	}
	return e
}

// Declare is NewEvent for names that come from outside the program: it returns
// an error that wraps ErrDeclaration where NewEvent panics, and leaves the
// Catalogue as it was.
func Declare[T any](name, doc string) (*Event[T], error) {
	return declare[T](name, doc, caller.Capture(0))
}

func declare[T any](name, doc string, from caller.Stack) (*Event[T], error) {
	site := from.Outside(func(string) bool { return false })
	d, err := describe[T](name, doc, site)
	if err != nil {
		return nil, err
	}
	e := &Event[T]{d: d}
	d.newLine = func() line { return &typedLine[T]{d: d} }
	if err := catalogue.add(d); err != nil {
		return nil, err
	}
	return e, nil
}

// Descriptor returns what the Catalogue knows about the event.
func (e *Event[T]) Descriptor() *Descriptor { return e.d }

// Name returns the name the event was declared with.
func (e *Event[T]) Name() string { return e.d.Name }

// Record boxes a payload for code that handles events of any kind.
func (e *Event[T]) Record(payload T) Record { return Record{Event: e.d, Payload: payload} }

// Bind connects the event with a sink, once, when a component is made; the
// component then emits through the returned Emitter. With a nil sink or a nil
// *Bus the Emitter does nothing. With a *Bus it leads straight to the handlers
// of this event, present and future, without boxing; with any other sink each
// payload is boxed into a Record, but only if the sink is Enabled.
func (e *Event[T]) Bind(s Sink) Emitter[T] {
	switch s := s.(type) {
	case nil:
		return Emitter[T]{}
	case *Bus:
		if s == nil {
			return Emitter[T]{}
		}
		return Emitter[T]{line: s.line(e.d).(*typedLine[T])}
	default:
		l := &typedLine[T]{d: e.d}
		l.now.Store(&list[T]{d: e.d, sink: s})
		return Emitter[T]{line: l}
	}
}

// Attach registers a handler for this event on a bus and returns the Handle
// that detaches it. Handlers run in attach order, in the emitter's goroutine.
// Attach panics if bus or handler is nil.
func (e *Event[T]) Attach(bus *Bus, handler func(context.Context, T), opts ...AttachOption) *Handle {
	if handler == nil {
		panic("telemetry: Attach of a nil handler to " + e.d.Name)
	}
	h := newHandle(caller.Capture(0), opts)
	h.listens = e.d.Name
	h.matches = func(d *Descriptor) bool { return d == e.d }
	h.typed = handler
	return bus.attach(h)
}
