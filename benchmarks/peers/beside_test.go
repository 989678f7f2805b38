package peers

import (
	"testing"

	"github.com/sleepless-go/sleepless/benchmarks/internal/quantile"
)

// beside compares peers with ourselves. Ours has to be measured first; with
// -count its median counts.
type beside struct{ sample quantile.Sample }

// ours notes our figure.
func (c *beside) ours(figure float64) { c.sample.Add(figure) }

// theirs reports a peer's figure as a multiple of ours, if there is ours: -bench
// may select the peer alone.
func (c *beside) theirs(b *testing.B, figure float64) {
	if ours := c.sample.Median(); ours > 0 {
		b.ReportMetric(figure/ours, "x-ours")
	}
}

// compare reports or notes the time per iteration.
func (c *beside) compare(b *testing.B, isOurs bool) {
	if isOurs {
		c.ours(nsPerOp(b))
		return
	}
	c.theirs(b, nsPerOp(b))
}

func nsPerOp(b *testing.B) float64 {
	return float64(b.Elapsed().Nanoseconds()) / float64(b.N)
}

// floor reports the most that the metric of that unit may be.
func floor(b *testing.B, unit string, most float64) { b.ReportMetric(most, "floor:"+unit) }

func TestAPeersFigureIsAMultipleOfOurMedian(t *testing.T) {
	var c beside
	c.ours(10)
	c.ours(1000)
	c.ours(20)
	result := testing.Benchmark(func(b *testing.B) { c.theirs(b, 50) })
	if got := result.Extra["x-ours"]; got != 2.5 {
		t.Errorf("x-ours = %v, want 50/20", got)
	}
}

func TestAPeerAloneHasNoRatio(t *testing.T) {
	result := testing.Benchmark(func(b *testing.B) { new(beside).theirs(b, 50) })
	if got, ok := result.Extra["x-ours"]; ok {
		t.Errorf("x-ours = %v without a figure of ours", got)
	}
}
