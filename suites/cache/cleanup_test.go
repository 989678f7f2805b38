package cache_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/sleepless-go/sleepless/fakeclock"
	"github.com/sleepless-go/sleepless/foundation/cache"
	"github.com/sleepless-go/sleepless/foundation/telemetry"
	"github.com/sleepless-go/sleepless/foundation/telemetry/telemetrytest"
	. "github.com/sleepless-go/sleepless/matchers"
)

var _ = Describe("the cleanup cycle", func() {
	const interval = 50 * time.Millisecond
	var (
		bus *telemetry.Bus
		rec *telemetrytest.Recorder
		clk *fakeclock.Fake
		c   *cache.Cache[string, string]
	)
	BeforeEach(func() {
		bus, rec = recorded()
		clk = fakeclock.New(fakeclock.WithT(GinkgoT()))
		c = opened(cache.Options[string, string]{SweepInterval: interval, Clock: clk, Events: bus})
	})

	// The original forced the cycle and attached its waiter after that: the event
	// was gone, the wait always ran into its time-out, and nobody looked at the
	// result.
	It("resource-cleanup/cleanup cycle: an event emitted before the wait is still seen", func() {
		Expect(c.PutTTL(ctx, "gone", "value", time.Millisecond)).To(Succeed())
		clk.Advance(time.Millisecond)
		Expect(c.Sweep(ctx)).To(Equal(1))
		Expect(c.Close()).To(Succeed(), "from here on nothing can emit the event")

		Await(rec).Should(ReceiveEvent(cache.Cleanup, HaveField("ExpiredCount", 1)))
	})

	It("emits also when nothing has expired", func() {
		put(c, "keep")

		clk.Advance(interval)

		Await(rec).Should(ReceiveEvent(cache.Cleanup, HaveField("ExpiredCount", 0), HaveField("Remaining", 1)))
	})

	It("does not run a nanosecond before its interval is over", func() {
		clk.Advance(interval - 1)
		Expect(rec).NotTo(HaveEmitted(cache.Cleanup))

		clk.Advance(1)
		Expect(rec).To(HaveEmitted(cache.Cleanup))
	})

	It("comes back every interval", func() {
		clk.Advance(4 * interval)

		Expect(rec).To(HaveEmitted(cache.Cleanup).Times(4))
		Expect(clk).To(HaveArmedTimer(interval))
	})

	It("announces each victim before its end, by name", func() {
		Expect(c.PutTTL(ctx, "first", "value", time.Millisecond)).To(Succeed())
		Expect(c.PutTTL(ctx, "second", "value", 2*time.Millisecond)).To(Succeed())

		clk.Advance(interval)

		Expect(rec).To(HaveEmitted(cache.Evicted, HaveField("Key", "first"), HaveField("Reason", cache.ReasonExpired), HaveField("Age", interval)).InOrder(
			HaveEmitted(cache.Evicted, HaveField("Key", "second"), HaveField("Reason", cache.ReasonExpired), HaveField("Age", interval)),
			HaveEmitted(cache.Cleanup)))
	})

	It("has ended with Close: no timer is left and no cycle comes", func() {
		Expect(c.Close()).To(Succeed())

		Expect(clk.Timers()).To(BeEmpty())
		clk.Advance(10 * interval)
		Expect(rec).NotTo(HaveEmitted(cache.Cleanup))
	})
})
