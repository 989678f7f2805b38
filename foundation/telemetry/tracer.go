package telemetry

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"sync/atomic"

	"github.com/sleepless-go/sleepless/foundation/clock"
)

// TracerOptions are the options of a Tracer; the zero value is ready for use.
type TracerOptions struct {
	// Name is the Instance of the span events; optional.
	Name string
	// Clock measures the spans; nil means clock.System.
	Clock clock.Clock
	// Bits is where ids come from, for tests that want the same ones each time;
	// nil means math/rand/v2. It is called from any goroutine.
	Bits func() uint64
	// Sample decides the sampled flag of a span without parent; nil means true.
	// A child has the flag of its parent. Spans are recorded whatever the flag:
	// exporters respect it, tests see everything.
	Sample func(id TraceID, name string) bool
}

// Tracer starts spans and emits SpanStarted and SpanEnded to a sink. NewTracer
// makes it. All methods may be called from any goroutine; on a nil *Tracer
// nobody listens.
//
// A span is recorded if somebody listens when it is started, so that a start
// and its end are always seen together. If nobody does, Start costs two atomic
// loads: it draws no ids, reads no clock and returns its context unchanged. A
// parent in that context, local or remote, stays the parent of whatever is
// started or injected further down.
type Tracer struct {
	name    string
	nanos   func() int64
	bits    func() uint64
	sample  func(TraceID, string) bool
	started Emitter[SpanStartedData]
	ended   Emitter[SpanEndedData]
	commits Sequence
	open    atomic.Int64
	late    atomic.Uint64
}

// NewTracer returns a Tracer that emits to sink, which may be nil.
func NewTracer(sink Sink, o TracerOptions) *Tracer {
	t := &Tracer{
		name:    o.Name,
		nanos:   clock.NanosOf(clock.Or(o.Clock)),
		bits:    o.Bits,
		sample:  o.Sample,
		started: SpanStarted.Bind(sink),
		ended:   SpanEnded.Bind(sink),
	}
	if t.bits == nil {
		t.bits = rand.Uint64
	}
	return t
}

// Open returns the number of recorded spans that have not ended.
func (t *Tracer) Open() int {
	if t == nil {
		return 0
	}
	return int(t.open.Load())
}

// LateCalls counts the calls of End, SetAttr, AddEvent and Link on spans that
// had ended: each is a mistake in the traced program.
func (t *Tracer) LateCalls() uint64 {
	if t == nil {
		return 0
	}
	return t.late.Load()
}

// Start starts a span, as a child of the one in ctx if there is one, and
// returns it together with a context that carries it. SpanStarted has been
// delivered when it returns. The caller must call End; Do is safer where the
// work is a function. The span is nil if nobody listens, and nil may be used
// like any other span.
func (t *Tracer) Start(ctx context.Context, name string, attrs ...slog.Attr) (context.Context, *Span) {
	if t == nil || !t.started.Enabled() && !t.ended.Enabled() {
		return ctx, nil
	}
	return t.start(ctx, name, attrs)
}

func (t *Tracer) start(ctx context.Context, name string, attrs []slog.Attr) (context.Context, *Span) {
	scope := &spanScope{Context: ctx}
	s := &scope.span
	s.tracer, s.ctx, s.name = t, scope, name
	if parent := SpanContextFromContext(ctx); parent.Valid() {
		s.own, s.parent = parent, parent.SpanID
	} else {
		s.own.TraceID = traceIDFrom(t.bits)
		s.own.Sampled = t.sample == nil || t.sample(s.own.TraceID, name)
	}
	s.own.SpanID = spanIDFrom(t.bits)
	s.attrs = slices.Clone(attrs[:min(len(attrs), maxDetails)])
	s.dropped = len(attrs) - len(s.attrs)
	s.start = t.nanos()
	t.open.Add(1)
	t.started.Emit(scope, SpanStartedData{
		Commit: t.commit(), Span: name,
		TraceID: s.own.TraceID, SpanID: s.own.SpanID, ParentID: s.parent, Sampled: s.own.Sampled,
		Attributes: slices.Clone(s.attrs), // SetAttr changes the span's own
	})
	return scope, s
}

// Do runs f in a span and returns its error. The span ends exactly once: with
// StatusOK or StatusError when f returns, with StatusPanic when it panics (Do
// panics on with the same value) and with StatusGoexit when it ends its
// goroutine.
func (t *Tracer) Do(ctx context.Context, name string, f func(context.Context) error, attrs ...slog.Attr) error {
	ctx, s := t.Start(ctx, name, attrs...)
	if s == nil {
		return f(ctx)
	}
	returned := false
	defer func() {
		if returned {
			return
		}
		v := recover()
		if v == nil {
			s.end(StatusGoexit, nil, "")
			return
		}
		// The deferred panic goes on even if an unguarded sink panics in end.
		defer panic(v)
		s.end(StatusPanic, panicError(v), capped(fromPanic(debug.Stack()), maxStackText))
	}()
	err := f(ctx)
	returned = true
	s.End(err)
	return err
}

// panicError makes a panic's value an error.
func panicError(v any) error {
	if err, ok := v.(error); ok {
		return fmt.Errorf("panic: %w", err)
	}
	return fmt.Errorf("panic: %s", capped(fmt.Sprint(v), maxPanicText))
}

func (t *Tracer) commit() Commit {
	return Commit{Instance: t.name, Seq: t.commits.Next()}
}
