package telemetrytest

import (
	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/foundation/telemetry"
)

// Match selects events of one kind, for InOrder and Recorder.Count. Make one
// with Is.
type Match = func(telemetry.Record) bool

// Is matches the events of kind ev whose payload all of the given functions
// accept. Without functions it matches every event of that kind.
func Is[T any](ev *telemetry.Event[T], accept ...func(T) bool) Match {
	return func(rec telemetry.Record) bool {
		payload, ok := rec.Payload.(T)
		if !ok || rec.Event != ev.Descriptor() {
			return false
		}
		for _, f := range accept {
			if !f(payload) {
				return false
			}
		}
		return true
	}
}

// Await waits for an event of kind ev whose payload accept accepts, consumes
// and returns it: eventually.Event with the kind known to the compiler. A nil
// accept takes any payload. It fails t if no such event comes within the limit.
func Await[T any](t eventually.TB, what string, r *Recorder, ev *telemetry.Event[T], accept func(T) bool, opts ...eventually.Option) T {
	t.Helper()
	match := Is(ev)
	if accept != nil {
		match = Is(ev, accept)
	}
	rec := eventually.Event(t, what, r.Recorder, match, opts...)
	payload, _ := rec.Payload.(T)
	return payload
}

// AwaitInOrder waits until events that the steps select have been committed in
// that order, with others in between or not, consumes and returns them.
func AwaitInOrder(t eventually.TB, what string, r *Recorder, steps []Match, opts ...eventually.Option) []telemetry.Record {
	t.Helper()
	return eventually.InOrder(t, what, r.Recorder, steps, opts...)
}

// All returns the payloads of the recorded events of kind ev, in order of
// arrival. It does not wait and consumes nothing.
func All[T any](r *Recorder, ev *telemetry.Event[T]) []T {
	var all []T
	is := Is(ev)
	for _, rec := range r.History() {
		if is(rec) {
			all = append(all, rec.Payload.(T))
		}
	}
	return all
}
