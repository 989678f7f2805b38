package eventually

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sleepless-go/sleepless/internal/stacks"
)

// Wake is what caused a check.
type Wake uint8

// The causes of a check.
const (
	WokenByStart   Wake = iota // the first check
	WokenByEvent               // a source reported a change
	WokenByPoll                // nothing did; the back-off of a wait without sources, or of a polled one
	WokenByHold                // the time of HoldFor was over
	WokenByLimit               // the limit was reached: the last check
	WokenByContext             // the context of the wait ended: one last check
)

var wakeNames = [...]string{"start", "event", "poll", "hold", "limit", "context"}

// String returns for instance "event".
func (w Wake) String() string {
	return wakeNames[w]
}

// Moment is something that happened, as a report shows it.
type Moment struct {
	At   time.Duration // since the source was opened
	Text string
}

// Change is a state of the awaited value, and when it was first seen.
type Change struct {
	At   time.Duration // since the wait began
	Text string        // the value, or why not yet
}

// Report tells how a wait went. On failure its String is the text that fails
// the test.
type Report struct {
	What    string        // what was awaited
	Err     error         // nil, or wraps ErrTimeout, ErrFailFast, ErrHappened, ErrStopped or ErrMisuse
	Limit   time.Duration // as worked out from Within, the scale, budgets and the test's deadline
	Hold    time.Duration // what HoldFor asked for
	Awaited string        // as named by Awaiting
	Message string        // what the test says about a failure, for libraries that take such a text (see OnFailure)
	Elapsed time.Duration // until the verdict
	Virtual bool          // times are those of a synctest bubble
	Checks  int
	Wakes   [6]int // checks by Wake

	Values  []Change // how the answer changed: the first, and up to seven of the latest
	Changes int      // how often it did

	// The rest is collected on failure only.
	Sources    []string   // what was to wake the wait
	Timelines  []Timeline // what those sources saw
	Near       []string   // the closest candidates, for waits on events
	Pending    []string   // armed timers and the like
	Goroutines []string   // what else could still have acted
	Crossings  []string   // wake-ups that a bubble's wall held up
	Hint       string
	Test       string // its name, where the TB of the wait has one
	Verdict    string // the failure in the words of a framework, which shows them itself (see OnFailure)
	Artefacts  string // the directory of the artefacts, "" if none were asked for or written

	goal       goal
	search     bool
	heldShort  bool
	unprompted bool
	unproven   bool // Never watched its window though it was given sources
	once       bool
	unarmed    bool // a clock was asked and has no timer
	after      *aftermath
}

// Timeline is what one source saw.
type Timeline struct {
	Source  string
	Total   int // moments in all; len(Moments) of the latest are kept
	Moments []Moment
}

const (
	keptValues   = 8
	shownMoments = 8
	shownPending = 3
)

// note records how the answer changed.
func (r *Report) note(at time.Duration, done bool, why string) {
	if why == "" {
		why = strconv.FormatBool(done)
	}
	if n := len(r.Values); n > 0 && r.Values[n-1].Text == why {
		return
	}
	r.Changes++
	if len(r.Values) == keptValues {
		copy(r.Values[1:], r.Values[2:])
		r.Values = r.Values[:keptValues-1]
	}
	r.Values = append(r.Values, Change{at, why})
}

// collect asks the sources what they know, once the wait has failed.
func (r *Report) collect(w *waiter) {
	r.collectNames(w)
	r.after = &aftermath{onFailure: w.onFailure, evidence: w.evidence}
	wanted := shownMoments
	if w.evidence != nil {
		wanted = maxMoments
	}
	for _, s := range distinct(w.sources) {
		if tl, ok := s.(Timeliner); ok {
			moments, total := tl.Timeline(wanted)
			if w.evidence != nil {
				w.evidence.timeline(s, moments, total)
			}
			r.Timelines = append(r.Timelines, Timeline{nameOf(s), total, moments[max(0, len(moments)-shownMoments):]})
		}
		if p, ok := s.(Pender); ok && r.open() {
			pending := p.Pending()
			r.Pending = append(r.Pending, pending...)
			r.unarmed = r.unarmed || len(pending) == 0
		}
	}
	if !r.open() && w.evidence == nil {
		return
	}
	all := stacks.All()
	if r.open() {
		r.Goroutines = describe(all[1:], all[0].Bubble)
		r.Hint = r.hint(w.sources)
	}
	if w.evidence != nil {
		w.evidence.all = all
		w.evidence.place(time.Since(w.start))
	}
}

// open tells whether more could have happened, had the wait gone on.
func (r *Report) open() bool { return errors.Is(r.Err, ErrTimeout) || errors.Is(r.Err, ErrStopped) }

// collectNames is the part of collect that a remark on a wait needs too.
func (r *Report) collectNames(w *waiter) {
	for _, s := range distinct(w.sources) {
		r.Sources = append(r.Sources, nameOf(s))
	}
	for i, s := range w.sources {
		x, ok := s.(crosser)
		if !ok || w.crossed == nil {
			continue
		}
		if n, last := x.Outside(); n > w.crossed[i] {
			r.Crossings = append(r.Crossings, fmt.Sprintf("%s: %d from outside this bubble, the last by %s", nameOf(s), n-w.crossed[i], last))
		}
	}
}

