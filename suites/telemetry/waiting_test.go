package telemetry_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/fakeclock"
	"github.com/sleepless-go/sleepless/foundation/telemetry"
	"github.com/sleepless-go/sleepless/foundation/telemetry/semantic"
	"github.com/sleepless-go/sleepless/foundation/telemetry/telemetrytest"
	. "github.com/sleepless-go/sleepless/matchers"
)

var _ = Describe("waiting for an event", func() {
	// The original attached its handler when the wait began: what was emitted
	// between the action and the wait was lost, and the test hung to its limit.
	It("finds the event when the waiter comes after it", func() {
		bus, rec := recorded()
		first.Bind(bus).Emit(ctx, stepData{Name: "early"})
		rec.Close() // nothing can come any more: found now or never

		Await(rec).Should(ReceiveEvent(first, HaveField("Name", "early")))
	})

	It("finds the event when the waiter was there before it", func() {
		InBubble(suite, func(t *testing.T) {
			bus := telemetry.NewBus()
			rec := telemetrytest.Record(t, bus)
			found := make(chan stepData, 1)
			go func() { found <- telemetrytest.Await(t, "the late step", rec, first, nil) }()
			synctest.Wait()
			Expect(found).To(BeEmpty(), "the waiter is blocked")

			first.Bind(bus).Emit(ctx, stepData{Name: "late"})

			Expect((<-found).Name).To(Equal("late"))
		})
	})

	It("loses none of several events between two waits", func() {
		bus, rec := recorded()
		for _, name := range []string{"one", "two", "three"} {
			first.Bind(bus).Emit(ctx, stepData{Name: name})
		}

		for _, name := range []string{"one", "two", "three"} {
			step := telemetrytest.Await(GinkgoT(), "step "+name, rec, first, nil)
			Expect(step.Name).To(Equal(name))
		}
	})

	It("looks past events of the kind that are about something else", func() {
		bus, rec := recorded()
		first.Bind(bus).Emit(ctx, stepData{Name: "somebody else's"})
		first.Bind(bus).Emit(ctx, stepData{Name: "mine"})

		Await(rec).Should(ReceiveEvent(first, HaveField("Name", "mine")))
	})

	It("goes by the order of commits, not of arrival", func() {
		bus, rec := recorded()
		// Delivery is outside the lock, so of two goroutines the later one may be
		// heard first.
		second.Bind(bus).Emit(ctx, stepData{Commit: telemetry.Commit{Instance: "worker", Seq: 2}})
		first.Bind(bus).Emit(ctx, stepData{Commit: telemetry.Commit{Instance: "worker", Seq: 1}})

		Await(rec).Should(ReceiveEvent(first).InOrder(ReceiveEvent(second)))
		Expect(rec).NotTo(HaveEmitted(second).InOrder(HaveEmitted(first)))
	})

	It("keeps the order of commits under concurrency, with no number missing or drawn twice", func() {
		const workers, each = 4, 100
		bus, rec := recorded()
		r := semantic.NewReporter(bus, semantic.Options{Instance: "shared"})

		var work sync.WaitGroup
		for range workers {
			work.Go(func() {
				for i := range each {
					r.Metric(ctx, "figure", float64(i))
				}
			})
		}
		work.Wait()

		var next uint64
		for _, record := range rec.Ordered(0) {
			next++
			commit, ok := record.Commit()
			Expect(ok).To(BeTrue())
			Expect(commit).To(Equal(telemetry.Commit{Instance: "shared", Seq: next}))
		}
		Expect(next).To(BeEquivalentTo(workers * each))
	})

	It("refutes by idleness: with nothing armed and nothing running an hour's window costs nothing", func() {
		bus, rec := recorded()
		clk := fakeclock.New(fakeclock.WithT(GinkgoT()))
		clk.AfterFunc(time.Second, func() { second.Bind(bus).Emit(ctx, stepData{}) })
		Expect(clk).NotTo(BeIdle())

		clk.Advance(time.Second)

		checks := 0
		eventually.Never(GinkgoT(), "the first step is done", func() bool {
			return rec.Count(telemetrytest.Is(first)) > 0
		}, eventually.On(clk), eventually.Within(time.Hour), eventually.OnCheck(func(eventually.Attempt) { checks++ }))
		Expect(checks).To(BeNumerically("<=", 2))
		Expect(rec).To(HaveEmitted(second))
	})

	It("gives up at once when nothing is left that could emit the event", func() {
		_, rec := recorded()
		clk := fakeclock.New(fakeclock.WithT(GinkgoT()))

		failure := InterceptGomegaFailure(func() {
			Await(rec, clk).WithTimeout(time.Hour).Should(ReceiveEvent(first).From(clk))
		})

		Expect(failure).To(MatchError(ContainSubstring("suite.step.first")))
	})

	It("refuses a name or prefix that no event has, so that no refutation passes in vain", func() {
		bus := telemetry.NewBus()
		deaf := func(context.Context, telemetry.Record) { Fail("heard an event that does not exist") }

		for _, prefix := range []string{"suite.stepp", "suite.step.firs", "suite.*", "*"} {
			_, err := bus.AttachPrefix(prefix, deaf)
			Expect(err).To(MatchError(telemetry.ErrUnknownEvent), prefix)
		}
		_, err := bus.AttachNames([]string{"suite.step.fourth"}, deaf)
		Expect(err).To(MatchError(telemetry.ErrUnknownEvent))
	})
})
