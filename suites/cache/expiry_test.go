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

var _ = Describe("the lifetime of an entry", func() {
	const ttl = 10 * time.Millisecond
	var (
		bus *telemetry.Bus
		rec *telemetrytest.Recorder
		clk *fakeclock.Fake
		c   *cache.Cache[string, string]
	)
	BeforeEach(func() {
		bus, rec = recorded()
		clk = fakeclock.New(fakeclock.WithT(GinkgoT()))
		c = opened(cache.Options[string, string]{DefaultTTL: ttl, SweepInterval: cache.NoSweep, Clock: clk, Events: bus})
		put(c, "key")
	})

	It("lasts to its last nanosecond", func() {
		clk.Advance(ttl - 1)

		Expect(holds(c, "key")).To(BeTrue())
		Expect(rec).NotTo(HaveEmitted(cache.Evicted))
	})

	It("is over at the nanosecond at which it ends", func() {
		clk.Advance(ttl)

		Expect(holds(c, "key")).To(BeFalse())
		Expect(rec).To(HaveEmitted(cache.Evicted,
			HaveField("Key", "key"), HaveField("Reason", cache.ReasonExpired), HaveField("Age", ttl)))
	})

	It("begins anew with each put, and not with a look", func() {
		clk.Advance(ttl - 1)
		put(c, "key")
		clk.Advance(ttl - 1)
		Expect(holds(c, "key")).To(BeTrue())

		clk.Advance(1)
		Expect(holds(c, "key")).To(BeFalse())
	})

	It("is not moved by a jump of the wall clock", func() {
		clk.Set(clk.Now().Add(24 * time.Hour))
		Expect(holds(c, "key")).To(BeTrue())

		clk.Advance(ttl)
		Expect(holds(c, "key")).To(BeFalse())
	})

	DescribeTable("refuses one that is not positive, instead of keeping the entry for ever",
		func(ttl time.Duration) {
			Expect(c.PutTTL(ctx, "odd", "value", ttl)).To(MatchError(cache.ErrInvalidTTL))

			Expect(rec).To(HaveEmitted(cache.Error, HaveField("Key", "odd"), HaveField("Reason", cache.ReasonInvalidTTL)))
			Expect(holds(c, "odd")).To(BeFalse())
		},
		Entry("zero", time.Duration(0)),
		Entry("negative", -time.Nanosecond),
	)
})
