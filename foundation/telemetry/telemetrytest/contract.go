package telemetrytest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/foundation/telemetry"
)

// Act is one operation of a component and the event that announces it.
type Act struct {
	// Name says in failures which act it is; by default its number must do.
	Name string
	// Event is the kind of event that the operation must emit:
	// cache.Put, for instance.
	Event interface{ Descriptor() *telemetry.Descriptor }
	// Do performs the operation. When it returns, the event must have been
	// delivered. It must not fail the test itself: it runs on a goroutine of
	// its own.
	Do func(ctx context.Context)
	// Settle is for an operation that hands its work to a goroutine of the
	// component: the event need not have been delivered when Do returns, but
	// when Settle, usually the component itself, has become idle again.
	Settle eventually.Idler
	// See looks at the component through its public API and returns an error if
	// it does not find what the event announces. It is called by a handler,
	// during the event. May be nil where there is nothing to see. The function
	// See makes one that gets the payload.
	See func(telemetry.Record) error
}

// See returns a function for Act.See that is given the payload of ev.
func See[T any](ev *telemetry.Event[T], look func(T) error) func(telemetry.Record) error {
	return func(rec telemetry.Record) error {
		payload, ok := rec.Payload.(T)
		if !ok || rec.Event != ev.Descriptor() {
			return fmt.Errorf("See looks at %s and was given %s; name the Act's own event", ev.Name(), rec.Event.Name)
		}
		return look(payload)
	}
}

// Subject is a component made for Contract.
type Subject struct {
	// Acts are performed in this order. An Act may rely on those before it.
	Acts []Act
	// Close is called at the end, unless an operation did not return; it may be
	// nil.
	Close func()
}

// Contract checks that a component emits its events as telemetry demands. open
// makes a fresh component that emits to sink; it is called several times, once
// with a nil sink.
//
// It fails t if, for any Act, the event was not delivered by the time the
// operation returned; if a handler that looked at the component during the
// event did not see what it announces, or did not come back, which means that
// the component holds a lock while it emits; if the event carries no instance
// or no commit sequence, or a sequence that another event of the same instance
// has already; if a panicking handler reached the operation; or if the
// component does not work with nobody listening.
//
// opts apply to the wait for each operation; Within shortens it. Contract must
// be called outside bubbles, where a lock that is never released would hang it.
// An operation that does not return is left behind: nothing can end it.
func Contract(t eventually.TB, open func(sink telemetry.Sink) Subject, opts ...eventually.Option) {
	t.Helper()
	c := contract{t: t, opts: opts}
	for _, check := range []func(func(telemetry.Sink) Subject) string{c.observed, c.panicking, c.unobserved} {
		if complaint := check(open); complaint != "" {
			t.Errorf("telemetrytest: emit contract: %s", complaint)
			t.FailNow()
			return
		}
	}
}

type contract struct {
	t    eventually.TB
	opts []eventually.Option
}

// observed performs the acts with a handler that looks.
func (c contract) observed(open func(telemetry.Sink) Subject) string {
	bus := telemetry.NewBus()
	w := &witness{}
	defer bus.AttachAll(w.handle).Close()
	s := open(bus)
	for i, a := range s.Acts {
		name := a.Event.Descriptor().Name
		if _, known := telemetry.Lookup(name); !known {
			return fmt.Sprintf("%s: %s is not in the catalogue; declare it with telemetry.NewEvent", a.title(i), name)
		}
		w.expect(a)
		if complaint := c.perform(i, a); complaint != "" {
			return complaint // s is not closed: Close would most likely need the same lock
		}
		if complaint := w.complaint(); complaint != "" {
			return fmt.Sprintf("%s: %s", a.title(i), complaint)
		}
	}
	if complaint := c.close(s); complaint != "" {
		return complaint
	}
	return w.sequences()
}

// panicking performs the acts with a handler that panics at every event.
func (c contract) panicking(open func(telemetry.Sink) Subject) string {
	bus := telemetry.NewBus(telemetry.OnPanic(telemetry.Keep))
	defer bus.AttachAll(func(context.Context, telemetry.Record) { panic("a handler of the emit contract panics on purpose") }).Close()
	return c.through(open, bus)
}

// unobserved performs the acts without a sink.
func (c contract) unobserved(open func(telemetry.Sink) Subject) string { return c.through(open, nil) }

func (c contract) through(open func(telemetry.Sink) Subject, sink telemetry.Sink) string {
	s := open(sink)
	for i, a := range s.Acts {
		if complaint := c.perform(i, a); complaint != "" {
			return complaint
		}
	}
	return c.close(s)
}

func (c contract) close(s Subject) string {
	if s.Close == nil {
		return ""
	}
	report, panicked := c.beside("Close returns", s.Close)
	switch {
	case report.Err != nil:
		return fmt.Sprintf("Close did not return\n%s", report)
	case panicked != nil:
		return fmt.Sprintf("Close panicked: %v", panicked)
	}
	return ""
}

