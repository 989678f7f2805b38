package benchmarks

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/sleepless-go/sleepless/benchmarks/internal/quantile"
)

// reference is the way that all others are compared with.
const reference = "event: telemetrytest.Await"

// comparison collects what the ways to wait have shown, over all runs of
// -count. Benchmarks run one after the other, so it needs no lock.
var comparison results

type results []*result

// result is what one way to wait has shown.
type result struct {
	way             string
	perTest         quantile.Sample // µs, one value for each run
	p50, p99        quantile.Sample // of the overshoot in µs, one value for each run
	missed, waiting int             // tests that looked too early, and all of them
}

// TestMain prints the comparison when the benchmarks have run.
func TestMain(m *testing.M) {
	code := m.Run()
	comparison.print(os.Stdout)
	os.Exit(code)
}

// report reports the run that b has just ended, and notes it for the table.
func report(b *testing.B, way string, overshoot *quantile.Sample, missed int) {
	if overshoot.Len() > 0 {
		b.ReportMetric(overshoot.At(0.5), "overshoot-µs")
	}
	b.ReportMetric(float64(missed)/float64(b.N), "missed/op")
	comparison.add(way, b.Elapsed()/time.Duration(b.N), overshoot, missed)
}

func (r *results) add(way string, perTest time.Duration, overshoot *quantile.Sample, missed int) {
	i := slices.IndexFunc(*r, func(x *result) bool { return x.way == way })
	if i < 0 {
		i = len(*r)
		*r = append(*r, &result{way: way})
	}
	x := (*r)[i]
	x.perTest.Add(micros(perTest))
	if overshoot.Len() > 0 { // else every test looked too early
		x.p50.Add(overshoot.At(0.5))
		x.p99.Add(overshoot.At(0.99))
	}
	x.missed += missed
	x.waiting += overshoot.Len() + missed
}

// print writes one row for each way, and nothing if there is none. Of several
// runs it shows medians.
func (r results) print(to io.Writer) {
	if len(r) == 0 {
		return
	}
	event := 0.0
	for _, x := range r {
		if x.way == reference {
			event = x.perTest.Median()
		}
	}
	fmt.Fprintf(to, "\nOne test waits for work of 1 to 3ms, every tenth time of 4 to 12ms:\n\n")
	table := tabwriter.NewWriter(to, 0, 0, 3, ' ', tabwriter.AlignRight)
	row := func(way string, cells ...string) {
		fmt.Fprintf(table, "%-28s\t%s\t\n", way, strings.Join(cells, "\t"))
	}
	row("way to wait", "per test", "overshoot p50", "p99", "too early", "x event")
	for _, x := range r {
		ratio := "-"
		if event > 0 {
			ratio = fmt.Sprintf("%.3g", x.perTest.Median()/event)
		}
		row(x.way, span(x.perTest.Median()), span(x.p50.Median()), span(x.p99.Median()), share(x.missed, x.waiting), ratio)
	}
	table.Flush()
	fmt.Fprintln(to)
}

// span shows microseconds with three digits: "5.2µs", "7.45ms". No sample at all
// is "-".
func span(micros float64) string {
	switch {
	case micros != micros:
		return "-"
	case micros >= 999.5:
		return fmt.Sprintf("%.3gms", micros/1e3)
	default:
		return fmt.Sprintf("%.3gµs", micros)
	}
}

// share shows a part of a whole in percent, and one that is not 0 never as 0.
func share(part, whole int) string {
	switch percent := 100 * float64(part) / float64(whole); {
	case part == 0:
		return "0"
	case percent < 0.1:
		return "<0.1%"
	default:
		return fmt.Sprintf("%.1f%%", percent)
	}
}
