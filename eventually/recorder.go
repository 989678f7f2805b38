package eventually

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/sleepless-go/sleepless/foundation/clock"
)

// DefaultKeep is how many of the latest events a Recorder holds unless Keep
// says otherwise.
const DefaultKeep = 1 << 20

// Recorder remembers events in the order in which they arrive, and wakes waits.
// Open it before the action; whatever happens from then on can be waited for
// afterwards, since a wait searches the past before it blocks.
//
// A recorder has a cursor: Event and InOrder search from there and move it
// behind what they found, so that two waits for the same kind of event find two
// events. Looking back does not need the cursor: History, Since, Count.
//
// All methods may be called from any goroutine. Emit never blocks on a reader.
// The recorder starts no goroutine.
type Recorder[E any] struct {
	Signal
	cfg   recorderConfig
	nanos func() int64
	start int64
	t     TB // may be nil

	mu       sync.Mutex
	kept     []entry[E] // a ring once it holds cfg.keep
	first    int        // position of the oldest in kept
	total    uint64     // events ever
	cursor   uint64     // next event to be looked at by Event and InOrder
	closed   bool
	late     uint64 // events after Close
	lost     int    // events forgotten before anything consumed them
	strict   bool
	describe func(E) string
	order    func(E) (stream string, seq uint64, ok bool)
}

type entry[E any] struct {
	event    E
	at       int64 // nanoseconds, by nanos
	consumed bool
}

// Mark is a position in what a Recorder has seen: events from a mark on are
// those that arrived after it was taken.
type Mark uint64

// RecorderOption changes a Recorder.
type RecorderOption interface{ applyRecorder(*recorderConfig) }

type recorderConfig struct {
	keep  int
	name  string
	clock clock.Clock
}

type recorderOption func(*recorderConfig)

func (f recorderOption) applyRecorder(c *recorderConfig) { f(c) }

// Keep bounds a Recorder to the latest n events instead of DefaultKeep. Older
// ones are forgotten and counted; a wait that would have needed one of them
// fails and says so. It panics if n is below 1.
func Keep(n int) RecorderOption {
	if n < 1 {
		panic(fmt.Sprintf("eventually: Keep(%d): a recorder must keep at least one event", n))
	}
	return recorderOption(func(c *recorderConfig) { c.keep = n })
}

// Named gives a Recorder the name under which reports show it.
func Named(name string) RecorderOption {
	return recorderOption(func(c *recorderConfig) { c.name = name })
}

// StampWith takes the times of a Recorder's timeline from c, for instance the
// fake clock that drives the component. The default, also for nil, is the
// system's clock, which in a bubble is virtual.
func StampWith(c clock.Clock) RecorderOption {
	return recorderOption(func(cfg *recorderConfig) { cfg.clock = clock.Or(c) })
}

// NewRecorder returns an empty recorder that belongs to t: when t ends the
// recorder is closed, if t has a Cleanup method. t may be nil.
func NewRecorder[E any](t TB, opts ...RecorderOption) *Recorder[E] {
	cfg := recorderConfig{keep: DefaultKeep, name: "recorder of " + reflect.TypeFor[E]().String(), clock: clock.System()}
	for _, o := range opts {
		if o != nil {
			o.applyRecorder(&cfg)
		}
	}
	r := &Recorder[E]{cfg: cfg, nanos: clock.NanosOf(cfg.clock), t: t}
	r.start = r.nanos()
	if c, ok := t.(cleaner); ok {
		c.Cleanup(r.end)
	}
	return r
}

// DescribeWith sets how an event is rendered in reports, and returns r. The
// default is fmt's %+v. Call it before the first event.
func (r *Recorder[E]) DescribeWith(f func(E) string) *Recorder[E] {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.describe = f
	return r
}

// OrderBy sets how events are ordered where order matters (InOrder, Ordered),
// and returns r: events of the same stream by their sequence number, whatever
// their order of arrival. Components deliver outside their locks, so two
// goroutines may deliver out of commit order. Events for which ok is false, and
// those of different streams, stand in order of arrival. Call it before the
// first event.
func (r *Recorder[E]) OrderBy(f func(E) (stream string, seq uint64, ok bool)) *Recorder[E] {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.order = f
	return r
}

