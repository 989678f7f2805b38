package bubbled_test

import (
	"flag"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/sleepless-go/sleepless/benchmarks/internal/bubbled"
)

func TestEachIterationIsABubbleOfItsOwn(t *testing.T) {
	fewIterations(t)
	start := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) // where every bubble begins
	runs := 0
	result := testing.Benchmark(func(b *testing.B) {
		runs = 0
		bubbled.Loop(b, func(t *testing.T) {
			runs++
			if now := time.Now(); !now.Equal(start) {
				t.Errorf("the bubble begins at %v", now)
			}
			time.Sleep(time.Hour)
		})
	})
	if runs == 0 || runs != result.N {
		t.Errorf("%d bubbles in %d iterations", runs, result.N)
	}
	if virtual := time.Duration(runs) * time.Hour; result.T >= virtual {
		t.Errorf("the benchmark measured %v, the virtual time of %d bubbles", result.T, runs)
	}
}

// RunTests sets GOMAXPROCS to each value of -cpu and leaves it at the last.
func TestProcessorsAreLeftAsTheyWere(t *testing.T) {
	fewIterations(t)
	before := runtime.GOMAXPROCS(0)
	t.Cleanup(func() { runtime.GOMAXPROCS(before) })
	runtime.GOMAXPROCS(before + 1)
	inside := 0
	testing.Benchmark(func(b *testing.B) {
		bubbled.Loop(b, func(*testing.T) { inside = runtime.GOMAXPROCS(0) })
	})
	if after := runtime.GOMAXPROCS(0); inside != before+1 || after != before+1 {
		t.Errorf("GOMAXPROCS is %d inside and %d after, want %d", inside, after, before+1)
	}
}

func TestAFailureInABubbleFailsTheBenchmarkAndEndsItsLoop(t *testing.T) {
	silence(t)
	runs, went := 0, false
	result := testing.Benchmark(func(b *testing.B) {
		bubbled.Loop(b, func(t *testing.T) {
			runs++
			t.Fatal("on purpose")
		})
		went = true
	})
	if runs != 1 || went || result.N != 0 {
		t.Errorf("%d bubbles were run, the benchmark went on: %v, its result has %d iterations; want 1, false, 0", runs, went, result.N)
	}
}

func TestWithoutATestToRunTheBenchmarkIsSkipped(t *testing.T) {
	silence(t)
	set(t, "test.skip", "everything")
	ran, skipped := false, false
	testing.Benchmark(func(b *testing.B) {
		defer func() { skipped = b.Skipped() }()
		bubbled.Loop(b, func(*testing.T) { ran = true })
	})
	if ran || !skipped {
		t.Errorf("a bubble was run: %v; skipped: %v; want false, true", ran, skipped)
	}
}

// silence keeps the report of a test that fails on purpose out of the output,
// where tools would take it for real.
func silence(t *testing.T) {
	t.Helper()
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	stdout, stderr := os.Stdout, os.Stderr
	os.Stdout, os.Stderr = null, null
	t.Cleanup(func() {
		os.Stdout, os.Stderr = stdout, stderr
		null.Close()
	})
}

// fewIterations keeps testing.Benchmark from going on for a second.
func fewIterations(t *testing.T) {
	t.Helper()
	set(t, "test.benchtime", "20x")
}

// set sets a flag of go test while t runs.
func set(t *testing.T, name, value string) {
	t.Helper()
	f := flag.Lookup(name).Value
	before := f.String()
	if err := f.Set(value); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Set(before) })
}
