// Package quantile holds samples of a measurement and tells their quantiles.
//
// A quantile here is one of the samples (nearest rank), never a value between
// two: the 0.99 of ten samples is the largest. It is for benchmarks, where all
// samples fit in memory; it does not estimate.
//
//	var s quantile.Sample
//	for _, v := range []float64{3, 1, 2} {
//		s.Add(v)
//	}
//	s.Median() // 2
package quantile

import (
	"math"
	"slices"
)

// Sample is a set of measured values. The zero value is empty. It must not be
// used by two goroutines at a time.
type Sample struct {
	values []float64
	sorted bool
}

// Add adds values.
func (s *Sample) Add(values ...float64) {
	s.values = append(s.values, values...)
	s.sorted = false
}

// Len returns how many values there are.
func (s *Sample) Len() int { return len(s.values) }

// At returns the smallest value that at least the share q of all values do not
// exceed: At(0) is the least, At(1) the greatest. q outside 0 to 1 counts as the
// nearer of the two. It is NaN if there are no values.
func (s *Sample) At(q float64) float64 {
	n := len(s.values)
	if n == 0 {
		return math.NaN()
	}
	if !s.sorted {
		slices.Sort(s.values)
		s.sorted = true
	}
	// 1e-9 takes back what binary fractions add: 0.07*100 is above 7.
	rank := int(math.Ceil(q*float64(n) - 1e-9))
	return s.values[min(max(rank, 1), n)-1]
}

// Median returns At(0.5), or of an even number of values the mean of the two in
// the middle, as benchstat does. It is NaN if there are no values.
func (s *Sample) Median() float64 {
	low := s.At(0.5)
	if n := len(s.values); n > 0 && n%2 == 0 {
		return (low + s.values[n/2]) / 2
	}
	return low
}

// Mean returns the arithmetic mean, NaN if there are no values.
func (s *Sample) Mean() float64 {
	sum := 0.0
	for _, v := range s.values {
		sum += v
	}
	return sum / float64(len(s.values))
}
