package cache_test

import (
	"context"
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/sleepless-go/sleepless/foundation/cache"
	"github.com/sleepless-go/sleepless/foundation/telemetry"
	"github.com/sleepless-go/sleepless/foundation/telemetry/telemetrytest"
	. "github.com/sleepless-go/sleepless/matchers"
)

var _ = Describe("listening to a cache", func() {
	It("tells two caches on one bus apart by instance", func() {
		bus, rec := recorded()
		users := opened(cache.Options[string, string]{Name: "users", SweepInterval: cache.NoSweep, Events: bus})
		orders := opened(cache.Options[string, string]{Name: "orders", SweepInterval: cache.NoSweep, Events: bus})

		put(users, "same key")
		Expect(holds(orders, "same key")).To(BeFalse())

		Expect(rec).To(HaveEmitted(cache.Put, HaveField("Instance", "users")))
		Expect(rec).NotTo(HaveEmitted(cache.Put, HaveField("Instance", "orders")))
		Expect(rec).To(HaveEmitted(cache.Miss, HaveField("Instance", "orders")))
		Expect(rec).NotTo(HaveEmitted(cache.Miss, HaveField("Instance", "users")))
	})

	It("does not hear a cache on another bus", func() {
		_, rec := recorded()
		other, _ := recorded()
		c := opened(cache.Options[string, string]{SweepInterval: cache.NoSweep, Events: other})

		put(c, "key")

		Expect(rec.Len()).To(BeZero())
	})

	// A refutation that names an event by a string nobody declared would pass
	// for ever; the original's wildcards did.
	It("refuses a name or prefix that no event has", func() {
		bus := telemetry.NewBus()
		deaf := func(context.Context, telemetry.Record) { Fail("heard an event that does not exist") }

		_, err := bus.AttachPrefix("foundation.cache.hti", deaf)
		Expect(err).To(MatchError(telemetry.ErrUnknownEvent))
		_, err = bus.AttachNames([]string{"foundation.cache.hit", "foundation.cache.mis"}, deaf)
		Expect(err).To(MatchError(telemetry.ErrUnknownEvent))
		Expect(bus.Handlers()).To(BeEmpty(), "a wrong name among right ones attaches nothing")
	})

	It("hears everything under a prefix", func() {
		bus := telemetry.NewBus()
		var names []string
		handle, err := bus.AttachPrefix("foundation.cache", func(_ context.Context, r telemetry.Record) { names = append(names, r.Event.Name) })
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(handle.Close)
		c := opened(cache.Options[string, string]{SweepInterval: cache.NoSweep, Events: bus})

		put(c, "key")
		Expect(holds(c, "key")).To(BeTrue())

		Expect(names).To(Equal([]string{"foundation.cache.started", "foundation.cache.put", "foundation.cache.hit"}))
	})

	It("finds what an event announces already true, and may ask for it", func() {
		telemetrytest.Contract(GinkgoT(), func(sink telemetry.Sink) telemetrytest.Subject {
			c, err := cache.New(cache.Options[string, string]{MaxEntries: 1, SweepInterval: cache.NoSweep, Events: sink})
			Expect(err).NotTo(HaveOccurred())
			return telemetrytest.Subject{
				Acts: []telemetrytest.Act{
					{Event: cache.Put, Do: func(ctx context.Context) { _ = c.Put(ctx, "a", "1") }, See: hasLen(c, 1)},
					{Event: cache.Hit, Do: func(ctx context.Context) { c.Get(ctx, "a") }, See: hasLen(c, 1)},
					{Event: cache.Evicted, Do: func(ctx context.Context) { _ = c.Put(ctx, "b", "2") }, See: hasKey(c, "b")},
					{Event: cache.Delete, Do: func(ctx context.Context) { _, _ = c.Delete(ctx, "b") }, See: hasLen(c, 0)},
					{Event: cache.Miss, Do: func(ctx context.Context) { c.Get(ctx, "b") }},
					{Event: cache.Cleared, Do: func(ctx context.Context) { _, _ = c.Clear(ctx) }, See: hasLen(c, 0)},
					{Event: cache.Cleanup, Do: func(ctx context.Context) { _, _ = c.Sweep(ctx) }, See: hasLen(c, 0)},
				},
				Close: func() { _ = c.Close() },
			}
		})
	})
})

// hasLen says what a handler sees that looks how many entries there are.
func hasLen(c *cache.Cache[string, string], want int) func(telemetry.Record) error {
	return func(telemetry.Record) error {
		if got := c.Len(); got != want {
			return fmt.Errorf("Len is %d, want %d", got, want)
		}
		return nil
	}
}

// hasKey says what a handler sees that looks for an entry.
func hasKey(c *cache.Cache[string, string], key string) func(telemetry.Record) error {
	return func(telemetry.Record) error {
		if _, ok := c.Get(ctx, key); !ok {
			return fmt.Errorf("%q is not there", key)
		}
		return nil
	}
}
