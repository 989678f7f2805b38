package cache_test

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/sleepless-go/sleepless/fakeclock"
	"github.com/sleepless-go/sleepless/foundation/cache"
	"github.com/sleepless-go/sleepless/foundation/telemetry"
	"github.com/sleepless-go/sleepless/foundation/telemetry/telemetrytest"
	. "github.com/sleepless-go/sleepless/matchers"
)

var _ = Describe("a full cache", func() {
	var (
		bus *telemetry.Bus
		rec *telemetrytest.Recorder
		clk *fakeclock.Fake
		c   *cache.Cache[string, string]
	)
	BeforeEach(func() {
		bus, rec = recorded()
		clk = fakeclock.New(fakeclock.WithT(GinkgoT()))
		c = opened(cache.Options[string, string]{MaxEntries: 2, SweepInterval: cache.NoSweep, Clock: clk, Events: bus})
	})

	// The original took the first key of a hash table, and its test passed by
	// the luck of three small keys.
	It("evicts the least recently used entry, not the oldest one", func() {
		put(c, "key1", "key2")
		Expect(holds(c, "key1")).To(BeTrue())

		put(c, "key3")

		Expect(rec).To(HaveEmitted(cache.Evicted, HaveField("Key", "key2"), HaveField("Reason", cache.ReasonSizeLimit)))
		Expect(holds(c, "key1")).To(BeTrue())
		Expect(holds(c, "key2")).To(BeFalse())
	})

	It("evicts nobody when an entry is overwritten", func() {
		put(c, "key1", "key2")

		put(c, "key2", "key1")

		Expect(rec).NotTo(HaveEmitted(cache.Evicted))
		Expect(rec).To(HaveEmitted(cache.Put, HaveField("Key", "key1"), HaveField("Replaced", true)))
		Expect(c.Len()).To(Equal(2))
	})

	It("counts an overwrite as use", func() {
		put(c, "key1", "key2", "key1", "key3")

		Expect(rec).To(HaveEmitted(cache.Evicted, HaveField("Key", "key2")))
	})

	It("prefers an expired victim to a live one", func() {
		put(c, "live")
		Expect(c.PutTTL(ctx, "expired", "value", time.Millisecond)).To(Succeed())
		clk.Advance(time.Millisecond)

		put(c, "new")

		Expect(rec).To(HaveEmitted(cache.Evicted, HaveField("Key", "expired"), HaveField("Reason", cache.ReasonExpired)))
		Expect(rec).To(HaveEmitted(cache.Evicted).Times(1))
		Expect(holds(c, "live")).To(BeTrue())
	})

	It("is never above its limit, not even while it announces", func() {
		var most int
		Expect(bus.AttachPrefix("foundation.cache", func(_ context.Context, _ telemetry.Record) { most = max(most, c.Len()) })).NotTo(BeNil())

		put(c, "key1", "key2", "key3", "key4")

		Expect(most).To(Equal(2))
		Expect(rec).To(HaveEmitted(cache.Evicted).Times(2))
	})
})
