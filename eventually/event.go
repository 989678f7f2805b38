package eventually

import (
	"errors"
	"fmt"
	"slices"
)

// Errors that end a wait on events before its limit. They are wrapped in
// ErrFailFast.
var (
	// ErrClosed: the recorder is closed, so nothing more will be recorded.
	ErrClosed = errors.New("the recorder is closed")
	// ErrForgotten: the recorder dropped events this wait would have searched.
	ErrForgotten = errors.New("the recorder has forgotten events that this wait needs")
)

// After makes Event, EventLike and InOrder search from mark instead of the
// recorder's cursor. Event and EventLike do not find again what a wait has
// consumed; InOrder does, since it asks about order and not about whose an event
// is. Other waits ignore After.
func After(mark Mark) Option {
	return optionFunc(func(c *config) { c.after = &mark })
}

// Event waits for an event that match accepts, consumes and returns it. It
// searches from the recorder's cursor (or After), first what was recorded
// already, and moves the cursor behind what it found. Events it passes over on
// the way are not consumed; a Strict recorder reports them at the end.
//
// The recorder is a source of the wait by itself. match runs on the caller's
// goroutine, once for each event; a failed wait also asks it about the events
// before the search. Waits on several goroutines may search one recorder: each
// event goes to one of them.
//
// The wait fails at once, with ErrFailFast, when the recorder is closed
// (ErrClosed) or has forgotten events that were to be searched (ErrForgotten).
func Event[E any](t TB, what string, r *Recorder[E], match func(E) bool, opts ...Option) E {
	s := &search[E]{r: r, match: match}
	if r := s.run(t, what, opts); r.speaks() {
		t.Helper()
		r.tell(t)
	}
	return s.found
}

// EventLike is Event for an event whose fields equal those of want, as far as
// want sets them: zero fields match anything. It panics if E is not a struct or
// a pointer to one. A failure shows the closest candidates and the fields in
// which they differ.
func EventLike[E any](t TB, what string, r *Recorder[E], want E, opts ...Option) E {
	p := newPattern(want)
	s := &search[E]{r: r, match: func(e E) bool { return len(p.differences(e)) == 0 }, differences: p.differences}
	if r := s.run(t, what, opts); r.speaks() {
		t.Helper()
		r.tell(t)
	}
	return s.found
}

// search is one look for one event.
type search[E any] struct {
	r           *Recorder[E]
	match       func(E) bool
	differences func(E) []string // nil if the match is opaque
	candidate   func(E) bool     // nil if every event is one

	next    uint64 // position of the first event not looked at yet
	started uint64
	found   E
}

func (s *search[E]) run(t TB, what string, opts []Option) *Report {
	c := configure(opts)
	c.refuseHold("an event")
	if s.r == nil || s.match == nil {
		c.misuse("a wait for an event needs a recorder and a match, and one of them is nil")
		return run(what, plan{search: true}, s.look, c, t)
	}
	c.sources = append([]Source{s.r}, c.sources...)
	if s.differences == nil && c.explain != nil {
		s.explained(c.explain)
	}
	s.next = s.r.startOf(&c)
	s.started = s.next
	r := run(what, plan{search: true}, s.look, c, t)
	if r.Err != nil && !errors.Is(r.Err, ErrMisuse) {
		r.Near = s.near()
		if s.candidate != nil {
			r.Awaited += fmt.Sprintf(" (%d recorded since the search began)", s.candidates())
		}
		if errors.Is(r.Err, ErrForgotten) {
			r.Hint = forgottenHint
		} else if hint := s.hint(); hint != "" {
			r.Hint = hint
		}
	}
	return r
}

// explained makes candidates comparable though the match is opaque.
func (s *search[E]) explained(explain func(event any) (differences []string, candidate bool)) {
	s.differences = func(e E) []string { d, _ := explain(e); return d }
	s.candidate = func(e E) bool { _, ok := explain(e); return ok }
}

// candidates counts the events since the search began that Awaiting calls
// candidates.
func (s *search[E]) candidates() (n int) {
	entries, _ := s.r.entries(s.started)
	for _, e := range entries {
		if s.candidate(e.event) {
			n++
		}
	}
	return n
}

// startOf returns where a search begins.
func (r *Recorder[E]) startOf(c *config) uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c.after == nil {
		return r.cursor
	}
	if mark := uint64(*c.after); mark > r.total {
		c.misuse("After(%d) is beyond the %s of %s; take the mark from the recorder that the wait searches", mark, plural(int(r.total), "event"), r)
	}
	return uint64(*c.after)
}

