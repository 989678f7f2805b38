package benchmarks

import (
	"testing"
	"time"

	"github.com/onsi/gomega"
	"github.com/stretchr/testify/assert"

	"github.com/sleepless-go/sleepless/benchmarks/internal/wakeup"
	"github.com/sleepless-go/sleepless/eventually"
)

// BenchmarkWakeUp measures how long after an event, which comes within 5 ms, a
// wait for it returns. Look at p50-µs and p99-µs; ns/op contains the delay.
func BenchmarkWakeUp(b *testing.B) {
	const what = "the counter has moved on"
	for _, way := range []struct {
		name string
		wait func(b *testing.B, n *eventually.Counter, round int64)
	}{
		{"event", func(b *testing.B, n *eventually.Counter, round int64) {
			eventually.Until(b, what, func() bool { return n.Load() >= round }, eventually.On(n))
		}},
		{"backoff", func(b *testing.B, n *eventually.Counter, round int64) { // what a wait without a source falls back to
			eventually.Until(b, what, func() bool { return n.Load() >= round })
		}},
		{"gomega-1ms", func(b *testing.B, n *eventually.Counter, round int64) {
			gomega.NewWithT(b).Eventually(n.Load).WithPolling(time.Millisecond).Should(gomega.BeNumerically(">=", round))
		}},
		{"gomega-10ms", func(b *testing.B, n *eventually.Counter, round int64) {
			gomega.NewWithT(b).Eventually(n.Load).Should(gomega.BeNumerically(">=", round))
		}},
		{"testify-10ms", func(b *testing.B, n *eventually.Counter, round int64) {
			assert.Eventually(b, func() bool { return n.Load() >= round }, time.Second, 10*time.Millisecond)
		}},
	} {
		b.Run("way="+way.name, func(b *testing.B) {
			var n eventually.Counter
			wakeup.Measure(b, wakeup.Spread(5*time.Millisecond), func() { n.Add(1) }, func(round int64) { way.wait(b, &n, round) })
		})
	}
}
