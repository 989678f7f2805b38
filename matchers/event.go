package matchers

import (
	"errors"
	"fmt"
	"time"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/foundation/telemetry"
	"github.com/sleepless-go/sleepless/foundation/telemetry/telemetrytest"
	"github.com/sleepless-go/sleepless/matchers/internal/callsite"
)

// ReceiveEvent matches a recorder that has recorded an event of kind ev whose
// payload satisfies everything nested: Gomega matchers, functions of type
// func(T) bool, and values of type T, which mean equality. The actual is a
// *telemetrytest.Recorder or an *eventually.Recorder[telemetry.Record].
//
//	Await(rec).Should(ReceiveEvent(cache.Evicted, HaveField("Key", "a")))
//	Expect(rec).To(ReceiveEvent(cache.Evicted)) // it must be there already
//
// It looks at history, from the beginning or a mark (see After), and changes
// nothing there: unlike Gomega's Receive it does not consume, so that it means
// the same under Not, And and Or, and two assertions may find the same event. A
// Strict recorder counts as consumed only what the waits of eventually and
// telemetrytest return; use those with it, or call its Skip after assertions.
//
// Nested matchers and functions must be pure: each event is judged once by a
// matcher and not again when more have come. A matcher serves one goroutine.
func ReceiveEvent[T any](ev *telemetry.Event[T], nested ...any) *EventMatcher[T] {
	return newEventMatcher("ReceiveEvent", ev, nested, defaultSlice)
}

// HaveEmitted is ReceiveEvent that never blocks, not even under the stock
// Eventually (see EventMatcher.BlockFor).
func HaveEmitted[T any](ev *telemetry.Event[T], nested ...any) *EventMatcher[T] {
	return newEventMatcher("HaveEmitted", ev, nested, 0)
}

// ReceiveRecord is ReceiveEvent for events of any kind: it matches a recorder
// that has recorded a record for which match is true. what says in failures
// which one that is: "an event of the janitor".
func ReceiveRecord(what string, match func(telemetry.Record) bool) *EventMatcher[telemetry.Record] {
	m := &EventMatcher[telemetry.Record]{
		title: "ReceiveRecord", kind: what, times: -1, slice: defaultSlice,
		payload: func(rec telemetry.Record) (telemetry.Record, bool) { return rec, true },
	}
	if match == nil {
		m.err = errors.New("ReceiveRecord was given a nil function")
		return m
	}
	m.nested = []acceptor[telemetry.Record]{{judge: func(rec telemetry.Record) (bool, error) { return match(rec), nil }}}
	return m
}

func newEventMatcher[T any](title string, ev *telemetry.Event[T], nested []any, slice time.Duration) *EventMatcher[T] {
	m := &EventMatcher[T]{title: title, times: -1, slice: slice}
	if ev == nil {
		m.err = fmt.Errorf("%s was given a nil event; give the variable that the component declares with telemetry.NewEvent", title)
		return m
	}
	m.kind = ev.Name()
	kind := ev.Descriptor()
	m.payload = func(rec telemetry.Record) (payload T, ok bool) {
		if rec.Event != kind {
			return payload, false
		}
		payload, ok = rec.Payload.(T)
		return payload, ok
	}
	for i, n := range nested {
		a, err := accept[T](n)
		if err != nil {
			m.err = fmt.Errorf("%s(%s, …): nested argument %d %w", title, m.kind, i+1, err)
			return m
		}
		m.nested = append(m.nested, a)
	}
	return m
}

// EventMatcher is what ReceiveEvent, HaveEmitted and ReceiveRecord return: a
// Gomega matcher with methods that say more about what to match. The methods
// change the matcher and return it.
type EventMatcher[T any] struct {
	title   string // ReceiveEvent
	kind    string // name of the event
	payload func(telemetry.Record) (T, bool)
	nested  []acceptor[T]
	times   int // -1: once or more
	into    *T
	after   eventually.Mark
	next    []EventStep
	idlers  []eventually.Idler
	slice   time.Duration
	err     error // of use

	seen scan[T]
}

// EventStep is one step of InOrder: an EventMatcher of any payload.
type EventStep interface {
	misuse() error
	expectation() string
	takes(telemetry.Record) (bool, error)
	deliver(telemetry.Record)
}

// Times asks for exactly n matching events. The matcher matches while exactly n
// have been recorded: while fewer have, it does not yet; once more have, it
// never will again, and a wait ends at once. It cannot know that no further one
// is coming; assert that with Consistently, or with From. Times(0) matches as
// long as there is none.
func (m *EventMatcher[T]) Times(n int) *EventMatcher[T] {
	if n < 0 {
		m.err = fmt.Errorf("%s(%s).Times(%d): the number of events must not be negative", m.title, m.kind, n)
	}
	m.times = n
	return m
}

// Into stores the payload of the first matching event in *payload when the
// matcher matches.
func (m *EventMatcher[T]) Into(payload *T) *EventMatcher[T] {
	m.into = payload
	return m
}

// After restricts the matcher to events recorded after mark was taken with the
// recorder's Mark.
func (m *EventMatcher[T]) After(mark eventually.Mark) *EventMatcher[T] {
	m.after = mark
	return m
}

