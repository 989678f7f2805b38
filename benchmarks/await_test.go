package benchmarks

import (
	"context"
	"testing"

	"github.com/onsi/gomega"

	"github.com/sleepless-go/sleepless/foundation/cache"
	"github.com/sleepless-go/sleepless/matchers"
)

// BenchmarkAwait waits for the same event through Gomega's matchers.
func BenchmarkAwait(b *testing.B) {
	g := gomega.NewWithT(b)
	measure(b, "event: matchers.Await", func(_ context.Context, w *warmer) {
		matchers.AwaitWith(g, w.events).Should(matchers.ReceiveEvent(cache.Put, isLoaded))
	})
}
