package otelsource

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/sleepless-go/sleepless/eventually"
)

var update = flag.Bool("update", false, "write the golden files")

// spy is a test whose failure is looked at.
type spy struct{ text string }

func (*spy) Helper()                          {}
func (s *spy) Errorf(format string, a ...any) { s.text += fmt.Sprintf(format, a...) }
func (*spy) FailNow()                         {}

func mustBe[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("%s = %v, want %v", what, got, want)
	}
}

// golden compares a failure with testdata; -update writes it. In a bubble its
// times are exact.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := "testdata/" + name + ".txt"
	if *update {
		if err := os.WriteFile(file, []byte(got+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got+"\n" != string(want) {
		t.Errorf("the failure text differs from %s (run with -update if it should):\n%s", file, got)
	}
}

func tracer(s *Spans) trace.Tracer {
	return sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(s)).Tracer("test")
}

func TestTheEndOfASpanWakesAWaitAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewSpans(t)
		tr, start := tracer(s), time.Now()
		ctx, parent := tr.Start(t.Context(), "handle")
		_, child := tr.Start(ctx, "place order", trace.WithAttributes(attribute.Int("items", 3)))
		time.AfterFunc(time.Second, func() {
			child.SetStatus(codes.Error, "out of stock")
			child.End()
			parent.End()
		})
		e := eventually.Event(t, "the order is placed", s.Recorder, Ended("place order"))
		mustBe(t, "time taken", time.Since(start), time.Second)
		mustBe(t, "duration", e.Duration, time.Second)
		mustBe(t, "status", e.Status, codes.Error)
		mustBe(t, "parent", e.Parent.SpanID(), parent.SpanContext().SpanID())
		mustBe(t, "items", e.Attribute("items").AsInt64(), 3)
		mustBe(t, "no such attribute", e.Attribute("none").Type(), attribute.EMPTY)
		mustBe(t, "text", e.String(), `ended "place order" error: out of stock {items=3}`)
		mustBe(t, "snapshot", e.Snapshot.Name(), "place order")
	})
}

func TestSpansAreRecordedInOrder(t *testing.T) {
	s := NewSpans(nil)
	ctx, outer := tracer(s).Start(t.Context(), "outer", trace.WithAttributes(attribute.String("user", "ann"), attribute.Bool("admin", true)))
	_, inner := outer.TracerProvider().Tracer("x").Start(ctx, "inner")
	inner.End()
	outer.End()
	eventually.InOrder(t, "inner lies in outer", s.Recorder, []func(Span) bool{Started("outer"), Started("inner"), Ended("inner"), Ended("outer")})
	mustBe(t, "text", s.History()[0].String(), `started "outer" {admin=true, user="ann"}`)
	mustBe(t, "phase", Phase(0).String(), "?")
}

func TestAFailedWaitNamesTheSpansAndShowsThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := SpansOf(t, "shop")
		tr := tracer(s)
		_, a := tr.Start(t.Context(), "list items")
		time.AfterFunc(time.Second, func() { a.End() })
		var failed spy
		eventually.Event(&failed, "the order is placed", s.Recorder, Ended("place order"))
		golden(t, "span", failed.text)
	})
}

func TestSettleWaitsForTheSpansThatAreOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewSpans(t)
		tr, start := tracer(s), time.Now()
		for i := range 5 {
			_, span := tr.Start(t.Context(), fmt.Sprint("job ", i))
			time.AfterFunc(time.Duration(i+1)*500*time.Millisecond, func() { span.End() })
		}
		flight := s.InFlight()
		mustBe(t, "name", fmt.Sprint(flight), "otel spans (5 open: job 0, job 1, job 2, …)")
		eventually.Settle(t, flight)
		mustBe(t, "time taken", time.Since(start), 2500*time.Millisecond)
		mustBe(t, "name", fmt.Sprint(flight), "otel spans (none open)")
		eventually.Never(t, "a job fails", func() bool { return false }, eventually.On(s, flight))
		mustBe(t, "time that Never took", time.Since(start), 2500*time.Millisecond)
	})
}

// slowSpan is a span whose record takes as long as read wants.
type slowSpan struct {
	sdktrace.ReadOnlySpan
	read func()
}

func (s slowSpan) Attributes() []attribute.KeyValue {
	s.read()
	return s.ReadOnlySpan.Attributes()
}