// distinct leaves out sources that are given twice, as the recorder of an Event
// often is.
func distinct(sources []Source) []Source {
	var once []Source
	for _, s := range sources {
		if !reflect.TypeOf(s).Comparable() || !slices.Contains(once, s) {
			once = append(once, s)
		}
	}
	return once
}

func nameOf(s Source) string {
	name := strings.TrimPrefix(fmt.Sprintf("%T", s), "*")
	if n, ok := s.(fmt.Stringer); ok {
		name = n.String()
	}
	if _, ok := s.(Polled); ok {
		name += " (polled)"
	}
	return name
}

// hint says what to try. The first that fits is the most likely.
func (r *Report) hint(sources []Source) string {
	switch {
	case len(r.Crossings) > 0:
		return "goroutines and components that wake this wait must be started inside its bubble"
	case r.heldShort:
		return "the condition was true at the end, but not without interruption for as long as HoldFor asks; look at the values for what broke it"
	case len(sources) == 0:
		return "no source was given, so nothing could wake this wait and it polled; name what changes the answer with On(recorder, bus, clock, …)"
	case len(r.Pending) > 0:
		return "timers are armed on a fake clock, which moves only when told to: advance it, or find out why what was due before did not happen"
	case r.once:
		return ""
	case r.Wakes[WokenByEvent] == 0 && r.Wakes[WokenByPoll] == 0 && errors.Is(r.Err, ErrTimeout):
		if r.saw() {
			return "nothing came while this waited; what the timelines show was there before"
		}
		return "no source reported anything: is this recorder, bus or clock the one that the component was given?"
	default:
		return ""
	}
}

// saw reports whether any timeline has a moment.
func (r *Report) saw() bool {
	return slices.ContainsFunc(r.Timelines, func(tl Timeline) bool { return tl.Total > 0 })
}

// String returns the report as text, most important first. It has 25 lines at
// most, of which the timelines take what the rest leaves.
func (r *Report) String() string {
	if r.Err == nil {
		return r.headline()
	}
	head := &text{lines: []string{r.headline()}}
	if r.Message != "" {
		head.section("message:", block(r.Message))
	}
	if r.Awaited != "" {
		head.section("awaited:", []string{r.Awaited})
	}
	if n := len(r.Values); n > 0 {
		last := block(r.Values[n-1].Text)
		if r.Changes > 1 {
			last[0] += fmt.Sprintf(" (since +%v)", round(r.Values[n-1].At))
		}
		head.section("last check:", last)
		if r.Changes > 1 && !r.search {
			head.section("values:", []string{r.values()})
		}
	}
	if r.Checks > 0 {
		head.section("checks:", []string{r.wakes()})
	}
	head.section("closest:", atMost(maxNearLines, r.Near))
	tail := &text{}
	tail.section("armed:", r.armed())
	tail.section("goroutines:", r.goroutines())
	tail.section("held up:", atMost(shownPending, r.Crossings))
	if r.Hint != "" {
		tail.section("hint:", []string{r.Hint})
	}
	tail.section("artefacts:", r.artefactsLine())
	r.writeTimelines(head, maxLines-len(head.lines)-len(tail.lines))
	return strings.Join(append(head.lines, tail.lines...), "\n")
}

const (
	maxLines     = 25 // of a report, beyond which timelines do not grow
	maxBlock     = 6  // of one value
	maxNearLines = 8
)

// text is a report under construction.
type text struct{ lines []string }

// section adds lines, the first of them behind a label.
func (t *text) section(label string, lines []string) {
	for i, l := range lines {
		t.lines = append(t.lines, fmt.Sprintf("    %-12s%s", onlyFirst(i, label), l))
	}
}

// atMost cuts lines down to n and says how many there were.
func atMost(n int, lines []string) []string {
	if len(lines) <= n {
		return lines
	}
	return append(lines[:n:n], fmt.Sprintf("… and %d more", len(lines)-n))
}

// block makes lines of a text that may have several.
func block(s string) []string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	for i, l := range lines {
		lines[i] = oneLine(strings.TrimRight(l, " \t\r"))
	}
	return atMost(maxBlock, lines)
}

// armed lists the timers. That there is none is worth a line: then no time that
// passes would have helped.
func (r *Report) armed() []string {
	if len(r.Pending) == 0 && r.unarmed {
		return []string{"no timer"}
	}
	return atMost(shownPending, r.Pending)
}

// goroutines says what else could have acted. In a bubble nothing outside it
// can, so that there being no other is worth a line.
func (r *Report) goroutines() []string {
	if len(r.Goroutines) == 0 && r.Virtual && r.open() {
		return []string{"this bubble has no other; only a timer could still have acted"}
	}
	return r.Goroutines
}

func onlyFirst(i int, label string) string {
	if i == 0 {
		return label
	}
	return ""
}

