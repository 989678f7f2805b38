package otelsource

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/sleepless-go/sleepless/eventually"
)

// Phase says whether a span began or ended.
type Phase uint8

// The phases of a span.
const (
	PhaseStarted Phase = iota + 1
	PhaseEnded
)

// String returns "started" or "ended".
func (p Phase) String() string {
	switch p {
	case PhaseStarted:
		return "started"
	case PhaseEnded:
		return "ended"
	}
	return "?"
}

// Span is the start or the end of a span, as it was at that moment.
type Span struct {
	Phase      Phase
	Name       string
	Context    trace.SpanContext // its ids
	Parent     trace.SpanContext // not valid for a root
	Attributes []attribute.KeyValue
	Status     codes.Code // codes.Error if it failed
	Message    string     // that goes with the status
	Duration   time.Duration
	// Snapshot has the rest: events, links, kind, resource. At the start it is
	// the live span.
	Snapshot sdktrace.ReadOnlySpan
}

// Attribute returns the value of an attribute, which is the zero Value if the
// span has none of that key.
func (s Span) Attribute(key attribute.Key) attribute.Value {
	for _, kv := range s.Attributes {
		if kv.Key == key {
			return kv.Value
		}
	}
	return attribute.Value{}
}

// String returns for instance `ended "place order" error: out of stock {items=3}`.
func (s Span) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %q", s.Phase, s.Name)
	if s.Status == codes.Error {
		b.WriteString(" error")
		if s.Message != "" {
			b.WriteString(": " + s.Message)
		}
	}
	return b.String() + attributeText(s.Attributes)
}

// Started returns a match for eventually.Event: the start of a span of that name.
func Started(name string) func(Span) bool {
	return func(s Span) bool { return s.Phase == PhaseStarted && s.Name == name }
}

// Ended returns a match for eventually.Event: the end of a span of that name.
func Ended(name string) func(Span) bool {
	return func(s Span) bool { return s.Phase == PhaseEnded && s.Name == name }
}

// Spans records the starts and ends of spans. It is a SpanProcessor for
// sdktrace.WithSpanProcessor, and its Recorder is what Event and InOrder take.
type Spans struct {
	*eventually.Recorder[Span]

	flight eventually.Signal // wakes those who wait with InFlight

	mu     sync.Mutex
	open   map[spanKey]string
	ending int // spans that are closed and whose end is not recorded yet
}

// spanKey identifies a span: the id of a span alone is unique in its trace only.
type spanKey struct {
	trace trace.TraceID
	span  trace.SpanID
}

func keyOf(c trace.SpanContext) spanKey { return spanKey{c.TraceID(), c.SpanID()} }

var (
	_ sdktrace.SpanProcessor = (*Spans)(nil)
	_ eventually.Witness     = (*Spans)(nil)
	_ eventually.Timeliner   = (*Spans)(nil)
)

// NewSpans returns an empty recorder of spans that belongs to t, which may be
// nil. Options are those of eventually.NewRecorder; reports call it "otel spans"
// unless Named says otherwise.
func NewSpans(t eventually.TB, opts ...eventually.RecorderOption) *Spans {
	opts = append([]eventually.RecorderOption{eventually.Named("otel spans")}, opts...)
	s := &Spans{Recorder: eventually.NewRecorder[Span](t, opts...), open: map[spanKey]string{}}
	s.DescribeWith(Span.String)
	return s
}

// SpansOf is [NewSpans] for one provider or component among several: reports call
// it "otel spans of" that name.
func SpansOf(t eventually.TB, component string, opts ...eventually.RecorderOption) *Spans {
	return NewSpans(t, append([]eventually.RecorderOption{eventually.Named("otel spans of " + component)}, opts...)...)
}

// OnStart implements sdktrace.SpanProcessor.
func (s *Spans) OnStart(_ context.Context, span sdktrace.ReadWriteSpan) {
	s.mu.Lock()
	s.open[keyOf(span.SpanContext())] = span.Name()
	s.mu.Unlock()
	s.Emit(record(PhaseStarted, span))
	s.flight.Broadcast()
}

// OnEnd implements sdktrace.SpanProcessor.
func (s *Spans) OnEnd(span sdktrace.ReadOnlySpan) {
	s.mu.Lock()
	delete(s.open, keyOf(span.SpanContext()))
	s.ending++
	s.mu.Unlock()
	s.Emit(record(PhaseEnded, span)) // second, so that who is woken by it finds the span closed
	s.mu.Lock()
	s.ending--
	s.mu.Unlock()
	s.flight.Broadcast()
}

// Shutdown implements sdktrace.SpanProcessor. What was recorded stays, and the
// recorder is closed: a wait for more fails at once.
func (s *Spans) Shutdown(context.Context) error {
	s.Close()
	return nil
}

// ForceFlush implements sdktrace.SpanProcessor. There is nothing to flush.
func (*Spans) ForceFlush(context.Context) error { return nil }

func record(phase Phase, span sdktrace.ReadOnlySpan) Span {
	r := Span{
		Phase: phase, Name: span.Name(), Context: span.SpanContext(), Parent: span.Parent(),
		Attributes: span.Attributes(), Status: span.Status().Code, Message: span.Status().Description,
		Snapshot: span,
	}
	if phase == PhaseEnded {
		r.Duration = span.EndTime().Sub(span.StartTime())
	}
	return r
}

// InFlight returns a source that is idle while no span is open and every end is
// recorded: Settle waits with it until all operations have ended, and Never can
// end early. That holds as far as nothing begins without a span.
func (s *Spans) InFlight() eventually.Idler { return inFlight{s} }

type inFlight struct{ s *Spans }

func (f inFlight) Notify(ch chan<- struct{}) (stop func()) { return f.s.flight.Notify(ch) }

// Outside tells, for reports, of wake-ups that a bubble's wall held up.
func (f inFlight) Outside() (count uint64, last string) { return f.s.flight.Outside() }

func (f inFlight) Idle() (idle bool, why string) {
	f.s.mu.Lock()
	names := make([]string, 0, len(f.s.open))
	for _, name := range f.s.open {
		names = append(names, name)
	}
	ending := f.s.ending
	f.s.mu.Unlock()
	switch {
	case len(names) == 0 && ending > 0:
		return false, "the end of a span is being recorded"
	case len(names) == 0:
		return true, ""
	}
	sort.Strings(names)
	const shown = 3
	text := strings.Join(names[:min(shown, len(names))], ", ")
	if len(names) > shown {
		text += ", …"
	}
	return false, fmt.Sprintf("%d open: %s", len(names), text)
}

func (f inFlight) String() string {
	if idle, why := f.Idle(); !idle {
		return f.s.Recorder.String() + " (" + why + ")"
	}
	return f.s.Recorder.String() + " (none open)"
}

// attributeText returns for instance ` {items=3, user="ann"}`, or "".
func attributeText(kvs []attribute.KeyValue) string {
	if len(kvs) == 0 {
		return ""
	}
	pairs := make([]string, len(kvs))
	for i, kv := range kvs {
		value := kv.Value.String()
		if kv.Value.Type() == attribute.STRING {
			value = fmt.Sprintf("%q", value)
		}
		pairs[i] = string(kv.Key) + "=" + value
	}
	sort.Strings(pairs)
	return " {" + strings.Join(pairs, ", ") + "}"
}
