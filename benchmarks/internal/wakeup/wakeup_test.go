package wakeup_test

import (
	"flag"
	"fmt"
	"testing"
	"time"

	"github.com/sleepless-go/sleepless/benchmarks/internal/wakeup"
)

func TestDelaysStayWithinTheirBoundsAndCoverThem(t *testing.T) {
	for name, c := range map[string]struct {
		delay    wakeup.Delay
		from, to time.Duration
	}{
		"spread": {wakeup.Spread(5 * time.Millisecond), 0, 5 * time.Millisecond},
		"around": {wakeup.Around(4 * time.Millisecond), 2 * time.Millisecond, 6 * time.Millisecond},
	} {
		least, most := c.to, c.from
		for range 10_000 {
			d := c.delay()
			least, most = min(least, d), max(most, d)
		}
		margin := (c.to - c.from) / 100
		if least < c.from || least > c.from+margin || most >= c.to || most < c.to-margin {
			t.Errorf("%s: delays lie between %v and %v, want all between %v and %v", name, least, most, c.from, c.to)
		}
	}
}

func TestEveryWayIsGivenTheSameDelays(t *testing.T) {
	one, two := wakeup.Spread(time.Second), wakeup.Spread(time.Second)
	for i := range 100 {
		if a, b := one(), two(); a != b {
			t.Fatalf("delay %d is %v for one and %v for the other", i, a, b)
		}
	}
}

func TestEachRoundFiresOnceAndLeavesASample(t *testing.T) {
	fewIterations(t)
	happened := make(chan struct{})
	rounds, samples, least := int64(0), 0, 0.0
	result := testing.Benchmark(func(b *testing.B) {
		overshoot := wakeup.Measure(b, func() time.Duration { return 0 }, func() { happened <- struct{}{} }, func(round int64) {
			<-happened
			if round != rounds+1 {
				t.Errorf("round %d follows %d", round, rounds)
			}
			rounds = round
		})
		samples, least = overshoot.Len(), overshoot.At(0)
	})
	if rounds == 0 || samples != int(rounds) || result.N != samples {
		t.Errorf("%d rounds left %d samples in %d iterations; want as many of each", rounds, samples, result.N)
	}
	if least < 0 {
		t.Errorf("a waiter went on %v µs before its event", -least)
	}
	for _, unit := range []string{"p50-µs", "p99-µs", "mean-µs"} {
		if _, ok := result.Extra[unit]; !ok {
			t.Errorf("%s is not reported", unit)
		}
	}
}

// fewIterations keeps testing.Benchmark from going on for a second.
func fewIterations(t *testing.T) {
	t.Helper()
	benchtime := flag.Lookup("test.benchtime").Value
	before := benchtime.String()
	if err := benchtime.Set("20x"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { benchtime.Set(before) })
}

func ExampleSpread() {
	delay := wakeup.Spread(5 * time.Millisecond)
	fmt.Println(delay() < 5*time.Millisecond, delay() < 5*time.Millisecond)
	// Output: true true
}
