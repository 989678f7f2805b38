package telemetry_test

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/sleepless-go/sleepless/foundation/telemetry"
	"github.com/sleepless-go/sleepless/foundation/telemetry/telemetrytest"
)

var _ = Describe("a span", func() {
	var (
		rec    *telemetrytest.Recorder
		tracer *telemetry.Tracer
	)
	BeforeEach(func() {
		var bus *telemetry.Bus
		bus, rec = recorded()
		tracer = telemetry.NewTracer(bus, telemetry.TracerOptions{Name: "suite"})
	})

	broken := errors.New("broken")

	// The original caught exceptions only: a throw or an exit left a start
	// without an end, and a returned error counted as success.
	DescribeTable("ends exactly once",
		func(work func(context.Context) error, want telemetry.Status) {
			done := make(chan struct{})
			go func() { // for Goexit, which ends the goroutine and not the test
				defer close(done)
				defer func() { _ = recover() }()
				_ = tracer.Do(ctx, "work", work)
			}()
			<-done

			Expect(telemetrytest.All(rec, telemetry.SpanStarted)).To(HaveLen(1))
			Expect(telemetrytest.All(rec, telemetry.SpanEnded)).To(HaveExactElements(HaveField("Status", want)))
			Expect(tracer.Open()).To(BeZero())
		},
		Entry("on return", func(context.Context) error { return nil }, telemetry.StatusOK),
		Entry("on an error", func(context.Context) error { return broken }, telemetry.StatusError),
		Entry("on a panic", func(context.Context) error { panic(broken) }, telemetry.StatusPanic),
		Entry("on Goexit", func(context.Context) error { runtime.Goexit(); return nil }, telemetry.StatusGoexit),
	)

	It("ends once when several goroutines end it", func() {
		_, span := tracer.Start(ctx, "shared")

		var work sync.WaitGroup
		for range 8 {
			work.Go(func() { span.End(nil) })
		}
		work.Wait()

		Expect(telemetrytest.All(rec, telemetry.SpanEnded)).To(HaveLen(1))
		Expect(tracer.LateCalls()).To(BeEquivalentTo(7), "the other calls are counted as mistakes")
	})

	It("is the parent of what is started under it, across processes too", func() {
		under, span := tracer.Start(ctx, "caller")
		headers := http.Header{}
		telemetry.Inject(under, headers)

		Expect(tracer.Do(telemetry.Extract(context.Background(), headers), "callee", func(context.Context) error { return nil })).To(Succeed())
		span.End(nil)

		Expect(telemetrytest.All(rec, telemetry.SpanStarted)).To(ContainElement(And(
			HaveField("Span", "callee"),
			HaveField("TraceID", span.Context().TraceID),
			HaveField("ParentID", span.Context().SpanID),
		)))
	})
})
