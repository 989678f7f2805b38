package telemetry

import "context"

// Sink takes events of any kind. Components accept one in their options and
// bind their events to it when they are made; nil means that nobody listens.
// *Bus is the Sink with handlers that come and go; a recorder of a test or a
// sampler in front of a bus are others.
//
// Both methods are called from any goroutine. A Sink other than *Bus runs
// unguarded: what it panics with reaches the emitter, as with slog.Handler.
type Sink interface {
	// Enabled reports whether Handle would do anything with such an event. It
	// is asked before every event, so it should be cheap.
	Enabled(d *Descriptor) bool
	// Handle takes one event; it returns when it is done with it.
	Handle(ctx context.Context, r Record)
}

// Fanout returns a Sink that hands every event to each of the sinks in turn.
// Nil sinks and nil buses are left out; of none left the result is nil, of one
// it is that sink itself.
func Fanout(sinks ...Sink) Sink {
	var out fanout
	for _, s := range sinks {
		switch s := s.(type) {
		case nil:
		case *Bus:
			if s != nil {
				out = append(out, s)
			}
		case fanout:
			out = append(out, s...)
		default:
			out = append(out, s)
		}
	}
	switch len(out) {
	case 0:
		return nil
	case 1:
		return out[0]
	}
	return out
}

type fanout []Sink

func (f fanout) Enabled(d *Descriptor) bool {
	for _, s := range f {
		if s.Enabled(d) {
			return true
		}
	}
	return false
}

func (f fanout) Handle(ctx context.Context, r Record) {
	for _, s := range f {
		if s.Enabled(r.Event) {
			s.Handle(ctx, r)
		}
	}
}
