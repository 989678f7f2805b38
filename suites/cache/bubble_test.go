package cache_test

import (
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/foundation/cache"
	"github.com/sleepless-go/sleepless/foundation/telemetry"
	"github.com/sleepless-go/sleepless/foundation/telemetry/telemetrytest"
	. "github.com/sleepless-go/sleepless/matchers"
)

var _ = Describe("a cache on the system's clock, in a bubble", func() {
	It("expires an entry at the very nanosecond", func() {
		InBubble(suite, func(t *testing.T) {
			c, rec := openedIn(t, cache.Options[string, string]{DefaultTTL: 10 * time.Millisecond})
			put(c, "key")

			eventually.Advance(10*time.Millisecond - 1)
			Expect(holds(c, "key")).To(BeTrue())

			eventually.Advance(1)
			Expect(holds(c, "key")).To(BeFalse())
			Expect(rec).To(HaveEmitted(cache.Miss, HaveField("Reason", cache.ReasonExpired)))
		})
	})

	It("is swept by its own timer while the test waits", func() {
		InBubble(suite, func(t *testing.T) {
			c, rec := openedIn(t, cache.Options[string, string]{SweepInterval: 50 * time.Millisecond})
			Expect(c.PutTTL(ctx, "expire1", "value", 10*time.Millisecond)).To(Succeed())
			Expect(c.PutTTL(ctx, "expire2", "value", 10*time.Millisecond)).To(Succeed())
			put(c, "keep")
			began := time.Now()

			Await(rec).Should(ReceiveEvent(cache.Cleanup, HaveField("ExpiredCount", 2)))

			Expect(time.Since(began)).To(Equal(50*time.Millisecond), "the wait ends with the sweep, to the nanosecond")
			Expect(holds(c, "keep")).To(BeTrue())
		})
	})

	It("wakes a waiter that was there before the event", func() {
		InBubble(suite, func(t *testing.T) {
			c, rec := openedIn(t, cache.Options[string, string]{SweepInterval: cache.NoSweep})
			found := make(chan cache.DeleteData, 1)
			go func() {
				found <- telemetrytest.Await(t, "the key is deleted", rec, cache.Delete, nil)
			}()
			synctest.Wait()
			Expect(found).To(BeEmpty(), "the waiter is blocked")

			Expect(c.Delete(ctx, "key")).To(BeFalse())

			Expect((<-found).Key).To(Equal("key"))
		})
	})

	It("leaves no timer behind when it is closed", func() {
		InBubble(suite, func(t *testing.T) {
			c, rec := openedIn(t, cache.Options[string, string]{SweepInterval: time.Second})
			Expect(c.Close()).To(Succeed())

			eventually.Advance(time.Minute)

			Expect(rec).NotTo(HaveEmitted(cache.Cleanup))
			Expect(c.Put(ctx, "key", "value")).To(MatchError(cache.ErrClosed))
		})
	})
})

// openedIn makes a cache and its recorder in the bubble of t, whose end closes
// them.
func openedIn(t *testing.T, o cache.Options[string, string]) (*cache.Cache[string, string], *telemetrytest.Recorder) {
	GinkgoHelper()
	bus := telemetry.NewBus()
	rec := telemetrytest.Record(t, bus)
	o.Events = bus
	c, err := cache.New(o)
	Expect(err).NotTo(HaveOccurred())
	t.Cleanup(func() { _ = c.Close() })
	return c, rec
}
