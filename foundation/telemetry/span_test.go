package telemetry_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sleepless-go/sleepless/foundation/telemetry"
)

// keepAll is a sink that wants everything and keeps nothing.
type keepAll struct{}

func (keepAll) Enabled(*telemetry.Descriptor) bool { return true }

func (keepAll) Handle(context.Context, telemetry.Record) {}

// counter returns a source of ids 1, 2, 3….
func counter() func() uint64 {
	var n atomic.Uint64
	return func() uint64 { return n.Add(1) }
}

// tracing returns a tracer and what it emitted so far.
func tracing(o telemetry.TracerOptions) (tr *telemetry.Tracer, started *[]telemetry.SpanStartedData, ended *[]telemetry.SpanEndedData) {
	bus := telemetry.NewBus()
	started, ended = new([]telemetry.SpanStartedData), new([]telemetry.SpanEndedData)
	var mu sync.Mutex
	telemetry.SpanStarted.Attach(bus, func(_ context.Context, d telemetry.SpanStartedData) {
		mu.Lock()
		defer mu.Unlock()
		*started = append(*started, d)
	})
	telemetry.SpanEnded.Attach(bus, func(_ context.Context, d telemetry.SpanEndedData) {
		mu.Lock()
		defer mu.Unlock()
		*ended = append(*ended, d)
	})
	return telemetry.NewTracer(bus, o), started, ended
}

func TestDoEndsItsSpanExactlyOnceHoweverTheFunctionEnds(t *testing.T) {
	oops := errors.New("oops")
	for _, c := range []struct {
		name   string
		f      func(context.Context) error
		err    error
		panics any
		exits  bool
		status telemetry.Status
		text   string
	}{
		{name: "return", f: func(context.Context) error { return nil }, status: telemetry.StatusOK},
		{name: "error", f: func(context.Context) error { return oops }, err: oops, status: telemetry.StatusError, text: "oops"},
		{name: "panic", f: func(context.Context) error { panic("boom") }, panics: "boom", status: telemetry.StatusPanic, text: "panic: boom"},
		{name: "panic with an error", f: func(context.Context) error { panic(oops) }, panics: oops, status: telemetry.StatusPanic, text: "panic: oops"},
		{name: "goexit", f: func(context.Context) error { runtime.Goexit(); return nil }, exits: true, status: telemetry.StatusGoexit},
	} {
		t.Run(c.name, func(t *testing.T) {
			tr, started, ended := tracing(telemetry.TracerOptions{})
			exited := true
			var wg sync.WaitGroup
			wg.Go(func() {
				defer func() {
					if v := recover(); v != c.panics {
						t.Errorf("panicked on with %v, want %v", v, c.panics)
					}
				}()
				if err := tr.Do(t.Context(), "work", c.f); err != c.err {
					t.Errorf("Do() = %v, want %v", err, c.err)
				}
				exited = false
			})
			wg.Wait()
			if exited != (c.exits || c.panics != nil) {
				t.Errorf("Do did not return: %v", exited)
			}
			if len(*started) != 1 || len(*ended) != 1 || tr.Open() != 0 {
				t.Fatalf("%d starts, %d ends, %d open", len(*started), len(*ended), tr.Open())
			}
			e := (*ended)[0]
			text := ""
			if e.Error != nil {
				text = e.Error.Error()
			}
			if e.Status != c.status || text != c.text || e.SpanID != (*started)[0].SpanID {
				t.Errorf("ended %+v; want %s, %q", e, c.status, c.text)
			}
			if err, ok := c.panics.(error); ok && !errors.Is(e.Error, err) {
				t.Errorf("%v does not wrap the error that was the panic's value", e.Error)
			}
			if hasStack := strings.Contains(e.Stack, "span_test.go:"); hasStack != (c.panics != nil) {
				t.Errorf("stack %q", e.Stack)
			}
		})
	}
}

