package peers

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/eventually/testify"
)

// BenchmarkMovedAlreadyTrue asks for what is so already: the call as it is moved,
// and as it was.
func BenchmarkMovedAlreadyTrue(b *testing.B) {
	var c beside
	yes := func() bool { return true }
	b.Run("lib=sleepless", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			testify.Eventually(b, yes, time.Second, 10*time.Millisecond)
		}
		c.compare(b, true)
		floor(b, "ns/op", 4000)
	})
	b.Run("lib=testify", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			assert.Eventually(b, yes, time.Second, 10*time.Millisecond)
		}
		c.compare(b, false)
	})
}

// BenchmarkMovedAssertionsAlreadyTrue is the same with assertions.
func BenchmarkMovedAssertionsAlreadyTrue(b *testing.B) {
	var c beside
	b.Run("lib=sleepless", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			testify.EventuallyWithT(b, func(c *testify.CollectT) { assert.True(c, true) }, time.Second, 10*time.Millisecond)
		}
		c.compare(b, true)
		floor(b, "ns/op", 5000)
	})
	b.Run("lib=testify", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			assert.EventuallyWithT(b, func(c *assert.CollectT) { assert.True(c, true) }, time.Second, 10*time.Millisecond)
		}
		c.compare(b, false)
	})
}

// BenchmarkMovedSpawnAndWait starts a goroutine that makes happen what is
// awaited. A call that is only moved looks sooner; one that is given its source
// is woken.
func BenchmarkMovedSpawnAndWait(b *testing.B) {
	var c beside
	b.Run("lib=sleepless-on-source", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var n eventually.Counter
			go n.Add(1)
			testify.On(&n).Eventually(b, func() bool { return n.Load() == 1 }, time.Second, 10*time.Millisecond)
		}
		c.compare(b, true)
		floor(b, "ns/op", 12000)
	})
	b.Run("lib=sleepless-moved-only", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var n atomic.Int64
			go n.Add(1)
			testify.Eventually(b, func() bool { return n.Load() == 1 }, time.Second, 10*time.Millisecond)
		}
		c.compare(b, false)
	})
	b.Run("lib=testify", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var n atomic.Int64
			go n.Add(1)
			assert.Eventually(b, func() bool { return n.Load() == 1 }, time.Second, 10*time.Millisecond)
		}
		c.compare(b, false)
	})
}
