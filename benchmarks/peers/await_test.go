package peers

import (
	"testing"
	"time"

	"github.com/onsi/gomega"

	"github.com/sleepless-go/sleepless/benchmarks/internal/wakeup"
	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/matchers"
)

// byAwait is ours through Gomega's matchers.
func byAwait(t eventually.TB, n *eventually.Counter, atLeast int64) {
	matchers.AwaitWith(gomega.NewGomega(failing(t)), n.Load, n).Should(gomega.BeNumerically(">=", atLeast))
}

// BenchmarkAwaitOvershoot asks whether the overshoot of matchers.Await depends on
// how long the event takes to come. lib=channel receives from a bare channel and
// is what the scheduler, the timer and the processor take by themselves: a
// process that has been blocked for 50 ms wakes up to cold caches.
func BenchmarkAwaitOvershoot(b *testing.B) {
	for _, delay := range []struct {
		name string
		of   func() wakeup.Delay
	}{
		{"at-once", func() wakeup.Delay { return func() time.Duration { return 0 } }},
		{"5ms", func() wakeup.Delay { return wakeup.Around(5 * time.Millisecond) }},
		{"50ms", func() wakeup.Delay { return wakeup.Around(50 * time.Millisecond) }},
	} {
		awaitOvershoots(b, "delay="+delay.name, delay.of)
	}
}

func awaitOvershoots(b *testing.B, prefix string, delay func() wakeup.Delay) {
	happened := make(chan struct{}, 1)
	bare := func(eventually.TB, *eventually.Counter, int64) { <-happened }
	var c beside
	for _, w := range []waiting{{ours.name, byAwait}, {"channel", bare}, {"gomega-10ms", byGomega}} {
		b.Run(prefix+"/lib="+w.name, func(b *testing.B) {
			n := &eventually.Counter{}
			fire := func() { n.Add(1) }
			if w.name == "channel" {
				fire = func() { happened <- struct{}{} }
			}
			overshoot := wakeup.Measure(b, delay(), fire, func(round int64) { w.wait(b, n, round) })
			if w.name == ours.name {
				c.ours(overshoot.At(0.5))
				floor(b, "p50-µs", 10)
				return
			}
			c.theirs(b, overshoot.At(0.5))
		})
	}
}