func TestOnlyTheFirstOfManyEndsCounts(t *testing.T) {
	for range 100 {
		tr, _, ended := tracing(telemetry.TracerOptions{})
		_, s := tr.Start(t.Context(), "work")
		var wg sync.WaitGroup
		for n := range 4 {
			wg.Go(func() { s.End(fmt.Errorf("%d", n)) })
		}
		wg.Wait()
		s.SetAttr(slog.Int("late", 1))
		s.AddEvent("late")
		s.Link(telemetry.SpanContext{})
		if len(*ended) != 1 || tr.Open() != 0 || tr.LateCalls() != 6 {
			t.Fatalf("%d ends, %d open, %d late calls; want 1, 0, 6", len(*ended), tr.Open(), tr.LateCalls())
		}
		if e := (*ended)[0]; e.Attributes != nil || e.Events != nil || e.Links != nil {
			t.Fatalf("late details in %+v", e)
		}
	}
}

func TestSpansFormTreesThroughTheContext(t *testing.T) {
	tr, started, _ := tracing(telemetry.TracerOptions{Name: "main", Bits: counter()})
	ctx, root := tr.Start(t.Context(), "root")
	ctxA, a := tr.Start(ctx, "a")
	_, aa := tr.Start(ctxA, "aa")
	root.End(nil) // out of order: children keep their parent
	_, b := tr.Start(ctx, "b")
	var got []string
	for _, s := range *started {
		got = append(got, fmt.Sprintf("%s %x<%x in %x, %s %d %v", s.Span, s.SpanID[7], s.ParentID[7], s.TraceID[15], s.Instance, s.Seq, s.Sampled))
	}
	want := []string{
		"root 3<0 in 2, main 1 true",
		"a 4<3 in 2, main 2 true",
		"aa 5<4 in 2, main 3 true",
		"b 6<3 in 2, main 5 true",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if telemetry.SpanFromContext(ctxA) != a || telemetry.SpanFromContext(ctx) != root || a.Name() != "a" {
		t.Error("SpanFromContext is not the span started last in that context")
	}
	if telemetry.SpanContextFromContext(ctxA) != a.Context() || telemetry.SpanContextFromContext(t.Context()).Valid() {
		t.Error("SpanContextFromContext is not that of the span")
	}
	for _, s := range []*telemetry.Span{a, aa, b} {
		s.End(nil)
	}
	if tr.Open() != 0 {
		t.Errorf("%d open", tr.Open())
	}
}

func TestAContextUnderASpanStillCancelsAndKeepsItsValues(t *testing.T) {
	type key struct{}
	tr, _, _ := tracing(telemetry.TracerOptions{})
	base, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, "v"))
	ctx, s := tr.Start(base, "work")
	defer s.End(nil)
	child, stop := context.WithCancel(ctx)
	defer stop()
	cancel()
	<-child.Done()
	if ctx.Value(key{}) != "v" || ctx.Err() == nil {
		t.Errorf("value %v, error %v", ctx.Value(key{}), ctx.Err())
	}
}

func TestARemoteParentIsTheParent(t *testing.T) {
	tr, started, _ := tracing(telemetry.TracerOptions{Sample: func(telemetry.TraceID, string) bool { t.Error("Sample asked about a child"); return true }})
	remote, err := telemetry.ParseTraceparent(strings.TrimSuffix(example, "1") + "0")
	if err != nil {
		t.Fatal(err)
	}
	ctx := telemetry.ContextWithRemote(t.Context(), remote)
	if telemetry.SpanFromContext(ctx) != nil || telemetry.SpanContextFromContext(ctx) != remote {
		t.Error("a remote parent is not what the context says")
	}
	_, s := tr.Start(ctx, "work")
	defer s.End(nil)
	if d := (*started)[0]; d.TraceID != remote.TraceID || d.ParentID != remote.SpanID || d.Sampled {
		t.Errorf("started %+v under %+v", d, remote)
	}
}

