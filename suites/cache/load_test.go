package cache_test

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/fakeclock"
	"github.com/sleepless-go/sleepless/foundation/cache"
	"github.com/sleepless-go/sleepless/foundation/telemetry/telemetrytest"
	. "github.com/sleepless-go/sleepless/matchers"
)

var _ = Describe("a load under way", func() {
	var (
		rec     *telemetrytest.Recorder
		c       *cache.Cache[string, string]
		release chan string // takes what the loader is to return
		loaded  chan string // gives what the caller got; closed when it has returned
	)
	BeforeEach(func() {
		// The goroutine has variables of its own: those of the specs are given to
		// the next spec while it may still be returning.
		value, result := make(chan string), make(chan string, 1)
		release, loaded = value, result
		DeferCleanup(func() {
			for range result { // until the goroutine has ended, which the cache's Close brings about
			}
		})
		bus, recorder := recorded()
		loading := opened(cache.Options[string, string]{SweepInterval: cache.NoSweep, Events: bus})
		rec, c = recorder, loading
		started := make(chan struct{})
		go func() {
			defer close(result)
			got, err := loading.GetOrLoad(ctx, "key", func(ctx context.Context) (string, error) {
				close(started)
				select {
				case v := <-value:
					return v, nil
				case <-ctx.Done(): // the cache was closed
					return "", context.Cause(ctx)
				}
			})
			if err == nil {
				result <- got
			}
		}()
		<-started
	})

	It("keeps the cache busy until its event is out", func() {
		Expect(c).NotTo(BeIdle())
		Expect(rec).NotTo(HaveEmitted(cache.Put))

		release <- "value of key"

		Await(c).Should(BeIdle())
		Expect(rec).To(HaveEmitted(cache.Put, HaveField("Key", "key"), HaveField("Loaded", true)))
		Expect(<-loaded).To(Equal("value of key"))
	})

	It("is called off by Close, which ends with it", func() {
		Expect(c).NotTo(EventuallyCleanedUp())

		Expect(c.Close()).To(Succeed())

		Expect(c).To(EventuallyCleanedUp())
		Expect(rec).To(HaveEmitted(cache.Error, HaveField("Operation", cache.OpLoad), HaveField("Reason", cache.ReasonClosed)))
		Expect(rec).NotTo(HaveEmitted(cache.Put))
		Expect(<-loaded).To(BeEmpty(), "the caller got no value")
	})

	It("is waited for by whoever asks for its event first", func() {
		release <- "value of key"

		Await(rec).Should(ReceiveEvent(cache.Put, HaveField("Loaded", true)))
		Expect(holds(c, "key")).To(BeTrue())
	})
})

var _ = Describe("the refutation of an event", func() {
	// With a window, absence only means: not yet. Here nothing can emit any more:
	// the cache runs nothing and its clock has no timer left to fire.
	It("is proven by idleness, without a window", func() {
		bus, rec := recorded()
		clk := fakeclock.New(fakeclock.WithT(GinkgoT()))
		c := opened(cache.Options[string, string]{MaxEntries: 2, SweepInterval: cache.NoSweep, Clock: clk, Events: bus})

		put(c, "key1", "key2")

		checks := 0
		eventually.Never(GinkgoT(), "an entry is evicted", func() bool {
			return rec.Count(telemetrytest.Is(cache.Evicted)) > 0
		}, eventually.On(c, clk), eventually.OnCheck(func(eventually.Attempt) { checks++ }), eventually.Within(time.Hour))
		Expect(checks).To(BeNumerically("<=", 2), "an hour's window was not burnt")
	})

	It("is what a wait for the event says at once", func() {
		bus, rec := recorded()
		clk := fakeclock.New(fakeclock.WithT(GinkgoT()))
		c := opened(cache.Options[string, string]{SweepInterval: cache.NoSweep, Clock: clk, Events: bus})

		failure := InterceptGomegaFailure(func() {
			Await(rec, c, clk).WithTimeout(time.Hour).Should(ReceiveEvent(cache.Evicted).From(c, clk))
		})

		Expect(failure).To(MatchError(ContainSubstring("foundation.cache.evicted")))
	})

	It("fails at once when the event is there", func() {
		bus, rec := recorded()
		c := opened(cache.Options[string, string]{MaxEntries: 1, SweepInterval: cache.NoSweep, Events: bus})

		put(c, "key1", "key2")

		Expect(InterceptGomegaFailure(func() { Expect(rec).NotTo(HaveEmitted(cache.Evicted)) })).
			To(MatchError(ContainSubstring("foundation.cache.evicted")))
	})
})
