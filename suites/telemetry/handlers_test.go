package telemetry_test

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/sleepless-go/sleepless/foundation/telemetry"
	"github.com/sleepless-go/sleepless/foundation/telemetry/telemetrytest"
	. "github.com/sleepless-go/sleepless/matchers"
)

var _ = Describe("a handler", func() {
	var (
		bus *telemetry.Bus
		rec *telemetrytest.Recorder
	)
	BeforeEach(func() { bus, rec = recorded() })

	// The original's library took a handler out at its first failure, for good
	// and without a word that anybody read.
	It("that panics is not silently detached", func() {
		calls := 0
		handle := first.Attach(bus, func(context.Context, stepData) {
			if calls++; calls == 1 {
				panic("odd payload")
			}
		}, telemetry.Named("fragile"))
		DeferCleanup(handle.Close)

		first.Bind(bus).Emit(ctx, stepData{})
		first.Bind(bus).Emit(ctx, stepData{})

		Expect(calls).To(Equal(2), "it still gets events")
		Expect(handle.State()).To(Equal(telemetry.Active))
		Expect(bus.Failures()).To(BeEquivalentTo(1))
		Expect(rec).To(HaveEmitted(telemetry.HandlerFailure, HaveField("Handler", "fragile"),
			HaveField("Cause", "panic"), HaveField("Panic", ContainSubstring("odd payload"))))
	})

	It("that is to be quarantined says so, and comes back when asked", func() {
		calls := 0
		handle := first.Attach(bus, func(context.Context, stepData) {
			calls++
			panic("always")
		}, telemetry.OnPanic(telemetry.Quarantine))
		DeferCleanup(handle.Close)

		first.Bind(bus).Emit(ctx, stepData{})
		first.Bind(bus).Emit(ctx, stepData{})
		Expect(calls).To(Equal(1))
		Expect(rec).To(HaveEmitted(telemetry.HandlerFailure, HaveField("Outcome", "quarantined")))

		Expect(handle.Reattach()).To(Succeed())
		first.Bind(bus).Emit(ctx, stepData{})
		Expect(calls).To(Equal(2))
	})

	It("that panics costs the others nothing", func() {
		var heard []string
		DeferCleanup(first.Attach(bus, func(context.Context, stepData) { panic("in the way") }).Close)
		DeferCleanup(first.Attach(bus, func(_ context.Context, e stepData) { heard = append(heard, e.Name) }).Close)

		first.Bind(bus).Emit(ctx, stepData{Name: "through"})

		Expect(heard).To(Equal([]string{"through"}))
	})

	It("attached twice hears twice, until each handle is closed", func() {
		calls := 0
		count := func(context.Context, stepData) { calls++ }
		one, other := first.Attach(bus, count), first.Attach(bus, count)

		first.Bind(bus).Emit(ctx, stepData{})
		Expect(calls).To(Equal(2))

		one.Close()
		one.Close()
		first.Bind(bus).Emit(ctx, stepData{})
		Expect(calls).To(Equal(3), "closing one twice does not close the other")

		other.Close()
		first.Bind(bus).Emit(ctx, stepData{})
		Expect(calls).To(Equal(3))
	})

	It("of another bus hears nothing", func() {
		other, _ := recorded()
		DeferCleanup(first.Attach(other, func(context.Context, stepData) { Fail("heard another bus") }).Close)

		first.Bind(bus).Emit(ctx, stepData{})

		Expect(rec).To(HaveEmitted(first))
	})

	It("may emit and attach while it handles", func() {
		var late []string
		attached := false
		DeferCleanup(first.Attach(bus, func(ctx context.Context, _ stepData) {
			if !attached {
				attached = true
				DeferCleanup(second.Attach(bus, func(_ context.Context, e stepData) { late = append(late, e.Name) }).Close)
			}
			second.Bind(bus).Emit(ctx, stepData{Name: "from within"})
		}).Close)

		first.Bind(bus).Emit(ctx, stepData{})

		Expect(late).To(Equal([]string{"from within"}))
	})
})
