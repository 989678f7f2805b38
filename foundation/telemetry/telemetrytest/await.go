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
// accept takes any payload. It fails t if no such event comes within the limit;
// the failure names the kind, and shows events of that kind that accept did not
// take. With eventually.AtOnce it looks once: it must have happened.
func Await[T any](t eventually.TB, what string, r *Recorder, ev *telemetry.Event[T], accept func(T) bool, opts ...eventually.Option) T {
	t.Helper()
	rec := eventually.Event(t, what, r.Recorder, is(ev, accept), append(opts, awaiting(ev))...)
	payload, _ := rec.Payload.(T)
	return payload
}

// Never fails t if an event of kind ev whose payload accept accepts has been
// recorded, or is while it watches: eventually.Never over r. A nil accept takes
// any payload. Name with eventually.On who could emit it, and Never returns at
// once when they are idle; or say eventually.AtOnce after moving a fake clock.
func Never[T any](t eventually.TB, what string, r *Recorder, ev *telemetry.Event[T], accept func(T) bool, opts ...eventually.Option) {
	t.Helper()
	match := is(ev, accept)
	eventually.Never(t, what, func() bool { return r.Count(match) > 0 }, append(opts, eventually.On(r), awaiting(ev))...)
}

func is[T any](ev *telemetry.Event[T], accept func(T) bool) Match {
	if accept == nil {
		return Is(ev)
	}
	return Is(ev, accept)
}

// awaiting tells the report of a wait what it looks for.
func awaiting[T any](ev *telemetry.Event[T]) eventually.Option {
	return eventually.Awaiting(ev.Name(), func(event any) (differences []string, candidate bool) {
		rec, ok := event.(telemetry.Record)
		if !ok || rec.Event != ev.Descriptor() {
			return nil, false
		}
		return []string{"not accepted by the match"}, true
	})
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