func (a Act) title(i int) string {
	if a.Name != "" {
		return fmt.Sprintf("act %d (%s)", i+1, a.Name)
	}
	return fmt.Sprintf("act %d", i+1)
}

// perform runs one operation, and waits for what it set going.
func (c contract) perform(i int, a Act) string {
	name := a.Event.Descriptor().Name
	report, panicked := c.beside("the operation returns", func() { a.Do(context.Background()) })
	switch {
	case report.Err != nil:
		return fmt.Sprintf("%s: the operation that emits %s did not return: a handler that uses the component must not dead-lock, so emit outside every lock\n%s", a.title(i), name, report)
	case panicked != nil:
		return fmt.Sprintf("%s: the operation that emits %s panicked: %v", a.title(i), name, panicked)
	case a.Settle == nil:
		return ""
	}
	report, err := eventually.Wait(context.Background(), "the component is idle again", func() (bool, string, error) {
		idle, why := a.Settle.Idle()
		return idle, why, nil
	}, append(c.opts, eventually.On(a.Settle))...)
	if err != nil {
		return fmt.Sprintf("%s: what the operation set going, which is to emit %s, did not end\n%s", a.title(i), name, report)
	}
	return ""
}

// beside runs f on a goroutine of its own, so that one which never returns is
// told of, and returns what it panicked with.
func (c contract) beside(what string, f func()) (report *eventually.Report, panicked any) {
	var done eventually.Counter
	go func() {
		defer done.Add(1)
		defer func() { panicked = recover() }()
		f()
	}()
	report, err := eventually.Wait(context.Background(), what, func() (bool, string, error) {
		return done.Load() == 1, "it has not returned", nil
	}, append(c.opts, eventually.On(&done))...)
	if err != nil {
		return report, nil // panicked may be written at any time now
	}
	return report, panicked
}

// witness is the handler that looks.
type witness struct {
	mu      sync.Mutex
	act     Act
	seen    int
	others  []string // kinds delivered during the act, other than the one awaited
	wrong   []string
	commits map[string]map[uint64]string // instance → sequence → event
}

func (w *witness) expect(a Act) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.act, w.seen, w.others = a, 0, nil
}

func (w *witness) handle(_ context.Context, rec telemetry.Record) {
	w.mu.Lock()
	a := w.act
	w.mu.Unlock()
	var problems []string
	awaited := a.Event != nil && rec.Event == a.Event.Descriptor()
	if awaited && a.See != nil {
		if err := a.See(rec); err != nil { // no lock is held: See uses the component
			problems = append(problems, fmt.Sprintf("during %s the component did not show what the event announces: %v; emit after the state is committed", rec, err))
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if awaited {
		w.seen++
	} else {
		w.others = append(w.others, rec.Event.Name)
	}
	w.wrong = append(append(w.wrong, problems...), w.identity(rec)...)
}

// identity checks who an event says it is about. Call it with the lock.
func (w *witness) identity(rec telemetry.Record) []string {
	commit, ok := rec.Commit()
	switch {
	case rec.Event == telemetry.HandlerFailure.Descriptor():
		return nil // the bus's own
	case !ok:
		return []string{fmt.Sprintf("the payload %T of %s does not embed telemetry.Commit", rec.Payload, rec.Event.Name)}
	case commit.Instance == "":
		return []string{fmt.Sprintf("%s does not say which instance it is about", rec)}
	case commit.Seq == 0:
		return []string{fmt.Sprintf("%s has no commit sequence; draw it from the instance's telemetry.Sequence while the state is committed", rec)}
	}
	if w.commits == nil {
		w.commits = map[string]map[uint64]string{}
	}
	if w.commits[commit.Instance] == nil {
		w.commits[commit.Instance] = map[uint64]string{}
	}
	if other, taken := w.commits[commit.Instance][commit.Seq]; taken {
		return []string{fmt.Sprintf("%s has the commit sequence of an earlier %s", rec, other)}
	}
	w.commits[commit.Instance][commit.Seq] = rec.Event.Name
	return nil
}

func (w *witness) complaint() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.seen == 0 {
		instead := "nothing was"
		if len(w.others) > 0 {
			instead = "delivered instead: " + strings.Join(w.others, ", ")
		}
		w.wrong = append(w.wrong, fmt.Sprintf("%s had not been delivered when the operation returned; %s", w.act.Event.Descriptor().Name, instead))
	}
	return strings.Join(w.wrong, "\n    ")
}

// sequences checks that numbers were drawn from one counter for each instance:
// with everybody listening none is left out.
func (w *witness) sequences() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	for instance, seqs := range w.commits {
		all := make([]uint64, 0, len(seqs))
		for s := range seqs {
			all = append(all, s)
		}
		slices.Sort(all)
		if last := all[len(all)-1]; last-all[0] >= uint64(len(all)) {
			return fmt.Sprintf("instance %q drew commit sequences %v: some were never delivered", instance, all)
		}
	}
	return ""
}