// Strict makes events that no wait consumed a failure of the test when it ends,
// and returns r. Event consumes the one it returns, InOrder those it returns,
// Skip all that are there. Events that Keep made it forget before they were
// consumed count too. It panics if the recorder's TB has no Cleanup
// method; then call Unconsumed yourself.
func (r *Recorder[E]) Strict() *Recorder[E] {
	if _, ok := r.t.(cleaner); !ok {
		panic(fmt.Sprintf("eventually: Strict needs a TB with a Cleanup method, and %T has none; compare Unconsumed() yourself", r.t))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.strict = true
	return r
}

// Emit records e and wakes the waits. After Close it only counts it as late.
func (r *Recorder[E]) Emit(e E) {
	at := r.nanos()
	r.mu.Lock()
	if r.closed {
		r.late++
		r.mu.Unlock()
		return
	}
	if len(r.kept) < r.cfg.keep {
		r.kept = append(r.kept, entry[E]{event: e, at: at})
	} else {
		if !r.kept[r.first].consumed {
			r.lost++
		}
		r.kept[r.first] = entry[E]{event: e, at: at}
		r.first = (r.first + 1) % r.cfg.keep
	}
	r.total++
	r.mu.Unlock()
	r.Broadcast()
}

// Close ends the recording: nothing that is emitted later is recorded, and
// waits for more fail at once. It is idempotent, and called when the recorder's
// test ends.
func (r *Recorder[E]) Close() {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.Broadcast()
}

// end closes the recorder with its test, and fails the test for what a strict
// recorder still holds.
func (r *Recorder[E]) end() {
	r.Close()
	r.mu.Lock()
	strict, lost := r.strict, r.lost
	r.mu.Unlock()
	left := r.unconsumed()
	if !strict || len(left)+lost == 0 {
		return
	}
	r.t.Helper()
	r.t.Errorf("%s", leftovers(r.String(), left, lost))
}

// leftovers is the text that fails the test of a strict recorder.
func leftovers(name string, left []Moment, lost int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "eventually: %s: %s not consumed by any wait:", name, plural(len(left)+lost, "event"))
	if lost > 0 {
		fmt.Fprintf(&b, "\n      %s that Keep made it forget", plural(lost, "event"))
	}
	for i, m := range left {
		if i == shownMoments {
			fmt.Fprintf(&b, "\n      … and %d more", len(left)-i)
			break
		}
		fmt.Fprintf(&b, "\n      +%-9v %s", round(m.At), oneLine(m.Text))
	}
	b.WriteString("\n    hint:       wait for them with Event or InOrder, or call Skip where they are expected and of no interest")
	return b.String()
}

// Closed reports whether Close was called.
func (r *Recorder[E]) Closed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.closed
}

// Len returns how many events were recorded, forgotten ones included.
func (r *Recorder[E]) Len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return int(r.total)
}

// Forgotten returns how many events Keep made the recorder forget.
func (r *Recorder[E]) Forgotten() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return int(r.base())
}

// Late returns how many events came after Close.
func (r *Recorder[E]) Late() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return int(r.late)
}

// Mark returns the position behind the latest event.
func (r *Recorder[E]) Mark() Mark {
	r.mu.Lock()
	defer r.mu.Unlock()
	return Mark(r.total)
}

// History returns the events that are kept, in order of arrival.
func (r *Recorder[E]) History() []E { return r.Since(0) }

// Since returns the events that arrived after mark was taken, in order of
// arrival.
func (r *Recorder[E]) Since(mark Mark) []E {
	r.mu.Lock()
	defer r.mu.Unlock()
	return eventsOf(r.from(uint64(mark)))
}

// Ordered is Since in the order set with OrderBy.
func (r *Recorder[E]) Ordered(mark Mark) []E {
	entries, _ := r.ordered(uint64(mark))
	return eventsOf(entries)
}