// Else Never would end before the last span's end that it was to look for.
func TestASpanIsInFlightUntilItsEndIsRecorded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewSpans(t)
		_, live := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(s)).Tracer("").Start(t.Context(), "job")
		read := make(chan struct{})
		time.AfterFunc(time.Second, func() { close(read) })
		go s.OnEnd(slowSpan{live.(sdktrace.ReadOnlySpan), func() { <-read }})
		synctest.Wait()
		var failed spy
		eventually.Never(&failed, "the job ends", func() bool { return s.Count(Ended("job")) > 0 }, eventually.On(s, s.InFlight()), eventually.Within(time.Hour))
		if !strings.Contains(failed.text, "was never to happen, and it happened after 1s") {
			t.Errorf("Never said %q", failed.text)
		}
	})
}

func TestAWaitForASpanFailsAtOnceWhenTheProviderIsShutDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewSpans(nil)
		p := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(s))
		time.AfterFunc(time.Second, func() {
			if err := errors.Join(p.ForceFlush(context.Background()), p.Shutdown(context.Background())); err != nil {
				t.Error(err)
			}
		})
		var failed spy
		start := time.Now()
		eventually.Event(&failed, "a job", s.Recorder, Ended("job"))
		mustBe(t, "time taken", time.Since(start), time.Second)
		if !strings.Contains(failed.text, "the recorder is closed") {
			t.Error(failed.text)
		}
	})
}

func metrics() (*sdkmetric.ManualReader, metric.Meter) {
	reader := sdkmetric.NewManualReader()
	return reader, sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)).Meter("shop")
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// In a bubble a wait that polled would take virtual time, and one that is woken
// takes none beyond that until the event.
func TestEveryInstrumentOfAMeterWakesWaits(t *testing.T) {
	reader, plain := metrics()
	m := WrapMeter("shop", plain)
	ctx := context.Background()
	for name, c := range map[string]struct {
		record func()
		want   string
	}{
		"a": {func() { must[metric.Int64Counter](t)(m.Int64Counter("a")).Add(ctx, 2) }, "otel sum a = 2"},
		"b": {func() { must[metric.Float64Counter](t)(m.Float64Counter("b")).Add(ctx, 2.5) }, "otel sum b = 2.5"},
		"c": {func() { must[metric.Int64UpDownCounter](t)(m.Int64UpDownCounter("c")).Add(ctx, -2) }, "otel sum c = -2"},
		"d": {func() { must[metric.Float64UpDownCounter](t)(m.Float64UpDownCounter("d")).Add(ctx, -2.5) }, "otel sum d = -2.5"},
		"e": {func() { must[metric.Int64Histogram](t)(m.Int64Histogram("e")).Record(ctx, 7) }, "otel histogram e = 1 measurements"},
		"f": {func() { must[metric.Float64Histogram](t)(m.Float64Histogram("f")).Record(ctx, 7.5) }, "otel histogram f = 1 measurements"},
		"g": {func() { must[metric.Int64Gauge](t)(m.Int64Gauge("g")).Record(ctx, 7) }, "otel gauge g = 7"},
		"h": {func() { must[metric.Float64Gauge](t)(m.Float64Gauge("h")).Record(ctx, 7.5) }, "otel gauge h = 7.5"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				value, start := NewMetric(reader, name), time.Now()
				time.AfterFunc(time.Second, c.record)
				eventually.Until(t, "it is recorded", func() bool { _, err := value.Value(); return err == nil }, eventually.On(m))
				mustBe(t, "time taken", time.Since(start), time.Second)
				mustBe(t, "text", value.String(), c.want)
			})
		})
	}
}

func TestAnInstrumentThatCannotBeMadeIsNotWrapped(t *testing.T) {
	_, plain := metrics()
	m := WrapMeter("shop", plain)
	for _, err := range []error{
		second(m.Int64Counter("1")), second(m.Float64Counter("1")), second(m.Int64UpDownCounter("1")), second(m.Float64UpDownCounter("1")),
		second(m.Int64Histogram("1")), second(m.Float64Histogram("1")), second(m.Int64Gauge("1")), second(m.Float64Gauge("1")),
	} {
		if err == nil {
			t.Error("an invalid name was accepted")
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestAMetricIsPolledAndNamedSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reader, plain := metrics()
		requests := must[metric.Int64Counter](t)(plain.Int64Counter("http.server.requests"))
		with := func(code int, method string) metric.MeasurementOption {
			return metric.WithAttributes(attribute.Int("code", code), attribute.String("method", method))
		}
		m := NewMetric(reader, "http.server.requests", attribute.Int("code", 200))
		time.AfterFunc(time.Second, func() { requests.Add(t.Context(), 1, with(200, "GET")) })
		time.AfterFunc(2*time.Second, func() { requests.Add(t.Context(), 1, with(200, "PUT")) })
		requests.Add(t.Context(), 10, with(500, "GET"))
		eventually.Until(t, "two are counted", func() bool { return m.AtLeast(2) }, eventually.On(m))
		var failed spy
		eventually.Until(&failed, "three are counted", func() bool { return m.AtLeast(3) }, eventually.On(m), eventually.Within(time.Second))
		golden(t, "metric", failed.text)
	})
}

