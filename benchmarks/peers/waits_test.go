package peers

import (
	"testing"
	"time"

	"github.com/onsi/gomega"
	"github.com/stretchr/testify/assert"

	"github.com/sleepless-go/sleepless/benchmarks/internal/bubbled"
	"github.com/sleepless-go/sleepless/benchmarks/internal/wakeup"
	"github.com/sleepless-go/sleepless/eventually"
)

// waiting is a way to wait until a counter has reached a value.
type waiting struct {
	name string
	wait func(t eventually.TB, n *eventually.Counter, atLeast int64)
}

// forEvent is ours.
func forEvent(t eventually.TB, n *eventually.Counter, atLeast int64) {
	eventually.Until(t, "the counter has moved on", func() bool { return n.Load() >= atLeast }, eventually.On(n))
}

func byGomega(t eventually.TB, n *eventually.Counter, atLeast int64) {
	gomega.NewGomega(failing(t)).Eventually(n.Load).Should(gomega.BeNumerically(">=", atLeast))
}

func byGomegaFaster(t eventually.TB, n *eventually.Counter, atLeast int64) {
	gomega.NewGomega(failing(t)).Eventually(n.Load).WithPolling(time.Millisecond).Should(gomega.BeNumerically(">=", atLeast))
}

func byTestify(t eventually.TB, n *eventually.Counter, atLeast int64) {
	assert.Eventually(t, func() bool { return n.Load() >= atLeast }, time.Second, 10*time.Millisecond)
}

func failing(t eventually.TB) func(message string, callerSkip ...int) {
	return func(message string, _ ...int) {
		t.Errorf("%s", message)
		t.FailNow()
	}
}

var (
	ours   = waiting{"sleepless", forEvent}
	rivals = []waiting{
		{"gomega-1ms", byGomegaFaster},
		{"gomega-10ms", byGomega}, // its default
		{"testify-10ms", byTestify},
	}
)

// BenchmarkOvershoot measures waits for something that happens within 5 ms.
func BenchmarkOvershoot(b *testing.B) {
	var c beside
	for _, w := range append([]waiting{ours}, rivals...) {
		b.Run("lib="+w.name, func(b *testing.B) {
			var n eventually.Counter
			overshoot := wakeup.Measure(b, wakeup.Spread(5*time.Millisecond), func() { n.Add(1) }, func(round int64) { w.wait(b, &n, round) })
			if w.name == ours.name {
				c.ours(overshoot.At(0.5))
				floor(b, "p50-µs", 10)
				return
			}
			c.theirs(b, overshoot.At(0.5))
		})
	}
}

// BenchmarkSpawnAndWait starts a goroutine that makes happen what is awaited.
func BenchmarkSpawnAndWait(b *testing.B) {
	eachWait(b, 4000, func(b *testing.B, w waiting) {
		for b.Loop() {
			var n eventually.Counter
			go n.Add(1)
			w.wait(b, &n, 1)
		}
	})
}

// BenchmarkAlreadyTrue waits for what has happened.
func BenchmarkAlreadyTrue(b *testing.B) {
	eachWait(b, 1000, func(b *testing.B, w waiting) {
		var n eventually.Counter
		for b.Loop() {
			w.wait(b, &n, 0)
		}
	})
}

func eachWait(b *testing.B, floorNs float64, run func(*testing.B, waiting)) {
	var c beside
	for _, w := range append([]waiting{ours}, rivals...) {
		b.Run("lib="+w.name, func(b *testing.B) {
			b.ReportAllocs()
			run(b, w)
			c.compare(b, w.name == ours.name)
			if w.name == ours.name {
				floor(b, "ns/op", floorNs)
			}
		})
	}
}

// waitsPerBubble spreads the price of a bubble over many waits.
const waitsPerBubble = 100

// BenchmarkInBubble waits in a bubble for something that happens after 3 ms of
// virtual time, a hundred times in a row. skew-µs is the virtual time from the
// event to the end of the wait, on average.
func BenchmarkInBubble(b *testing.B) {
	var c beside
	for _, w := range append([]waiting{ours}, rivals...) {
		b.Run("lib="+w.name, func(b *testing.B) {
			var skew time.Duration
			b.ReportAllocs()
			bubbled.Loop(b, func(t *testing.T) {
				var n eventually.Counter
				for i := range int64(waitsPerBubble) {
					start := time.Now()
					time.AfterFunc(3*time.Millisecond, func() { n.Add(1) })
					w.wait(t, &n, i+1)
					skew += time.Since(start) - 3*time.Millisecond
				}
			})
			perWait := nsPerOp(b) / waitsPerBubble
			b.ReportMetric(perWait, "ns/wait")
			b.ReportMetric(float64(skew.Microseconds())/float64(b.N)/waitsPerBubble, "skew-µs")
			if w.name == ours.name {
				c.ours(perWait)
				return
			}
			c.theirs(b, perWait)
		})
	}
}
