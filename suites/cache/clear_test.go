package cache_test

import (
	"fmt"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/sleepless-go/sleepless/foundation/cache"
	"github.com/sleepless-go/sleepless/foundation/telemetry"
	"github.com/sleepless-go/sleepless/foundation/telemetry/telemetrytest"
)

var _ = Describe("clearing under load", func() {
	const workers, each = 4, 1000
	var (
		rec *telemetrytest.Recorder
		c   *cache.Cache[string, int]
	)
	run := func(shards int) {
		var bus *telemetry.Bus
		bus, rec = recorded()
		c = opened(cache.Options[string, int]{SweepInterval: cache.NoSweep, Shards: shards, Events: bus})
		var work sync.WaitGroup
		for w := range workers {
			work.Go(func() {
				defer GinkgoRecover()
				Expect(putAndClear(c, w, each)).To(Succeed())
			})
		}
		work.Wait()
	}

	It("counts every entry once, whatever is put meanwhile", func() {
		run(4)

		cleared := 0
		for _, e := range telemetrytest.All(rec, cache.Cleared) {
			cleared += e.Count
		}
		Expect(cleared).To(BeNumerically(">", 0))
		Expect(cleared + c.Len()).To(Equal(workers * each))
	})

	It("leaves its place in the order of commits to whoever needs it", func() {
		run(1)

		// Played back in the order of commits the events tell how many entries
		// there were at each clear, which the order of arrival does not.
		entries := 0
		for _, r := range rec.Ordered(0) {
			switch e := r.Payload.(type) {
			case cache.PutData:
				entries++
			case cache.ClearedData:
				if e.Count != entries {
					Fail(fmt.Sprintf("commit %d cleared %d entries where the order of commits has %d", e.Seq, e.Count, entries))
				}
				entries = 0
			}
		}
		Expect(c.Len()).To(Equal(entries))
	})
})

// putAndClear puts n keys that belong to one worker, and clears the cache after
// every fifth.
func putAndClear(c *cache.Cache[string, int], worker, n int) error {
	for i := range n {
		if err := c.Put(ctx, fmt.Sprintf("%d/%d", worker, i), i); err != nil {
			return err
		}
		if i%5 == 4 {
			if _, err := c.Clear(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}
