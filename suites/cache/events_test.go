package cache_test

import (
	"fmt"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/sleepless-go/sleepless/fakeclock"
	"github.com/sleepless-go/sleepless/foundation/cache"
	"github.com/sleepless-go/sleepless/foundation/clock"
	"github.com/sleepless-go/sleepless/foundation/telemetry"
	"github.com/sleepless-go/sleepless/foundation/telemetry/telemetrytest"
	. "github.com/sleepless-go/sleepless/matchers"
)

// The twins of suites/legacy/cache_telemetry, in the same order.
var _ = Describe("the events of a cache", func() {
	var (
		bus *telemetry.Bus
		rec *telemetrytest.Recorder
		clk *fakeclock.Fake
	)
	BeforeEach(func() {
		bus, rec = recorded()
		clk = fakeclock.New(fakeclock.WithT(GinkgoT()))
	})

	It("emits started on init", func() {
		opened(cache.Options[string, string]{Name: "init", MaxEntries: 100, SweepInterval: time.Second, Clock: clk, Events: bus})

		Expect(rec).To(HaveEmitted(cache.Started,
			HaveField("Instance", "init"), HaveField("MaxEntries", 100), HaveField("SweepInterval", time.Second)))
		Expect(clk).To(HaveArmedTimer(time.Second), "a cache that has started sweeps")
	})

	It("emits hit for a stored key", func() {
		c := opened(cache.Options[string, string]{Clock: &stepping{Clock: clk}, Events: bus})
		put(c, "test_key")

		Expect(holds(c, "test_key")).To(BeTrue())

		Expect(rec).To(HaveEmitted(cache.Hit, HaveField("Key", "test_key"), HaveField("Duration", step)))
	})

	It("emits miss with reason not found", func() {
		c := opened(cache.Options[string, string]{Clock: clk, Events: bus})

		Expect(holds(c, "missing")).To(BeFalse())

		Expect(rec).To(HaveEmitted(cache.Miss, HaveField("Key", "missing"), HaveField("Reason", cache.ReasonNotFound)))
		Expect(rec).NotTo(HaveEmitted(cache.Hit))
	})

	It("emits miss with reason expired", func() {
		c := opened(cache.Options[string, string]{Clock: clk, Events: bus})
		Expect(c.PutTTL(ctx, "expiring", "value", 10*time.Millisecond)).To(Succeed())

		clk.Advance(10 * time.Millisecond)

		Expect(holds(c, "expiring")).To(BeFalse())
		Expect(rec).To(HaveEmitted(cache.Miss, HaveField("Key", "expiring"), HaveField("Reason", cache.ReasonExpired)))
	})

	It("emits put with TTL", func() {
		c := opened(cache.Options[string, string]{Clock: clk, Events: bus})

		Expect(c.PutTTL(ctx, "key", "value", 5*time.Second)).To(Succeed())

		Expect(rec).To(HaveEmitted(cache.Put, HaveField("Key", "key"), HaveField("TTL", 5*time.Second)))
	})

	It("emits delete with existed", func() {
		c := opened(cache.Options[string, string]{Clock: clk, Events: bus})
		put(c, "key")

		Expect(c.Delete(ctx, "key")).To(BeTrue())

		Expect(rec).To(HaveEmitted(cache.Delete, HaveField("Key", "key"), HaveField("Existed", true)))
		Expect(c.Delete(ctx, "key")).To(BeFalse())
		Expect(rec).To(HaveEmitted(cache.Delete, HaveField("Key", "key"), HaveField("Existed", false)))
	})

	It("emits cleared with count", func() {
		c := opened(cache.Options[string, string]{Clock: clk, Events: bus})
		put(c, "key0", "key1", "key2")

		Expect(c.Clear(ctx)).To(Equal(3))

		Expect(rec).To(HaveEmitted(cache.Cleared, HaveField("Count", 3)))
		Expect(c.Len()).To(BeZero())
	})

	It("emits evicted at the size limit", func() {
		c := opened(cache.Options[string, string]{MaxEntries: 2, Clock: clk, Events: bus})

		put(c, "key1", "key2", "key3")

		Expect(rec).To(HaveEmitted(cache.Evicted, HaveField("Key", "key1"), HaveField("Reason", cache.ReasonSizeLimit)))
		Expect(rec).To(HaveEmitted(cache.Evicted).Times(1))
		Expect(holds(c, "key1")).To(BeFalse())
		Expect(holds(c, "key2")).To(BeTrue())
		Expect(holds(c, "key3")).To(BeTrue())
	})

	It("emits cleanup with expired count", func() {
		c := opened(cache.Options[string, string]{SweepInterval: 50 * time.Millisecond, Clock: clk, Events: bus})
		for _, key := range []string{"expire1", "expire2"} {
			Expect(c.PutTTL(ctx, key, "value", 10*time.Millisecond)).To(Succeed())
		}
		put(c, "keep")

		clk.Advance(50 * time.Millisecond)

		Await(rec).Should(ReceiveEvent(cache.Cleanup, HaveField("ExpiredCount", 2), HaveField("Remaining", 1)))
		Expect(holds(c, "keep")).To(BeTrue())
	})

	It("emits error for an invalid key", func() {
		c := opened(cache.Options[any, string]{Clock: clk, Events: bus})

		Expect(c.Put(ctx, nil, "value")).To(MatchError(cache.ErrInvalidKey))

		Expect(rec).To(HaveEmitted(cache.Error, HaveField("Reason", cache.ReasonInvalidKey), HaveField("Operation", cache.OpPut)))
		Expect(rec).NotTo(HaveEmitted(cache.Put))
	})

	It("measures the duration of ten puts", func() {
		c := opened(cache.Options[string, int]{Clock: &stepping{Clock: clk}, Events: bus})

		for i := range 10 {
			Expect(c.Put(ctx, fmt.Sprint(i), i)).To(Succeed())
		}

		Expect(rec).To(HaveEmitted(cache.Put, HaveField("Duration", step)).Times(10))
	})

	It("counts five hits and three misses", func() {
		c := opened(cache.Options[string, string]{Clock: clk, Events: bus})
		put(c, "key0", "key1", "key2", "key3", "key4")

		for i := range 8 {
			holds(c, fmt.Sprintf("key%d", i))
		}

		Expect(rec).To(HaveEmitted(cache.Hit).Times(5))
		Expect(rec).To(HaveEmitted(cache.Miss).Times(3))
	})
})

// step is how far a stepping clock moves each time it is read.
const step = time.Microsecond

// stepping is a clock on which everything takes time, and always the same: what
// is measured from one reading to the next took one step. On the system's clock
// a test can only say that a duration is not negative, which is true of a
// duration that nobody measured.
type stepping struct {
	clock.Clock
	readings atomic.Int64
}

func (s *stepping) Nanos() int64 { return s.readings.Add(1) * int64(step) }