// look is the Condition of a search: it looks at what came since the last look.
func (s *search[E]) look() (bool, string, error) {
	fresh, closed, err := s.r.fresh(s.next)
	if err != nil {
		return false, "", err
	}
	for _, e := range fresh {
		position := s.next
		s.next++
		if !s.match(e.event) {
			continue
		}
		taken, err := s.r.consume(false, position)
		if taken {
			s.found = e.event
		}
		if taken || err != nil {
			return taken, "", err
		}
	}
	seen := int(s.next - s.started)
	why := fmt.Sprintf("%s, none matches", plural(seen, "event"))
	if seen == 0 {
		why = "no event"
	}
	if closed {
		return false, why, fmt.Errorf("%w, and %s", ErrClosed, noMatch(seen))
	}
	return false, why, nil
}

func noMatch(seen int) string {
	if seen == 0 {
		return "nothing came since the search began"
	}
	return fmt.Sprintf("of %s since the search began none matches", plural(seen, "event"))
}

// fresh returns the entries from position on.
func (r *Recorder[E]) fresh(position uint64) (entries []entry[E], closed bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.forgot(position); err != nil {
		return nil, false, err
	}
	return r.from(position), r.closed, nil
}

// forgot returns an error if the event at position is kept no more. Call it
// with the lock.
func (r *Recorder[E]) forgot(position uint64) error {
	base := r.base()
	if position >= base {
		return nil
	}
	return fmt.Errorf("%w: it keeps the latest %d, and %d before them had not been searched yet", ErrForgotten, r.cfg.keep, base-position)
}

// forgottenHint is the cure for ErrForgotten.
const forgottenHint = "raise Keep, wait sooner, or call Skip to begin with what comes next"

// consume takes the events at some positions, all or none, for a wait and moves
// the cursor behind them. It reports false if another wait was faster, unless
// again says that this does not matter, and fails if one has been forgotten
// since it was looked at: nobody knows any more whether it was taken.
func (r *Recorder[E]) consume(again bool, positions ...uint64) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range positions {
		if err := r.forgot(p); err != nil {
			return false, err
		}
		if r.at(p).consumed && !again {
			return false, nil
		}
	}
	for _, p := range positions {
		r.at(p).consumed = true
		r.cursor = max(r.cursor, p+1)
	}
	return true, nil
}

const (
	maxNear  = 3    // candidates that a report shows
	nearest  = 4096 // of the latest events are compared to find them
	maxDiffs = 3    // differences shown of each
)

// near returns the closest candidates: those with the fewest differing fields,
// the newest first among equals.
func (s *search[E]) near() []string {
	if s.differences == nil {
		return nil
	}
	type candidate struct {
		entry[E]
		diffs []string
	}
	var best []candidate
	entries, _ := s.r.entries(s.started)
	for _, e := range entries[max(0, len(entries)-nearest):] {
		if s.candidate != nil && !s.candidate(e.event) {
			continue
		}
		c := candidate{e, s.differences(e.event)}
		i, _ := slices.BinarySearchFunc(best, c, func(a, b candidate) int { return len(a.diffs) - len(b.diffs) })
		if best = slices.Insert(best, i, c); len(best) > maxNear {
			best = best[:maxNear]
		}
	}
	var lines []string
	for _, c := range best {
		if len(lines) > 0 && len(lines)+1+min(len(c.diffs), maxDiffs+1) > maxNearLines {
			break // show candidates whole
		}
		lines = append(lines, s.r.text(c.entry))
		for i, d := range c.diffs {
			if i == maxDiffs && len(c.diffs) > maxDiffs {
				lines = append(lines, fmt.Sprintf("    … %d differences in all", len(c.diffs)))
				break
			}
			lines = append(lines, "    "+d)
		}
		if c.consumed && len(c.diffs) == 0 {
			lines = append(lines, "    another wait consumed it")
		}
	}
	return lines
}

// hint looks for the event among those that earlier waits left behind.
func (s *search[E]) hint() string {
	entries, first := s.r.entries(0)
	for i, e := range entries {
		if first+uint64(i) >= s.started {
			break
		}
		if s.match(e.event) {
			if e.consumed {
				return fmt.Sprintf("a matching event came before this search began, and an earlier wait consumed it: %s; use what that wait returned, or look back with Since(mark)", s.r.text(e))
			}
			return fmt.Sprintf("a matching event came before this search began, and an earlier wait searched past it: %s; take a Mark before the action and search After(mark)", s.r.text(e))
		}
	}
	return ""
}

// entries returns the entries from position on that are kept, and the position
// of the first of them.
func (r *Recorder[E]) entries(position uint64) (entries []entry[E], first uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	entries = r.from(position)
	return entries, r.total - uint64(len(entries))
}

func (r *Recorder[E]) text(e entry[E]) string {
	m := r.moment(e)
	return fmt.Sprintf("+%v %s", round(m.At), oneLine(m.Text))
}