// Count returns how many of the events that are kept match.
func (r *Recorder[E]) Count(match func(E) bool) int {
	n := 0
	for _, e := range r.History() {
		if match(e) {
			n++
		}
	}
	return n
}

// Skip moves the cursor behind the latest event and counts everything before it
// as consumed. It returns how many events that newly consumed.
func (r *Recorder[E]) Skip() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for i := range r.kept {
		if !r.kept[i].consumed {
			r.kept[i].consumed = true
			n++
		}
	}
	n += r.lost
	r.lost = 0
	r.cursor = r.total
	return n
}

// Unconsumed returns the events that no wait consumed, in order of arrival.
func (r *Recorder[E]) Unconsumed() []E {
	r.mu.Lock()
	defer r.mu.Unlock()
	var events []E
	for _, e := range r.from(0) {
		if !e.consumed {
			events = append(events, e.event)
		}
	}
	return events
}

// Witness marks a Recorder as a Source that originates nothing itself.
func (r *Recorder[E]) Witness() {}

// String names the recorder in reports.
func (r *Recorder[E]) String() string { return r.cfg.name }

// Timeline implements Timeliner.
func (r *Recorder[E]) Timeline(n int) (moments []Moment, total int) {
	r.mu.Lock()
	entries, total := r.from(r.total-min(uint64(n), r.total)), int(r.total)
	r.mu.Unlock()
	for _, e := range entries {
		moments = append(moments, r.moment(e))
	}
	return moments, total
}

func (r *Recorder[E]) unconsumed() []Moment {
	r.mu.Lock()
	entries := r.from(0)
	r.mu.Unlock()
	var left []Moment
	for _, e := range entries {
		if !e.consumed {
			left = append(left, r.moment(e))
		}
	}
	return left
}

// moment renders an entry. It runs the user's code, so call it without the lock.
func (r *Recorder[E]) moment(e entry[E]) Moment {
	r.mu.Lock()
	describe, start := r.describe, r.epoch()
	r.mu.Unlock()
	if describe == nil {
		return Moment{time.Duration(e.at - start), show(e.event)}
	}
	return Moment{time.Duration(e.at - start), describe(e.event)}
}

// epoch is the instant from which times count: when the recorder was opened.
// A recorder that was opened outside the bubble in which it is used, or the
// other way round, counts from its oldest event instead: between the two clocks
// lie decades. Call it with the lock.
func (r *Recorder[E]) epoch() int64 {
	if r.cfg.clock == clock.System() && len(r.kept) > 0 {
		if oldest := r.kept[r.first].at; oldest-r.start > int64(decade) || r.start-oldest > int64(decade) {
			return oldest
		}
	}
	return r.start
}

// decade is more than a test lasts, and less than what lies between the clock
// of a bubble and that outside.
const decade = 10 * 365 * 24 * time.Hour

// opened tells how long ago the instant is from which times count, and by which
// clock.
func (r *Recorder[E]) opened() (by clock.Clock, ago time.Duration) {
	now := r.nanos()
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.cfg.clock, time.Duration(now - r.epoch())
}

// base is the position of the oldest event that is kept. Call it with the lock.
func (r *Recorder[E]) base() uint64 { return r.total - uint64(len(r.kept)) }

// from copies the entries from position on. Call it with the lock.
func (r *Recorder[E]) from(position uint64) []entry[E] {
	skip := 0
	if base := r.base(); position > base {
		skip = int(min(position-base, uint64(len(r.kept))))
	}
	out := make([]entry[E], 0, len(r.kept)-skip)
	for i := skip; i < len(r.kept); i++ {
		out = append(out, r.kept[(r.first+i)%len(r.kept)])
	}
	return out
}

// at returns the entry at a position that is kept. Call it with the lock.
func (r *Recorder[E]) at(position uint64) *entry[E] {
	return &r.kept[(r.first+int(position-r.base()))%len(r.kept)]
}

func eventsOf[E any](entries []entry[E]) []E {
	events := make([]E, len(entries))
	for i, e := range entries {
		events[i] = e.event
	}
	return events
}
