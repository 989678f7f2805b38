package benchmarks

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/sleepless-go/sleepless/benchmarks/internal/quantile"
)

func overshoots(micros ...float64) *quantile.Sample {
	s := &quantile.Sample{}
	s.Add(micros...)
	return s
}

func TestComparisonShowsEachWayOnceAsAMultipleOfTheEvent(t *testing.T) {
	var r results
	r.add("sleep", 8*time.Millisecond, overshoots(6000, 6000, 6000), 1)
	r.add(reference, 2*time.Millisecond, overshoots(5, 7, 90), 0)
	r.add("sleep", 10*time.Millisecond, overshoots(8000, 8000, 8000, 8000), 0)
	r.add("always too early", time.Millisecond, overshoots(), 3)
	var out strings.Builder
	r.print(&out)
	const want = `
One test waits for work of 1 to 3ms, every tenth time of 4 to 12ms:

                   way to wait   per test   overshoot p50    p99   too early   x event
                         sleep        9ms             7ms    7ms       12.5%       4.5
    event: telemetrytest.Await        2ms             7µs   90µs           0         1
              always too early        1ms               -      -      100.0%       0.5
`
	if got := normal(out.String()); got != normal(want) {
		t.Errorf("got\n%s\nwant\n%s", got, normal(want))
	}
}

// normal makes two tables equal that differ in padding only.
func normal(table string) string {
	var lines []string
	for line := range strings.Lines(table) {
		if fields := strings.Fields(line); len(fields) > 0 {
			lines = append(lines, strings.Join(fields, " "))
		}
	}
	return strings.Join(lines, "\n")
}

func TestComparisonIsAligned(t *testing.T) {
	var r results
	r.add("a", time.Microsecond, overshoots(1), 0)
	r.add("a way with a long name", time.Second, overshoots(123456), 7)
	var out strings.Builder
	r.print(&out)
	width := 0
	for line := range strings.Lines(out.String()) {
		if strings.HasPrefix(line, "One test") || strings.TrimSpace(line) == "" {
			continue
		}
		switch n := len([]rune(line)); {
		case width == 0:
			width = n
		case n != width:
			t.Errorf("a row is %d wide and the one before %d:\n%s", n, width, out.String())
		}
	}
	if width == 0 {
		t.Errorf("no rows:\n%s", out.String())
	}
}

func TestComparisonIsSilentWithoutResults(t *testing.T) {
	var out strings.Builder
	results(nil).print(&out)
	if out.Len() > 0 {
		t.Errorf("printed %q", out.String())
	}
}

func TestComparisonWithoutTheEventHasNoRatios(t *testing.T) {
	var r results
	r.add("sleep", time.Millisecond, overshoots(1), 0)
	var out strings.Builder
	r.print(&out)
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if last := strings.Fields(lines[len(lines)-1]); last[len(last)-1] != "-" {
		t.Errorf("the last row is %q, want no ratio", last)
	}
}

func TestSpan(t *testing.T) {
	for micros, want := range map[float64]string{0: "0µs", 5.234: "5.23µs", 999.4: "999µs", 999.5: "1ms", 7449: "7.45ms", 123456: "123ms"} {
		if got := span(micros); got != want {
			t.Errorf("span(%v) = %q, want %q", micros, got, want)
		}
	}
	if got := span(math.NaN()); got != "-" {
		t.Errorf("span(NaN) = %q, want -", got)
	}
}

func TestShareOfSomethingIsNeverShownAsNothing(t *testing.T) {
	for _, c := range []struct {
		part, whole int
		want        string
	}{{0, 10, "0"}, {0, 0, "0"}, {1, 100_000, "<0.1%"}, {1, 40, "2.5%"}, {3, 3, "100.0%"}} {
		if got := share(c.part, c.whole); got != c.want {
			t.Errorf("share(%d, %d) = %q, want %q", c.part, c.whole, got, c.want)
		}
	}
}