func TestSampleDecidesTheFlagOfRoots(t *testing.T) {
	tr, started, _ := tracing(telemetry.TracerOptions{Sample: func(_ telemetry.TraceID, name string) bool { return name == "kept" }})
	ctx, a := tr.Start(t.Context(), "kept")
	_, b := tr.Start(ctx, "child")
	_, c := tr.Start(t.Context(), "not")
	for _, s := range []*telemetry.Span{a, b, c} {
		s.End(nil)
	}
	var got []bool
	for _, d := range *started {
		got = append(got, d.Sampled)
	}
	if !slices.Equal(got, []bool{true, true, false}) {
		t.Errorf("sampled %v", got)
	}
}

func TestDurationsAndEventTimesComeFromTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr, _, ended := tracing(telemetry.TracerOptions{})
		_, s := tr.Start(t.Context(), "work")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		<-ctx.Done()
		s.AddEvent("halfway", slog.Int("n", 1))
		ctx, cancel = context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		<-ctx.Done()
		s.End(nil)
		if e := (*ended)[0]; e.Duration != 2*time.Second || e.Events[0].At != time.Second || e.Events[0].Name != "halfway" {
			t.Errorf("ended %+v; want 2s with an event after 1s", e)
		}
	})
}

func TestAttributesEventsAndLinksAreKeptUpToABound(t *testing.T) {
	tr, started, ended := tracing(telemetry.TracerOptions{})
	attrs := []slog.Attr{slog.String("a", "1"), slog.String("b", "1")}
	_, s := tr.Start(t.Context(), "work", attrs...)
	attrs[0] = slog.String("a", "changed by the caller")
	s.SetAttr(slog.String("b", "2"), slog.String("c", "2"))
	link := telemetry.SpanContext{TraceID: telemetry.NewTraceID(), SpanID: telemetry.NewSpanID()}
	for n := range 130 {
		s.Link(link, slog.Int("n", n))
		s.AddEvent("tick")
		s.SetAttr(slog.Int(fmt.Sprint("n", n), n))
	}
	s.End(nil)
	if got := fmt.Sprint((*started)[0].Attributes); got != "[a=1 b=1]" {
		t.Errorf("start says %s; the event must not change afterwards", got)
	}
	e := (*ended)[0]
	if got := fmt.Sprint(e.Attributes[:4]); got != "[a=1 b=2 c=2 n0=0]" {
		t.Errorf("end says %s", got)
	}
	if len(e.Attributes) != 128 || len(e.Events) != 128 || len(e.Links) != 128 || e.Dropped != 5+2+2 || e.Links[3].Context != link {
		t.Errorf("%d attributes, %d events, %d links, %d dropped", len(e.Attributes), len(e.Events), len(e.Links), e.Dropped)
	}
}

func TestTooManyAttributesAtTheStartAreBoundedToo(t *testing.T) {
	tr, _, ended := tracing(telemetry.TracerOptions{})
	_, s := tr.Start(t.Context(), "work", make([]slog.Attr, 200)...)
	s.End(nil)
	if e := (*ended)[0]; len(e.Attributes) != 128 || e.Dropped != 72 {
		t.Errorf("%d attributes, %d dropped", len(e.Attributes), e.Dropped)
	}
}

func TestASourceOfZerosStillMakesValidIDs(t *testing.T) {
	tr, _, _ := tracing(telemetry.TracerOptions{Bits: func() uint64 { return 0 }})
	_, s := tr.Start(t.Context(), "work")
	defer s.End(nil)
	if c := s.Context(); !c.Valid() || c.Traceparent() != "00-00000000000000000000000000000001-0000000000000001-01" {
		t.Errorf("context %+v", c)
	}
}