func (r *Report) headline() string {
	virtual := ""
	if r.Virtual {
		virtual = " (virtual)"
	}
	what := fmt.Sprintf("eventually: %q", r.What)
	after := fmt.Sprintf("%v%s", round(r.Elapsed), virtual)
	switch {
	case errors.Is(r.Err, ErrMisuse):
		return fmt.Sprintf("%s was not awaited: %v", what, r.Err)
	case r.goal == toStay:
		return what + " " + r.watched(after, virtual)
	case r.Err == nil:
		return fmt.Sprintf("%s happened after %s, %s", what, after, plural(r.Checks, "check"))
	case errors.Is(r.Err, ErrTimeout) && r.once:
		return what + " has not happened"
	case errors.Is(r.Err, ErrTimeout) && r.heldShort:
		return fmt.Sprintf("%s did not hold for %v within %v%s", what, round(r.Hold), round(r.Limit), virtual)
	case errors.Is(r.Err, ErrTimeout):
		return fmt.Sprintf("%s did not happen within %v%s", what, round(r.Limit), virtual)
	default:
		return fmt.Sprintf("%s did not happen: after %s: %v", what, after, r.Err)
	}
}

// watched is the headline of Never.
func (r *Report) watched(after, virtual string) string {
	switch {
	case r.Err == nil:
		return fmt.Sprintf("did not happen in %s, %s", after, plural(r.Checks, "check"))
	case errors.Is(r.Err, ErrHappened) && r.Checks == 1:
		return "was not to happen, and it had happened already"
	case errors.Is(r.Err, ErrHappened):
		return fmt.Sprintf("was never to happen, and it happened after %s", after)
	default:
		return fmt.Sprintf("was to be watched for %v%s, and that was cut short after %s: %v", round(r.Limit), virtual, after, r.Err)
	}
}

func (r *Report) values() string {
	texts := make([]string, len(r.Values))
	for i, v := range r.Values {
		texts[i] = cut(oneLine(v.Text), maxInRow)
	}
	if left := r.Changes - len(r.Values); left > 0 {
		texts[1] = fmt.Sprintf("… %d more … → %s", left, texts[1])
	}
	return strings.Join(texts, " → ")
}

// wakes says who prompted the checks; it is the line that tells an event-driven
// wait from a polling one.
func (r *Report) wakes() string {
	parts := []string{}
	for _, c := range []struct {
		wake Wake
		text string
	}{{WokenByEvent, "%d woken by events"}, {WokenByPoll, "%d by polling"}, {WokenByHold, "%d to hold"}} {
		if n := r.Wakes[c.wake]; n > 0 {
			parts = append(parts, fmt.Sprintf(c.text, n))
		}
	}
	if len(parts) == 0 && len(r.Sources) > 0 && r.Checks > 1 {
		parts = append(parts, "none woken by events")
	}
	s := strconv.Itoa(r.Checks)
	if len(parts) > 0 {
		s += " (" + strings.Join(parts, ", ") + ")"
	}
	if len(r.Sources) == 0 {
		return s + "; no source was given"
	}
	return s + "; sources: " + strings.Join(r.Sources, ", ")
}

// writeTimelines shares out room among the timelines, at least a headline and
// two moments for each.
func (r *Report) writeTimelines(t *text, room int) {
	for i, tl := range r.Timelines {
		share := max(room/(len(r.Timelines)-i)-1, 2)
		before := len(t.lines)
		t.timeline(tl, share)
		room -= len(t.lines) - before
	}
}

func (t *text) timeline(tl Timeline, room int) {
	shown := tl.Moments[len(tl.Moments)-min(room, len(tl.Moments)):]
	switch {
	case tl.Total == 0:
		t.lines = append(t.lines, fmt.Sprintf("    timeline of %s: nothing happened", tl.Source))
	case tl.Total > len(shown):
		t.lines = append(t.lines, fmt.Sprintf("    timeline of %s (last %d of %d):", tl.Source, len(shown), tl.Total))
	default:
		t.lines = append(t.lines, fmt.Sprintf("    timeline of %s:", tl.Source))
	}
	for _, m := range shown {
		t.lines = append(t.lines, fmt.Sprintf("      +%-9v %s", round(m.At), oneLine(m.Text)))
	}
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// round keeps three or four digits of a duration, which is all that is read.
func round(d time.Duration) time.Duration {
	for unit := time.Duration(1); ; unit *= 10 {
		if d < 10000*unit && d > -10000*unit {
			return d.Round(unit)
		}
	}
}

const (
	maxText  = 160 // bytes of one line of a value
	maxInRow = 40  // bytes of one value among several
)

// oneLine makes a text fit a line.
func oneLine(s string) string {
	s = strings.ReplaceAll(strings.TrimSpace(s), "\n", " ⏎ ")
	if len(s) > maxText {
		return fmt.Sprintf("%s (%d bytes)", cut(s, maxText), len(s))
	}
	return s
}

// cut shortens s to about n bytes, without cutting a rune in two.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}
