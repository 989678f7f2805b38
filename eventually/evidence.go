package eventually

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/sleepless-go/sleepless/foundation/clock"
	"github.com/sleepless-go/sleepless/internal/artefact"
	"github.com/sleepless-go/sleepless/internal/stacks"
)

// How much a wait gathers for its artefacts: the latest so many.
const (
	maxMoments = 10_000 // of each source
	maxAnswers = 10_000
	maxChecks  = 10_000
	maxMoment  = 2000 // bytes of the text of one of them
)

// evidence is what a wait gathers for its artefacts.
type evidence struct {
	dir string // as the option names it

	answers  tail[artefact.Moment]
	checks   tail[artefact.Check]
	lanes    []artefact.Lane
	openings []opening // of the sources of the lanes
	axes     []artefact.Axis
	all      []stacks.Goroutine // the waiting one first
}

// tail keeps the latest of many.
type tail[T any] struct {
	total int
	kept  []T
}

func (l *tail[T]) add(v T, most int) {
	l.total++
	if len(l.kept) == 2*most {
		l.kept = append(l.kept[:0], l.kept[most:]...)
	}
	l.kept = append(l.kept, v)
}

func (l *tail[T]) latest(most int) []T { return l.kept[max(0, len(l.kept)-most):] }

// look notes a look at the condition, and its answer if that has changed.
func (e *evidence) look(l look, cause Wake, changed bool, values []Change) {
	e.checks.add(artefact.Check{At: int64(l.at), Cause: cause.String(), Done: l.done}, maxChecks)
	if changed {
		latest := values[len(values)-1]
		e.answers.add(artefact.Moment{At: int64(latest.At), Text: bounded(latest.Text, maxMoment)}, maxAnswers)
	}
}

// bounded cuts a text and says so.
func bounded(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return fmt.Sprintf("%s (%d bytes)", cut(text, most), len(text))
}

// dated is a Timeliner that can tell for how long it has been open, by which
// clock. Its moments can be put on an axis with those of others.
type dated interface {
	opened() (by clock.Clock, ago time.Duration)
}

// opening is what a dated source said. by is nil where the clock is that of the
// wait.
type opening struct {
	known bool
	by    clock.Clock
	ago   time.Duration
}

// timeline notes what a source saw.
func (e *evidence) timeline(s Source, moments []Moment, total int) {
	lane := artefact.Lane{Source: nameOf(s), Record: artefact.Record{Total: total, Moments: make([]artefact.Moment, len(moments))}}
	for i, m := range moments {
		lane.Moments[i] = artefact.Moment{At: int64(m.At), Text: bounded(m.Text, maxMoment)}
	}
	e.lanes = append(e.lanes, lane)
	e.openings = append(e.openings, openingOf(s))
}

func openingOf(s Source) opening {
	d, ok := s.(dated)
	if !ok {
		return opening{}
	}
	by, ago := d.opened()
	if by == nil || !reflect.TypeOf(by).Comparable() || ago < 0 || ago > decade {
		return opening{} // decades lie between a bubble's clock and that outside
	}
	if by == clock.System() {
		by = nil
	}
	return opening{true, by, ago}
}

// spot is where a timeline stands: on which axis, and how much later its own
// beginning is than that of the axis.
type spot struct {
	axis  int
	later time.Duration
}

// align finds common axes for timelines, at an instant that is elapsed after
// the wait began. Sources that stamp by the clock of the wait share its axis;
// those of one other clock share one that begins when the first of them was
// opened; a source that does not say has its own.
func align(names []string, openings []opening, elapsed time.Duration) (axes []string, spots []spot) {
	axes = []string{"since the wait began"}
	axisOf, oldest := map[clock.Clock]int{}, map[clock.Clock]time.Duration{}
	for _, o := range openings {
		if o.by != nil {
			oldest[o.by] = max(oldest[o.by], o.ago)
		}
	}
	for i, o := range openings {
		switch axis, seen := axisOf[o.by]; {
		case !o.known:
			axes = append(axes, "since "+names[i]+" was opened")
			spots = append(spots, spot{axis: len(axes) - 1})
		case o.by == nil:
			spots = append(spots, spot{later: elapsed - o.ago})
		case seen:
			spots = append(spots, spot{axis, oldest[o.by] - o.ago})
		default:
			axes = append(axes, "by the clock of "+names[i])
			axisOf[o.by] = len(axes) - 1
			spots = append(spots, spot{len(axes) - 1, oldest[o.by] - o.ago})
		}
	}
	return axes, spots
}

