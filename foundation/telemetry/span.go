package telemetry

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// SpanStarted is emitted for every span that is recorded.
var SpanStarted = NewEvent[SpanStartedData]("telemetry.span.start", "A span was started.")

// SpanEnded is emitted once for every SpanStarted whose span comes to an end.
var SpanEnded = NewEvent[SpanEndedData]("telemetry.span.stop", "A span ended, by return, error, panic or Goexit.")

// SpanStartedData is the payload of SpanStarted. Its Commit has the name of the
// tracer as Instance.
type SpanStartedData struct {
	Commit
	Span       string      `telemetry:"label" doc:"Name of the span."`
	TraceID    TraceID     `telemetry:"attr" doc:"Id of the trace."`
	SpanID     SpanID      `telemetry:"attr" doc:"Id of the span."`
	ParentID   SpanID      `telemetry:"attr" doc:"Id of the parent span, zero for a root."`
	Sampled    bool        `telemetry:"attr" doc:"The W3C sampled flag."`
	Attributes []slog.Attr `telemetry:"attr" doc:"What Start was given."`
}

// SpanEndedData is the payload of SpanEnded. Its Commit has the name of the
// tracer as Instance.
type SpanEndedData struct {
	Commit
	Span       string        `telemetry:"label" doc:"Name of the span."`
	TraceID    TraceID       `telemetry:"attr" doc:"Id of the trace."`
	SpanID     SpanID        `telemetry:"attr" doc:"Id of the span."`
	ParentID   SpanID        `telemetry:"attr" doc:"Id of the parent span, zero for a root."`
	Sampled    bool          `telemetry:"attr" doc:"The W3C sampled flag."`
	Status     Status        `telemetry:"label" doc:"ok, error, panic or goexit."`
	Duration   time.Duration `telemetry:"measure" doc:"Time between start and end."`
	Error      error         `telemetry:"attr" doc:"What End was given, or the panic."`
	Stack      string        `telemetry:"attr" doc:"Stack of a panic outwards, at most 4 KiB."`
	Attributes []slog.Attr   `telemetry:"attr" doc:"Attributes at the end."`
	Events     []SpanEvent   `telemetry:"attr" doc:"What happened on the way."`
	Links      []SpanLink    `telemetry:"attr" doc:"Related spans."`
	Dropped    int           `telemetry:"measure,unit=details" doc:"Attributes, events and links beyond 128 of each."`
}

// Status says how a span ended.
type Status string

// The ways to end.
const (
	StatusOK     Status = "ok"     // End(nil), or Do's function returned nil
	StatusError  Status = "error"  // End(err), or Do's function returned err
	StatusPanic  Status = "panic"  // Do's function panicked
	StatusGoexit Status = "goexit" // Do's function called runtime.Goexit, as t.FailNow does
)

// SpanEvent is something that happened during a span.
type SpanEvent struct {
	Name       string
	At         time.Duration // since the start of the span
	Attributes []slog.Attr
}

// SpanLink relates a span to another that is not its parent.
type SpanLink struct {
	Context    SpanContext
	Attributes []slog.Attr
}

// maxDetails bounds each of attributes, events and links, as the defaults of
// OpenTelemetry do: a span in a long loop must not grow without end.
const maxDetails = 128

// Span is a piece of work with a start and exactly one end. Tracer.Start makes
// it. All methods may be called from any goroutine; on a nil *Span, which Start
// returns when nobody listens, they do nothing.
type Span struct {
	tracer *Tracer
	ctx    context.Context // of the span itself, for the emission of its end
	name   string
	own    SpanContext
	parent SpanID
	start  int64 // nanoseconds on the tracer's clock

	mu      sync.Mutex
	ended   bool
	attrs   []slog.Attr
	events  []SpanEvent
	links   []SpanLink
	dropped int
}

// spanScope is a context and the span it carries, allocated together.
type spanScope struct {
	context.Context
	span Span
}

func (s *spanScope) Value(key any) any {
	if key == (spanKey{}) {
		return &s.span
	}
	return s.Context.Value(key)
}

// Context returns the span's ids; those of a nil *Span are not Valid.
func (s *Span) Context() SpanContext {
	if s == nil {
		return SpanContext{}
	}
	return s.own
}

// Name returns the name given to Start.
func (s *Span) Name() string {
	if s == nil {
		return ""
	}
	return s.name
}

// SetAttr adds attributes; one with a key that is there already replaces it.
func (s *Span) SetAttr(attrs ...slog.Attr) {
	s.change(func() {
		for _, a := range attrs {
			same := func(b slog.Attr) bool { return b.Key == a.Key }
			if i := slices.IndexFunc(s.attrs, same); i >= 0 {
				s.attrs[i] = a
			} else {
				s.attrs = bounded(s, s.attrs, a)
			}
		}
	})
}

// AddEvent notes that something happened now.
func (s *Span) AddEvent(name string, attrs ...slog.Attr) {
	at := s.elapsed()
	s.change(func() {
		s.events = bounded(s, s.events, SpanEvent{name, at, slices.Clone(attrs)})
	})
}

// Link relates the span to another one, such as that of the request which put
// the work in a queue.
func (s *Span) Link(to SpanContext, attrs ...slog.Attr) {
	s.change(func() {
		s.links = bounded(s, s.links, SpanLink{to, slices.Clone(attrs)})
	})
}

// End ends the span: with StatusOK if err is nil, else with StatusError. Only
// the first call counts, from whatever goroutine; further ones are ignored and
// show in Tracer.LateCalls. SpanEnded has been delivered when it returns.
func (s *Span) End(err error) {
	status := StatusOK
	if err != nil {
		status = StatusError
	}
	s.end(status, err, "")
}

func (s *Span) end(status Status, err error, stack string) {
	var data SpanEndedData
	duration := s.elapsed()
	s.change(func() {
		s.ended = true
		data = SpanEndedData{
			Commit: s.tracer.commit(), Span: s.name,
			TraceID: s.own.TraceID, SpanID: s.own.SpanID, ParentID: s.parent, Sampled: s.own.Sampled,
			Status: status, Duration: duration, Error: err, Stack: stack,
			Attributes: s.attrs, Events: s.events, Links: s.links, Dropped: s.dropped,
		}
	})
	if data.Status != "" {
		s.tracer.open.Add(-1)
		s.tracer.ended.Emit(s.ctx, data)
	}
}

// elapsed reads the clock, which is somebody else's code and therefore kept
// outside the lock.
func (s *Span) elapsed() time.Duration {
	if s == nil {
		return 0
	}
	return time.Duration(s.tracer.nanos() - s.start)
}

// change applies a change to a span that has not ended.
func (s *Span) change(f func()) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		s.tracer.late.Add(1)
		return
	}
	f()
}

func bounded[E any](s *Span, list []E, e E) []E {
	if len(list) == maxDetails {
		s.dropped++
		return list
	}
	return append(list, e)
}
