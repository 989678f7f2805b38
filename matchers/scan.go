package matchers

import (
	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/foundation/telemetry"
)

// scan remembers how far a matcher has read a recorder, so that a wait over a
// long history judges each event once, and so that a failure message speaks of
// what the last Match saw, whatever has come since.
type scan[T any] struct {
	r       *eventually.Recorder[telemetry.Record]
	next    eventually.Mark // first event not read yet
	matched int
	first   telemetry.Record   // that matched
	records []telemetry.Record // of a sequence: what was looked at, in order
	reached int                // of a sequence: how many steps were found
	closed  bool
}

func (s *scan[T]) of(r *eventually.Recorder[telemetry.Record]) bool { return s.r == r }

// look reads what is new and reports whether the matcher matches now.
func (m *EventMatcher[T]) look(r *eventually.Recorder[telemetry.Record]) (bool, error) {
	if !m.seen.of(r) {
		m.seen = scan[T]{r: r, next: m.after}
	}
	m.seen.closed = r.Closed()
	if len(m.next) > 0 {
		matched, err := m.lookInOrder(r)
		if err != nil {
			m.seen = scan[T]{}
		}
		return matched, err
	}
	if err := m.read(r); err != nil {
		m.seen = scan[T]{}
		return false, err
	}
	matched := m.seen.matched == m.times || m.times < 0 && m.seen.matched > 0
	if matched && m.seen.matched > 0 {
		m.deliver(m.seen.first)
	}
	return matched, nil
}

func (m *EventMatcher[T]) read(r *eventually.Recorder[telemetry.Record]) error {
	s := &m.seen
	if m.decided() {
		return nil
	}
	fresh := r.Since(s.next)
	if lost := eventually.Mark(r.Forgotten()); lost > s.next {
		// The recorder has forgotten events that were not read. Where those it
		// returned begin is not known, so judge what is kept, and do not go on
		// from there next time.
		*s = scan[T]{r: r, next: m.after, closed: s.closed}
		fresh = r.Since(m.after)
		defer func() { s.next = m.after }()
	}
	for _, rec := range fresh {
		s.next++
		ok, err := m.takes(rec)
		if err != nil {
			return err
		}
		if ok {
			if s.matched == 0 {
				s.first = rec
			}
			s.matched++
		}
	}
	return nil
}

// lookInOrder takes the earliest event for each step; taking a later one never
// leaves more for the next. It starts anew each time, since an event that was
// committed earlier may arrive later.
func (m *EventMatcher[T]) lookInOrder(r *eventually.Recorder[telemetry.Record]) (bool, error) {
	s := &m.seen
	s.records, s.reached = r.Ordered(m.after), 0
	steps := append([]EventStep{m}, m.next...)
	var taken []telemetry.Record
	for _, rec := range s.records {
		ok, err := steps[len(taken)].takes(rec)
		if err != nil {
			return false, err
		}
		if !ok {
			continue
		}
		if taken = append(taken, rec); len(taken) == len(steps) {
			break
		}
	}
	s.reached = len(taken)
	if len(taken) < len(steps) {
		return false, nil
	}
	for i, rec := range taken {
		steps[i].deliver(rec)
	}
	return true, nil
}