// InOrder asks that the matching event is followed by events that the steps
// match, one after the other, with others in between or not. Where events of
// one instance carry a commit sequence that decides, else their arrival. Marks
// and numbers of the steps do not count; their Into does.
func (m *EventMatcher[T]) InOrder(next ...EventStep) *EventMatcher[T] {
	m.next = append(m.next, next...)
	return m
}

// From names what the events come from. When all of the sources are idle (no
// work in flight, no armed timer), nothing more can come: Consistently then
// succeeds at once, and Await and Eventually fail at once.
func (m *EventMatcher[T]) From(sources ...eventually.Idler) *EventMatcher[T] {
	m.idlers = append(m.idlers, sources...)
	return m
}

// BlockFor sets for how long one Match under Gomega's own Eventually(…).Should
// may block until an event comes: 50 ms unless set, 0 for never. The wait can
// overrun its timeout by that much. Await does not need it.
func (m *EventMatcher[T]) BlockFor(d time.Duration) *EventMatcher[T] {
	m.slice = max(d, 0)
	return m
}

// recorderOf finds the recorder in an actual.
func recorderOf(actual any) (*eventually.Recorder[telemetry.Record], bool) {
	switch r := actual.(type) {
	case *telemetrytest.Recorder:
		if r != nil {
			return r.Recorder, r.Recorder != nil
		}
	case *eventually.Recorder[telemetry.Record]:
		return r, r != nil
	}
	return nil, false
}

// ready returns the recorder to look at, or what is wrong.
func (m *EventMatcher[T]) ready(actual any) (*eventually.Recorder[telemetry.Record], error) {
	if m.err != nil {
		return nil, m.err
	}
	if m.times >= 0 && len(m.next) > 0 {
		return nil, fmt.Errorf("%s(%s): Times and InOrder cannot be combined; name the event in InOrder as often as it is to come", m.title, m.kind)
	}
	for i, s := range m.next {
		if s == nil {
			return nil, fmt.Errorf("%s(%s).InOrder: step %d is nil", m.title, m.kind, i+1)
		}
		if err := s.misuse(); err != nil {
			return nil, err
		}
	}
	r, ok := recorderOf(actual)
	if !ok {
		return nil, fmt.Errorf("%s needs a recorder of events (*telemetrytest.Recorder or *eventually.Recorder[telemetry.Record], not nil), and was given %T", m.title, actual)
	}
	return r, nil
}

// Match implements Gomega's matcher.
func (m *EventMatcher[T]) Match(actual any) (bool, error) {
	r, err := m.ready(actual)
	if err != nil {
		return false, err
	}
	matched, err := m.look(r)
	if matched || err != nil || m.slice == 0 || !m.open(r) || !mayBlock(callsite.Frames()) {
		return matched, err
	}
	blockFor(m.slice, m.wakers(actual), func() bool {
		matched, err = m.look(r)
		return matched || err != nil || !m.open(r)
	})
	return matched, err
}

// wakers are what can change the verdict: the recorder, and what is to be idle.
func (m *EventMatcher[T]) wakers(actual any) []eventually.Source {
	var sources []eventually.Source
	if s, ok := actual.(eventually.Source); ok {
		sources = append(sources, s)
	}
	for _, i := range m.idlers {
		sources = append(sources, i)
	}
	return sources
}

// MatchMayChangeInTheFuture implements Gomega's oracle: not if the recorder is
// closed, everything given with From is idle, or what has been recorded settles
// the matter.
func (m *EventMatcher[T]) MatchMayChangeInTheFuture(actual any) bool {
	r, err := m.ready(actual)
	return err != nil || m.open(r)
}

// open reports whether events can still come that change the verdict.
func (m *EventMatcher[T]) open(r *eventually.Recorder[telemetry.Record]) bool {
	if r.Closed() || m.seen.of(r) && m.decided() {
		return false
	}
	for _, i := range m.idlers {
		if idle, _ := i.Idle(); !idle {
			return true
		}
	}
	return len(m.idlers) == 0
}

// decided reports whether what has been read settles the matter: an event that
// has been recorded stays so.
func (m *EventMatcher[T]) decided() bool {
	if m.times >= 0 {
		return m.seen.matched > m.times
	}
	return len(m.next) == 0 && m.seen.matched > 0
}

func (m *EventMatcher[T]) misuse() error { return m.err }
func (m *EventMatcher[T]) name() string  { return m.title + "(" + m.kind + ")" }

// takes judges one event.
func (m *EventMatcher[T]) takes(rec telemetry.Record) (bool, error) {
	payload, ok := m.payload(rec)
	if !ok {
		return false, nil
	}
	for _, n := range m.nested {
		if ok, err := n.judge(payload); !ok || err != nil {
			if err != nil {
				err = fmt.Errorf("%s(%s): a nested matcher could not judge %s: %w", m.title, m.kind, rec, err)
			}
			return false, err
		}
	}
	return true, nil
}

func (m *EventMatcher[T]) deliver(rec telemetry.Record) {
	if payload, ok := m.payload(rec); ok && m.into != nil {
		*m.into = payload
	}
}
