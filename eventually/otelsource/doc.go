// Package otelsource makes spans and metrics of OpenTelemetry sources of waits: a
// test waits until an operation has ended.
//
//	spans := otelsource.NewSpans(t)                                   // record first
//	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))
//	go serve(provider)                                                // act second
//	eventually.Event(t, "the order is placed", spans.Recorder, otelsource.Ended("place order")) // wait third
//
// # When to use it
//
// Where the component under test is instrumented already. [Spans] is a
// SpanProcessor of the SDK that records the start and the end of every span;
// [Spans.InFlight] lets Settle wait until none is open. [Meter] wraps a Meter, so
// that what is recorded through its instruments wakes waits; [NewMetric] reads
// the value of a metric through a ManualReader, and by itself is a polled source,
// which reports call so.
//
// # What is guaranteed
//
// Recording does not change what is recorded, and no exporter or interval is
// involved: when End returns the span is in the recorder. A span that is not
// sampled never reaches a processor; make the provider with the default sampler,
// or one that records. An instrument of a Meter records first and wakes second,
// so the wait sees the value that woke it.
//
// # What it does not do
//
// Nothing is exported, and no global provider is set. Observable instruments are
// asked when a metric is collected and cannot wake anybody: they are polled. Of a
// histogram the value is the number of measurements.
//
// All methods may be called from any goroutine, except that a polled source is
// used by one wait at a time. No goroutine is started.
package otelsource
