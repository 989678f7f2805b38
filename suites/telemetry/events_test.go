package telemetry_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/fakeclock"
	"github.com/sleepless-go/sleepless/foundation/clock"
	"github.com/sleepless-go/sleepless/foundation/telemetry"
	"github.com/sleepless-go/sleepless/foundation/telemetry/semantic"
	"github.com/sleepless-go/sleepless/foundation/telemetry/telemetrytest"
	. "github.com/sleepless-go/sleepless/matchers"
)

// The twins of suites/legacy/telemetry, in the same order.
var _ = Describe("telemetry", func() {
	var (
		bus *telemetry.Bus
		rec *telemetrytest.Recorder
		r   *semantic.Reporter
	)
	BeforeEach(func() {
		bus, rec = recorded()
		r = semantic.NewReporter(bus, semantic.Options{})
	})

	It("emit reaches the handler", func() {
		first.Bind(bus).Emit(ctx, stepData{Name: "value", Duration: 42})

		Expect(rec).To(HaveEmitted(first, Equal(stepData{Name: "value", Duration: 42})))
		Expect(rec.Len()).To(Equal(1))
	})

	It("span emits start and then stop with a duration", func() {
		clk := fakeclock.New()
		tracer := telemetry.NewTracer(bus, telemetry.TracerOptions{Clock: clk})

		Expect(tracer.Do(ctx, "work", func(context.Context) error {
			clk.Advance(5 * time.Millisecond)
			return nil
		})).To(Succeed())

		Expect(rec).To(HaveEmitted(telemetry.SpanStarted, HaveField("Span", "work")).InOrder(
			HaveEmitted(telemetry.SpanEnded, HaveField("Span", "work"),
				HaveField("Status", telemetry.StatusOK), HaveField("Duration", 5*time.Millisecond))))
	})

	It("span emits an exception when the work panics", func() {
		tracer := telemetry.NewTracer(bus, telemetry.TracerOptions{})

		Expect(func() {
			_ = tracer.Do(ctx, "work", func(context.Context) error { panic("test error") })
		}).To(PanicWith("test error"))

		Expect(rec).To(HaveEmitted(telemetry.SpanEnded, HaveField("Status", telemetry.StatusPanic),
			HaveField("Error", MatchError(ContainSubstring("test error"))), HaveField("Stack", Not(BeEmpty()))))
	})

	It("service started", func() {
		r.ServiceStarted(ctx, "test_service")

		Expect(rec).To(HaveEmitted(semantic.ServiceStarted, HaveField("Service", "test_service")))
	})

	It("service stopped", func() {
		r.ServiceStopped(ctx, "test_service")

		Expect(rec).To(HaveEmitted(semantic.ServiceStopped, HaveField("Service", "test_service")))
	})

	It("service error", func() {
		refused := errors.New("connection refused")

		r.ServiceError(ctx, "test_service", refused)

		Expect(rec).To(HaveEmitted(semantic.ServiceError, HaveField("Service", "test_service"), HaveField("Error", refused)))
	})

	It("async life cycle", func() {
		broken := errors.New("broken")

		r.AsyncStarted(ctx, "import")
		r.AsyncCompleted(ctx, "import", 50_000)
		r.AsyncStarted(ctx, "export")
		r.AsyncFailed(ctx, "export", 0, broken)

		Expect(rec).To(HaveEmitted(semantic.AsyncStarted, HaveField("Operation", "import")).InOrder(
			HaveEmitted(semantic.AsyncCompleted, HaveField("Operation", "import"), HaveField("Duration", 50_000*time.Nanosecond)),
			HaveEmitted(semantic.AsyncStarted, HaveField("Operation", "export")),
			HaveEmitted(semantic.AsyncFailed, HaveField("Operation", "export"), HaveField("Error", broken))))
	})

	It("resource life cycle", func() {
		r.ResourceAcquired(ctx, "connection")
		r.ResourceReleased(ctx, "connection", 100_000)
		r.ResourceExhausted(ctx, "connection")

		Expect(rec).To(HaveEmitted(semantic.ResourceAcquired, HaveField("ResourceType", "connection")).InOrder(
			HaveEmitted(semantic.ResourceReleased, HaveField("ResourceType", "connection"), HaveField("HoldDuration", 100_000*time.Nanosecond)),
			HaveEmitted(semantic.ResourceExhausted, HaveField("ResourceType", "connection"))))
	})

	It("circuit breaker state change", func() {
		r.CircuitBreakerStateChange(ctx, "external_api", "closed", "open")

		Expect(rec).To(HaveEmitted(semantic.CircuitBreakerStateChange,
			HaveField("Service", "external_api"), HaveField("FromState", "closed"), HaveField("ToState", "open")))
	})

	It("record metric", func() {
		r.Metric(ctx, "cpu_usage", 45.2)

		Expect(rec).To(HaveEmitted(semantic.MetricRecorded, HaveField("Metric", "cpu_usage"), HaveField("Value", 45.2)))
	})

	It("trace ids are unique and have 32 characters", func() {
		seen := map[string]bool{}
		for range 1000 {
			id := telemetry.NewTraceID().String()
			Expect(id).To(MatchRegexp("^[0-9a-f]{32}$"))
			seen[id] = true
		}
		Expect(seen).To(HaveLen(1000))
	})

	It("with trace adds the trace id", func() {
		trace := telemetry.SpanContext{TraceID: telemetry.NewTraceID(), SpanID: telemetry.NewSpanID()}
		var seen []telemetry.TraceID
		DeferCleanup(first.Attach(bus, func(ctx context.Context, _ stepData) {
			seen = append(seen, telemetry.SpanContextFromContext(ctx).TraceID)
		}).Close)

		first.Bind(bus).Emit(telemetry.ContextWithRemote(ctx, trace), stepData{Name: "traced"})

		Expect(seen).To(Equal([]telemetry.TraceID{trace.TraceID}))
	})

	It("wait returns the event of a delayed emitter", func() {
		InBubble(suite, func(t *testing.T) {
			bus := telemetry.NewBus()
			rec := telemetrytest.Record(t, bus)
			delayed := clock.System().AfterFunc(10*time.Millisecond, func() {
				first.Bind(bus).Emit(ctx, stepData{Name: "delayed"})
			})
			defer delayed.Stop()
			began := time.Now()

			Await(rec).Should(ReceiveEvent(first, HaveField("Name", "delayed")))

			Expect(time.Since(began)).To(Equal(10*time.Millisecond), "of virtual time: the wait ends with the event")
		})
	})

	It("wait times out without the event", func() {
		InBubble(suite, func(t *testing.T) {
			bus := telemetry.NewBus()
			rec := telemetrytest.Record(t, bus)
			second.Bind(bus).Emit(ctx, stepData{Name: "another"})
			began := time.Now()

			report, err := eventually.Wait(ctx, "the first step", func() (bool, string, error) {
				return rec.Count(telemetrytest.Is(first)) > 0, "not recorded", nil
			}, eventually.On(rec), eventually.Within(50*time.Millisecond))

			Expect(err).To(MatchError(eventually.ErrTimeout))
			Expect(time.Since(began)).To(Equal(50*time.Millisecond), "of virtual time")
			Expect(report.String()).To(ContainSubstring("suite.step.second name=another"), "the report shows what came instead")
		})
	})

	It("refute passes when the event is not emitted", func() {
		InBubble(suite, func(t *testing.T) {
			bus := telemetry.NewBus()
			rec := telemetrytest.Record(t, bus)
			began := time.Now()

			go second.Bind(bus).Emit(ctx, stepData{Name: "other"})

			synctest.Wait()
			Expect(rec).To(HaveEmitted(second), "what was to be done is done")
			Expect(rec).NotTo(HaveEmitted(first))
			Expect(time.Since(began)).To(BeZero(), "no window was needed")
		})
	})

	It("order of three events", func() {
		first.Bind(bus).Emit(ctx, stepData{})
		second.Bind(bus).Emit(ctx, stepData{})
		third.Bind(bus).Emit(ctx, stepData{})

		Expect(rec).To(HaveEmitted(first).InOrder(HaveEmitted(second), HaveEmitted(third)))
		Expect(rec).NotTo(HaveEmitted(second).InOrder(HaveEmitted(first)))
	})

	It("measure averages the durations", func() {
		for _, d := range []time.Duration{100, 200, 300} {
			first.Bind(bus).Emit(ctx, stepData{Duration: d})
		}

		steps := telemetrytest.All(rec, first)
		var total time.Duration
		for _, s := range steps {
			total += s.Duration
		}
		Expect(steps).To(HaveLen(3))
		Expect(total).To(Equal(600 * time.Nanosecond))
		Expect(total / time.Duration(len(steps))).To(Equal(200 * time.Nanosecond))
	})

	It("poll sees the counter change", func() {
		InBubble(suite, func(*testing.T) {
			var counter eventually.Counter
			looks := 0
			go func() {
				synctest.Wait() // until whoever waits for the counter is blocked
				counter.Add(1)
			}()

			Await(func() int64 { looks++; return counter.Load() }, &counter).Should(BeEquivalentTo(1))

			Expect(looks).To(Equal(2), "one look before the change and one for it")
		})
	})
})
