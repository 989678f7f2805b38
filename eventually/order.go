package eventually

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// InOrder waits until events that the steps accept have happened in that order,
// with others in between or not, consumes and returns them. Order is that of
// Recorder.OrderBy (the commit order, for recorders of telemetry), which need
// not be the order of arrival. It searches from the recorder's cursor, leaving
// out what other waits consumed, or After a mark, where consumed events count
// too. It moves the cursor behind the last event that it returns.
//
// Each step accepts one event, and an event serves one step. Steps run on the
// caller's goroutine, more than once for an event: one that was committed
// earlier may arrive later, so each check begins anew. A closed recorder and
// one that has forgotten fail the wait at once, as with Event.
func InOrder[E any](t TB, what string, r *Recorder[E], steps []func(E) bool, opts ...Option) []E {
	s := &sequence[E]{r: r, steps: steps}
	if r := s.run(t, what, opts); r.speaks() {
		t.Helper()
		r.tell(t)
	}
	return s.found
}

// sequence is a search for several events in order.
type sequence[E any] struct {
	r     *Recorder[E]
	steps []func(E) bool
	start uint64
	again bool // consumed events count too
	found []E

	// How far the last look came.
	entries []entry[E]
	taken   []int // per step the index of its event in entries
}

func (s *sequence[E]) run(t TB, what string, opts []Option) *Report {
	c := configure(opts)
	c.refuseHold("a sequence of events")
	if s.r == nil || len(s.steps) == 0 || slices.ContainsFunc(s.steps, func(f func(E) bool) bool { return f == nil }) {
		c.misuse("InOrder needs a recorder and at least one step, none of them nil")
		return run(what, plan{search: true}, s.look, c, t)
	}
	c.sources = append([]Source{s.r}, c.sources...)
	s.start, s.again = s.r.startOf(&c), c.after != nil
	r := run(what, plan{search: true}, s.look, c, t)
	if r.Err != nil && !errors.Is(r.Err, ErrMisuse) {
		r.Near = s.near()
		if errors.Is(r.Err, ErrForgotten) {
			r.Hint = forgottenHint
		}
	}
	return r
}

// look takes the earliest event for each step. That finds a sequence wherever
// there is one: taking a later event for a step never leaves more for the next.
func (s *sequence[E]) look() (bool, string, error) {
	for {
		_, closed, err := s.r.fresh(s.start)
		if err != nil {
			return false, "", err
		}
		positions := s.match()
		if len(s.taken) == len(s.steps) {
			if taken, err := s.r.consume(s.again, positions...); taken || err != nil {
				return taken, "", err
			}
			continue // another wait took one of them just now: look for others
		}
		why := fmt.Sprintf("step %d of %d has not happened (%s)", len(s.taken)+1, len(s.steps), plural(len(s.entries), "event"))
		if closed {
			return false, why, fmt.Errorf("%w, and %s", ErrClosed, why)
		}
		return false, why, nil
	}
}

// match fills in how far the sequence has come and returns the positions of the
// events that it took.
func (s *sequence[E]) match() (positions []uint64) {
	entries, at := s.r.ordered(s.start)
	s.entries, s.taken, s.found = entries, nil, nil
	for i, e := range entries {
		if len(s.taken) == len(s.steps) {
			break
		}
		if (s.again || !e.consumed) && s.steps[len(s.taken)](e.event) {
			s.taken = append(s.taken, i)
			s.found = append(s.found, e.event)
			positions = append(positions, at[i])
		}
	}
	return positions
}

// near says how far the sequence came.
func (s *sequence[E]) near() []string {
	var lines []string
	for i, at := range s.taken {
		lines = append(lines, fmt.Sprintf("step %d: %s", i+1, s.r.text(s.entries[at])))
	}
	missing := len(s.taken)
	if missing == len(s.steps) {
		return lines
	}
	line := fmt.Sprintf("step %d: missing", missing+1)
	if missing > 0 {
		line += fmt.Sprintf(" after step %d", missing)
	}
	lines = append(lines, line)
	for i, e := range s.entries {
		if slices.Contains(s.taken, i) || !s.steps[missing](e.event) {
			continue
		}
		if e.consumed && !s.again {
			return append(lines, "    consumed by another wait: "+s.r.text(e))
		}
		return append(lines, "    too early: "+s.r.text(e))
	}
	return lines
}

// ordered returns the entries from position on in the order of OrderBy, each
// with its position: the places that a stream's events took on arrival are
// given to the same events sorted by their sequence numbers.
func (r *Recorder[E]) ordered(position uint64) (entries []entry[E], positions []uint64) {
	r.mu.Lock()
	entries = r.from(position)
	first := r.total - uint64(len(entries))
	order := r.order
	r.mu.Unlock()
	for i := range entries {
		positions = append(positions, first+uint64(i))
	}
	if order == nil {
		return entries, positions
	}
	type member struct {
		index int
		seq   uint64
	}
	streams := map[string][]member{}
	for i, e := range entries {
		if stream, seq, ok := order(e.event); ok {
			streams[stream] = append(streams[stream], member{i, seq})
		}
	}
	sorted, sortedAt := slices.Clone(entries), slices.Clone(positions)
	for _, members := range streams {
		bySeq := slices.Clone(members)
		slices.SortStableFunc(bySeq, func(a, b member) int { return cmp.Compare(a.seq, b.seq) })
		for i, m := range members {
			sorted[m.index], sortedAt[m.index] = entries[bySeq[i].index], positions[bySeq[i].index]
		}
	}
	return sorted, sortedAt
}
