package peers

import (
	"testing"
	"testing/synctest"

	"github.com/sleepless-go/sleepless/benchmarks/internal/bubbled"
	"github.com/sleepless-go/sleepless/eventually"
)

// BenchmarkBubble makes a bubble in which one goroutine hands a value over, and
// ends it: what a bubble that explains itself costs when there is nothing to
// explain.
func BenchmarkBubble(b *testing.B) {
	body := func(*testing.T) {
		c := make(chan int)
		go func() { c <- 1 }()
		<-c
	}
	var c beside
	for _, lib := range []struct {
		name string
		run  func(*testing.T, func(*testing.T))
	}{
		{"sleepless", func(t *testing.T, f func(*testing.T)) { eventually.Bubble(t, f) }},
		{"synctest", synctest.Test},
	} {
		b.Run("lib="+lib.name, func(b *testing.B) {
			b.ReportAllocs()
			bubbled.WithT(b, func(t *testing.T) {
				for b.Loop() {
					lib.run(t, body)
				}
			})
			c.compare(b, lib.name == "sleepless")
			if lib.name == "sleepless" {
				floor(b, "ns/op", 50_000)
			}
		})
	}
}
