package quantile_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/sleepless-go/sleepless/benchmarks/internal/quantile"
)

func sampleOf(values ...float64) *quantile.Sample {
	s := &quantile.Sample{}
	s.Add(values...)
	return s
}

func oneTo(n int) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = float64(i + 1)
	}
	rand.Shuffle(n, func(i, j int) { values[i], values[j] = values[j], values[i] })
	return values
}

func TestQuantileIsTheNearestRank(t *testing.T) {
	for _, c := range []struct {
		values []float64
		q      float64
		want   float64
	}{
		{oneTo(1), 0, 1}, {oneTo(1), 0.5, 1}, {oneTo(1), 1, 1},
		{oneTo(10), 0, 1}, {oneTo(10), 0.1, 1}, {oneTo(10), 0.11, 2}, {oneTo(10), 0.5, 5}, {oneTo(10), 0.99, 10}, {oneTo(10), 1, 10},
		{oneTo(100), 0.07, 7}, {oneTo(100), 0.29, 29}, {oneTo(100), 0.99, 99},
		{oneTo(3), -1, 1}, {oneTo(3), 2, 3},
	} {
		if got := sampleOf(c.values...).At(c.q); got != c.want {
			t.Errorf("At(%v) of %d values = %v, want %v", c.q, len(c.values), got, c.want)
		}
	}
}

func TestAtLeastTheShareDoesNotExceedTheQuantile(t *testing.T) {
	for n := 1; n < 200; n++ {
		values := oneTo(n)
		s := sampleOf(values...)
		for percent := range 101 {
			at := s.At(float64(percent) / 100)
			below := 0
			for _, v := range values {
				if v <= at {
					below++
				}
			}
			if below*100 < percent*n || (below-1)*100 >= percent*n && at > 1 {
				t.Fatalf("n=%d: At(%d%%) = %v, which %d values do not exceed", n, percent, at, below)
			}
		}
	}
}

func TestMedianOfAnEvenNumberIsBetweenTheTwoInTheMiddle(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{{[]float64{4}, 4}, {[]float64{4, 2}, 3}, {[]float64{9, 1, 5}, 5}, {oneTo(10), 5.5}} {
		if got := sampleOf(c.values...).Median(); got != c.want {
			t.Errorf("Median of %v = %v, want %v", c.values, got, c.want)
		}
	}
}

func TestValuesAddedAfterALookCount(t *testing.T) {
	s := sampleOf(5, 7)
	if got := s.At(0); got != 5 {
		t.Fatalf("At(0) = %v, want 5", got)
	}
	s.Add(1)
	if got := s.At(0); got != 1 || s.Len() != 3 {
		t.Errorf("At(0) = %v of %d values, want 1 of 3", got, s.Len())
	}
}

func TestSampleKeepsNoHoldOnTheCallersSlice(t *testing.T) {
	values := []float64{3, 1, 2}
	sampleOf(values...).Median()
	if !slices.Equal(values, []float64{3, 1, 2}) {
		t.Errorf("the caller's slice became %v", values)
	}
}

func TestEmptySampleHasNoQuantiles(t *testing.T) {
	var s quantile.Sample
	for name, got := range map[string]float64{"At": s.At(0.5), "Median": s.Median(), "Mean": s.Mean()} {
		if !math.IsNaN(got) {
			t.Errorf("%s = %v, want NaN", name, got)
		}
	}
}

func ExampleSample() {
	var s quantile.Sample
	s.Add(3, 1, 2, 10)
	fmt.Println(s.Median(), s.At(0.99), s.Mean())
	// Output: 2.5 10 4
}
