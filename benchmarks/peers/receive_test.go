package peers

import (
	"testing"
	"time"

	"github.com/onsi/gomega"

	"github.com/sleepless-go/sleepless/benchmarks/internal/wakeup"
	"github.com/sleepless-go/sleepless/foundation/telemetry/telemetrytest"
	"github.com/sleepless-go/sleepless/matchers"
)

// BenchmarkStockEventually gives gomega.Eventually itself a matcher of ours,
// which blocks for the event where a stock matcher would return at once, and
// Gomega sleep. The events come within 5 ms, while the first check is on.
func BenchmarkStockEventually(b *testing.B) {
	b.Run("lib=sleepless", func(b *testing.B) {
		g := gomega.NewWithT(b)
		rec := telemetrytest.NewRecorder(nil)
		b.Cleanup(rec.Close)
		e, ctx := fourWordEvent.Bind(rec), b.Context()
		done := rec.Mark() // behind the event of the round before
		wakeup.Measure(b, wakeup.Spread(5*time.Millisecond),
			func() { e.Emit(ctx, fourWords{Key: "k", Size: 1, Count: 2}) },
			func(int64) {
				g.Eventually(rec).Should(matchers.ReceiveEvent(fourWordEvent).After(done))
				done = rec.Mark()
			})
		floor(b, "mean-µs", 100)
	})
}