// place puts the lanes on their axes.
func (e *evidence) place(elapsed time.Duration) {
	names := make([]string, len(e.lanes))
	for i, l := range e.lanes {
		names[i] = l.Source
	}
	axes, spots := align(names, e.openings, elapsed)
	for _, a := range axes {
		e.axes = append(e.axes, artefact.Axis{Name: a})
	}
	for i, s := range spots {
		e.lanes[i].Axis = s.axis
		for n := range e.lanes[i].Moments {
			e.lanes[i].Moments[n].At += int64(s.later)
		}
	}
}

// write puts everything into files. flightless says why there is no flight
// recording.
func (e *evidence) write(r *Report, t TB) (path string, flightless, err error) {
	dir, err := e.directory(t)
	if err != nil {
		return "", nil, err
	}
	f := e.failure(r)
	recording, flightless := flight.Snapshot()
	f.Flight = artefact.FlightFile
	if flightless != nil {
		f.Flight = flightless.Error()
	}
	name := r.What
	if r.Test != "" {
		name = r.Test + "." + r.What
	}
	dump := make([]string, len(e.all))
	for i, g := range e.all {
		dump[i] = g.Text
	}
	path, err = artefact.Write(dir, name, f, strings.Join(dump, "\n\n"), recording)
	if err != nil {
		err = fmt.Errorf("%w; name a directory that can be written", err)
	}
	return path, flightless, err
}

// failure is the report in the form in which artefacts show it.
func (e *evidence) failure(r *Report) *artefact.Failure {
	f := &artefact.Failure{
		Version: artefact.Version, What: r.What, Test: r.Test, Reason: r.reason(), Headline: r.headline(),
		Message: strings.Trim(r.Verdict+"\n"+r.Message, "\n"), Awaited: r.Awaited, Hint: r.Hint, Text: r.String(),
		Limit: int64(r.Limit), Hold: int64(r.Hold), Elapsed: int64(r.Elapsed), Virtual: r.Virtual,
		Answers: artefact.Record{Total: e.answers.total, Moments: e.answers.latest(maxAnswers)},
		Checks:  artefact.Checks{Total: e.checks.total, Kept: e.checks.latest(maxChecks)},
		Axes:    e.axes, Lanes: e.lanes, Near: candidates(r.Near), Sources: r.Sources,
		AskedForTimers: len(r.Pending) > 0 || r.unarmed, Timers: r.Pending, HeldUp: r.Crossings,
		Goroutines: artefact.GroupGoroutines(e.all, user), Process: artefact.ThisProcess(),
	}
	for w, n := range r.Wakes {
		f.Wakes = append(f.Wakes, artefact.Wake{Cause: Wake(w).String(), Count: n})
	}
	if n := len(r.Values); n > 0 {
		f.Last = r.Values[n-1].Text
	}
	return f
}

// reason is the verdict in a word.
func (r *Report) reason() string {
	for _, c := range []struct {
		err  error
		name string
	}{{ErrTimeout, "timeout"}, {ErrFailFast, "fail-fast"}, {ErrHappened, "happened"}, {ErrStopped, "stopped"}} {
		if errors.Is(r.Err, c.err) {
			return c.name
		}
	}
	return "failed"
}

// candidates makes pairs of the lines of a report on the closest: what is
// indented belongs to the candidate above.
func candidates(lines []string) (near []artefact.Near) {
	for _, l := range lines {
		if difference, ok := strings.CutPrefix(l, "    "); ok && len(near) > 0 {
			last := &near[len(near)-1]
			last.Differences = append(last.Differences, difference)
			continue
		}
		near = append(near, artefact.Near{Text: l})
	}
	return near
}
