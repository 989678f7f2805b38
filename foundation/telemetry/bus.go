package telemetry

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/sleepless-go/sleepless/internal/notify"
)

// Bus is a Sink with handlers that come and go. It is an instance: two buses
// know nothing of each other, so parallel tests with a bus each cannot hear
// each other. NewBus makes it. A bus owns no goroutines: handlers run in the
// goroutine of whoever emits.
//
// All methods may be called from any goroutine, and from handlers. Enabled,
// Handle and Failures also work on a nil *Bus, which nobody listens to.
type Bus struct {
	name   string
	policy panicOption

	// lines has a typedLine for each event that was bound, attached to or
	// emitted; read without lock, replaced under mu.
	lines atomic.Pointer[map[*Descriptor]line]

	mu       sync.Mutex // never held while user code runs
	handles  []*Handle  // in attach order
	lastID   uint64
	waiters  int
	commits  Sequence
	failures atomic.Uint64
	hub      notify.Hub

	failure Emitter[HandlerFailureData]
}

// NewBus returns a bus without handlers. Options: Named, and OnPanic and After
// for the handlers that do not bring their own; the default is OnPanic(Keep).
func NewBus(opts ...BusOption) *Bus {
	b := &Bus{}
	b.lines.Store(&map[*Descriptor]line{})
	for _, o := range opts {
		o.applyBus(b)
	}
	b.failure = HandlerFailure.Bind(b)
	return b
}

// Name returns what the option Named gave the bus.
func (b *Bus) Name() string { return b.name }

// Enabled implements Sink: it reports whether any handler gets this kind of
// event, or anybody waits for the bus.
func (b *Bus) Enabled(d *Descriptor) bool {
	return b != nil && b.line(d).enabled()
}

// Handle implements Sink: it hands a record to the handlers of its event, as
// Emitter.Emit does. It panics if the payload is not of the event's type.
func (b *Bus) Handle(ctx context.Context, r Record) {
	if b != nil {
		b.line(r.Event).handle(ctx, r)
	}
}

// Failures counts the panics and Goexits of all handlers the bus ever had.
func (b *Bus) Failures() uint64 {
	if b == nil {
		return 0
	}
	return b.failures.Load()
}

// Notify makes the bus a wake-up source for waits (it is an eventually.Source):
// after every emission of any event, when all its handlers have run, a value is
// sent to ch without blocking, until stop is called. Whatever was emitted after
// Notify returned wakes; emitters pay nothing while nobody waits. Notify must
// be called by the goroutine that waits; stop may be called more than once.
func (b *Bus) Notify(ch chan<- struct{}) (stop func()) {
	unregister := b.hub.Notify(ch)
	b.wait(+1)
	var once sync.Once
	return func() {
		once.Do(func() {
			b.wait(-1)
			unregister()
		})
	}
}

// Witness marks the bus, for package eventually, as a source that originates
// nothing itself but passes on what components do.
func (b *Bus) Witness() {}

// Outside reports how many emissions could not wake a waiter because they came
// from outside its synctest bubble, and where the last one came from.
func (b *Bus) Outside() (count uint64, last string) {
	f := b.hub.Foreign()
	return f.Count, f.Last
}

func (b *Bus) wait(change int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	was := b.waiters > 0
	b.waiters += change
	if is := b.waiters > 0; is != was {
		for _, l := range *b.lines.Load() {
			l.wake(is)
		}
	}
}

// line returns what the bus keeps for an event, and makes it at first sight,
// with the handlers that match already in it.
func (b *Bus) line(d *Descriptor) line {
	if l, ok := (*b.lines.Load())[d]; ok {
		return l
	}
	if d == nil || d.newLine == nil {
		panic("telemetry: a Descriptor that no NewEvent made reached a Bus")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	old := *b.lines.Load()
	if l, ok := old[d]; ok {
		return l
	}
	l := d.newLine()
	l.update(b.handles, &b.hub, b.waiters > 0)
	lines := make(map[*Descriptor]line, len(old)+1)
	for k, v := range old {
		lines[k] = v
	}
	lines[d] = l
	b.lines.Store(&lines)
	return l
}

func (b *Bus) attach(h *Handle) *Handle {
	if b == nil {
		panic("telemetry: attaching a handler to a nil *Bus")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lastID++
	h.bus, h.id = b, b.lastID
	h.policy = h.policy.or(b.policy)
	b.handles = append(b.handles, h)
	b.refresh(h)
	return h
}

func (b *Bus) detach(h *Handle) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if i := slices.Index(b.handles, h); i >= 0 {
		h.state.Store(int32(Closed))
		b.handles = slices.Delete(b.handles, i, i+1)
		b.refresh(h)
	}
}

func (b *Bus) reattach(h *Handle) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch h.State() {
	case Active:
		return nil
	case Quarantined:
		h.since = 0
		h.state.Store(int32(Active))
		b.refresh(h)
		return nil
	}
	return ErrClosed
}

// refresh remakes the lists that h is or was in; b.mu is held.
func (b *Bus) refresh(h *Handle) {
	for d, l := range *b.lines.Load() {
		if h.matches(d) {
			l.update(b.handles, &b.hub, b.waiters > 0)
		}
	}
}