func TestPollSaysWhenSomethingDiffers(t *testing.T) {
	reader, plain := metrics()
	g := must[metric.Int64Gauge](t)(plain.Int64Gauge("g"))
	m := NewMetric(reader, "g")
	defer m.Notify(nil)()
	for i, step := range []struct {
		value int64
		want  bool
	}{{0, true}, {0, false}, {1, true}, {1, false}, {2, true}} {
		if i > 0 {
			g.Record(t.Context(), step.value)
		}
		if i == 1 {
			step.want = true // there was none before
		}
		mustBe(t, fmt.Sprintf("change in step %d", i), m.Poll(), step.want)
	}
}

func TestWhatCannotBeReadIsSaid(t *testing.T) {
	reader, _ := metrics()
	m := NewMetric(reader, "jobs", attribute.String("queue", "q"))
	v, err := m.Value()
	if v != 0 || !errors.Is(err, ErrNoMetric) || m.AtLeast(0) {
		t.Errorf("value %v, err %v", v, err)
	}
	mustBe(t, "text", m.String(), `otel metric jobs {queue="q"}: otelsource: no such metric: jobs {queue="q"}`)
	if _, err := NewMetric(sdkmetric.NewManualReader(), "jobs").Value(); !errors.Is(err, sdkmetric.ErrReaderNotRegistered) {
		t.Errorf("err = %v", err)
	}
	odd := &Metric{name: "odd", collect: func(_ context.Context, all *metricdata.ResourceMetrics) error {
		all.ScopeMetrics = []metricdata.ScopeMetrics{{Metrics: []metricdata.Metrics{{Name: "odd"}}}}
		return nil
	}}
	if _, err := odd.Value(); !errors.Is(err, ErrUnsupported) {
		t.Errorf("err = %v", err)
	}
}

func TestExponentialHistogramsAndSummariesCountMeasurements(t *testing.T) {
	for want, data := range map[string]metricdata.Aggregation{
		"otel histogram x = 2 measurements":                    metricdata.ExponentialHistogram[int64]{DataPoints: []metricdata.ExponentialHistogramDataPoint[int64]{{Count: 2}}},
		"otel histogram x = 5 measurements over 2 data points": metricdata.ExponentialHistogram[float64]{DataPoints: []metricdata.ExponentialHistogramDataPoint[float64]{{Count: 2}, {Count: 3}}},
		"otel summary x = 4 measurements":                      metricdata.Summary{DataPoints: []metricdata.SummaryDataPoint{{Count: 4}}},
	} {
		m := &Metric{name: "x", collect: func(_ context.Context, all *metricdata.ResourceMetrics) error {
			all.ScopeMetrics = []metricdata.ScopeMetrics{{Metrics: []metricdata.Metrics{{Name: "y"}, {Name: "x", Data: data}}}}
			return nil
		}}
		mustBe(t, "text", m.String(), want)
	}
}

func TestSpansMayEndInGoroutinesWhileWaitsRead(t *testing.T) {
	s := NewSpans(t)
	tr := tracer(s)
	var workers sync.WaitGroup
	for range 4 {
		workers.Go(func() {
			for range 100 {
				_, span := tr.Start(context.Background(), "job")
				span.End()
			}
		})
	}
	eventually.Until(t, "all jobs have ended", func() bool { return s.Count(Ended("job")) == 400 }, eventually.On(s))
	workers.Wait()
	eventually.Settle(t, s.InFlight())
}

// reader and meter are named in reports as what they are.
func TestNamesOfSources(t *testing.T) {
	_, plain := metrics()
	mustBe(t, "meter", WrapMeter("shop", plain).String(), "otel meter shop")
}

func BenchmarkSpan(b *testing.B) {
	s := NewSpans(nil, eventually.Keep(1000))
	for name, p := range map[string]*sdktrace.TracerProvider{
		"recorded": sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(s)),
		"plain":    sdktrace.NewTracerProvider(),
	} {
		b.Run(name, func(b *testing.B) {
			tr, ctx := p.Tracer("bench"), context.Background()
			b.ReportAllocs()
			for b.Loop() {
				_, span := tr.Start(ctx, "job")
				span.End()
			}
		})
	}
}
