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
	// Event is the kind of event that the operation must emit:
	// cache.Put, for instance.
	Event interface{ Descriptor() *telemetry.Descriptor }
	// Do performs the operation. When it returns, the event must have been
	// delivered. It must not fail the test itself: it runs on a goroutine of
	// its own.
	Do func(ctx context.Context)
	// See looks at the component through its public API and returns an error if
	// it does not find what the event announces. It is called by a handler,
	// during the event. May be nil where there is nothing to see.
	See func(telemetry.Record) error
}

// Subject is a component made for Contract.
type Subject struct {
	// Acts are performed in this order. An Act may rely on those before it.
	Acts []Act
	// Close is called at the end; it may be nil.
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
	defer s.close()
	for i, a := range s.Acts {
		name := a.Event.Descriptor().Name
		if _, known := telemetry.Lookup(name); !known {
			return fmt.Sprintf("act %d: %s is not in the catalogue; declare it with telemetry.NewEvent", i+1, name)
		}
		w.expect(a)
		if complaint := c.perform(i, a); complaint != "" {
			return complaint
		}
		if complaint := w.complaint(); complaint != "" {
			return fmt.Sprintf("act %d: %s", i+1, complaint)
		}
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
	defer s.close()
	for i, a := range s.Acts {
		if complaint := c.perform(i, a); complaint != "" {
			return complaint
		}
	}
	return ""
}

func (s Subject) close() {
	if s.Close != nil {
		s.Close()
	}
}

// perform runs one operation beside the test, so that one which never returns
// is told of.
func (c contract) perform(i int, a Act) string {
	var done eventually.Counter
	var panicked any
	go func() {
		defer done.Add(1)
		defer func() { panicked = recover() }()
		a.Do(context.Background())
	}()
	report, err := eventually.Wait(context.Background(), "the operation returns", func() (bool, string, error) {
		return done.Load() == 1, "it has not returned", nil
	}, append(c.opts, eventually.On(&done))...)
	name := a.Event.Descriptor().Name
	switch {
	case err != nil:
		return fmt.Sprintf("act %d: the operation that emits %s did not return: a handler that uses the component must not dead-lock, so emit outside every lock\n%s", i+1, name, report)
	case panicked != nil:
		return fmt.Sprintf("act %d: the operation that emits %s panicked: %v", i+1, name, panicked)
	}
	return ""
}

// witness is the handler that looks.
type witness struct {
	mu      sync.Mutex
	act     Act
	seen    int
	wrong   []string
	commits map[string]map[uint64]string // instance → sequence → event
}

func (w *witness) expect(a Act) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.act, w.seen = a, 0
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
		w.wrong = append(w.wrong, fmt.Sprintf("%s had not been delivered when the operation returned", w.act.Event.Descriptor().Name))
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
