package cache_test

import (
	"context"
	"sync/atomic"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/sleepless-go/sleepless/foundation/cache"
	"github.com/sleepless-go/sleepless/foundation/telemetry"
	"github.com/sleepless-go/sleepless/foundation/telemetry/telemetrytest"
)

// suite is the test that go test started. A bubble is made from it, since
// synctest takes nothing but a *testing.T. It is set once, before any spec runs.
var suite *testing.T

var ran atomic.Bool

func TestCache(t *testing.T) {
	if ran.Swap(true) {
		t.Skip("Ginkgo runs a suite once per process, so -cpu cannot repeat it: give one go test for each -cpu, or repeat with ginkgo --repeat=N")
	}
	suite = t
	RegisterFailHandler(Fail)
	RunSpecs(t, "cache")
}

// ctx carries nothing: what a spec is about is told by instance and key.
var ctx = context.Background()

// recorded returns a bus of the spec's own and a recorder that hears everything
// on it.
func recorded() (*telemetry.Bus, *telemetrytest.Recorder) {
	bus := telemetry.NewBus()
	return bus, telemetrytest.Record(GinkgoT(), bus)
}

// opened makes a cache that the spec's end closes. In a bubble make one with
// cache.New and defer Close: the cleanup of a spec runs outside the bubble.
func opened[K comparable, V any](o cache.Options[K, V]) *cache.Cache[K, V] {
	GinkgoHelper()
	c, err := cache.New(o)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(c.Close)
	return c
}

// put stores values for the default lifetime, each under its own name.
func put(c *cache.Cache[string, string], keys ...string) {
	GinkgoHelper()
	for _, key := range keys {
		Expect(c.Put(ctx, key, "value of "+key)).To(Succeed())
	}
}

// holds succeeds for a key that is in the cache.
func holds(c *cache.Cache[string, string], key string) bool {
	value, ok := c.Get(ctx, key)
	return ok && value == "value of "+key
}