func TestWithNobodyListeningASpanIsNilAndUsable(t *testing.T) {
	var noTracer *telemetry.Tracer
	for name, tr := range map[string]*telemetry.Tracer{
		"nil tracer": noTracer,
		"nil sink":   telemetry.NewTracer(nil, telemetry.TracerOptions{}),
		"empty bus":  telemetry.NewTracer(telemetry.NewBus(), telemetry.TracerOptions{}),
	} {
		ctx, s := tr.Start(t.Context(), "work")
		if ctx != t.Context() || s != nil {
			t.Errorf("%s: Start made a span", name)
		}
		s.SetAttr(slog.Int("n", 1))
		s.AddEvent("e")
		s.Link(telemetry.SpanContext{})
		s.End(nil)
		s.End(nil)
		if s.Context().Valid() || s.Name() != "" || tr.Open() != 0 || tr.LateCalls() != 0 {
			t.Errorf("%s: a nil span has an identity or counts", name)
		}
		calls := 0
		oops := errors.New("oops")
		if err := tr.Do(t.Context(), "work", func(context.Context) error { calls++; return oops }); err != oops || calls != 1 {
			t.Errorf("%s: Do() = %v after %d calls", name, err, calls)
		}
		parent := t.Context()
		if n := testing.AllocsPerRun(100, func() {
			_, s := tr.Start(parent, "work")
			s.End(nil)
		}); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func TestAListenerThatComesInTheMiddleSeesNoHalfSpans(t *testing.T) {
	bus := telemetry.NewBus()
	tr := telemetry.NewTracer(bus, telemetry.TracerOptions{})
	_, early := tr.Start(t.Context(), "early")
	var j journal
	must[*telemetry.Handle](t)(bus.AttachPrefix("telemetry.span", func(_ context.Context, r telemetry.Record) {
		name, _ := r.Value("span")
		j.note("%s %v", r.Event.Name, name)
	}))
	_, late := tr.Start(t.Context(), "late")
	early.End(nil)
	late.End(nil)
	j.expect(t, "telemetry.span.start late", "telemetry.span.stop late")
}

func TestSpanEventsTravelWithTheSpansContext(t *testing.T) {
	bus := telemetry.NewBus()
	tr := telemetry.NewTracer(bus, telemetry.TracerOptions{})
	var ids []telemetry.SpanID
	bus.AttachAll(func(ctx context.Context, _ telemetry.Record) {
		ids = append(ids, telemetry.SpanContextFromContext(ctx).SpanID)
	})
	_, s := tr.Start(t.Context(), "work")
	s.End(nil)
	if own := s.Context().SpanID; !slices.Equal(ids, []telemetry.SpanID{own, own}) {
		t.Errorf("handlers saw %v, want %v twice", ids, own)
	}
}

// The commit contract: during the event the new state is visible and the API
// does not deadlock.
func TestHandlersOfTheEndSeeTheSpanEnded(t *testing.T) {
	bus := telemetry.NewBus()
	tr := telemetry.NewTracer(bus, telemetry.TracerOptions{})
	open := -1
	telemetry.SpanEnded.Attach(bus, func(ctx context.Context, _ telemetry.SpanEndedData) {
		open = tr.Open()
		telemetry.SpanFromContext(ctx).End(nil)
	})
	_, s := tr.Start(t.Context(), "work")
	s.End(nil)
	if open != 0 || tr.LateCalls() != 1 {
		t.Errorf("during the event %d open, %d late calls; want 0, 1", open, tr.LateCalls())
	}
}

type brokenSink struct{ keepAll }

func (brokenSink) Handle(_ context.Context, r telemetry.Record) {
	if r.Event == telemetry.SpanEnded.Descriptor() {
		panic("the sink's own")
	}
}

func TestAPanicGoesOnWithItsValueThoughTheSinkPanicsToo(t *testing.T) {
	defer func() {
		if v := recover(); v != "boom" {
			t.Errorf("recovered %v, want boom", v)
		}
	}()
	tr := telemetry.NewTracer(brokenSink{}, telemetry.TracerOptions{})
	_ = tr.Do(t.Context(), "work", func(context.Context) error { panic("boom") })
}

func TestASinkThatPanicsAtTheEndDoesNotEndTheSpanTwice(t *testing.T) {
	tr := telemetry.NewTracer(brokenSink{}, telemetry.TracerOptions{})
	defer func() {
		if v := recover(); v != "the sink's own" || tr.LateCalls() != 0 {
			t.Errorf("recovered %v, %d late calls; want the sink's own, 0", v, tr.LateCalls())
		}
	}()
	_ = tr.Do(t.Context(), "work", func(context.Context) error { return nil })
}
