// Package wakeup measures how long after an event a waiter goes on: the
// overshoot of a wait.
//
//	var n eventually.Counter
//	wakeup.Measure(b, wakeup.Spread(5*time.Millisecond), func() { n.Add(1) }, func(round int64) {
//		eventually.Until(b, "it happened", func() bool { return n.Load() >= round }, eventually.On(&n))
//	})
//
// Each round arms a timer; its goroutine notes the time and makes the event
// happen, while the benchmark's own goroutine waits. The overshoot includes what
// it takes to make the event happen, and cannot be below 0. Nothing is asserted.
package wakeup

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/sleepless-go/sleepless/benchmarks/internal/quantile"
)

// Delay returns the time from the start of a round to its event.
type Delay func() time.Duration

// Spread spreads the events evenly over limit, in the same sequence each time.
func Spread(limit time.Duration) Delay {
	r := rand.New(rand.NewPCG(5, 7))
	return func() time.Duration { return time.Duration(r.Int64N(int64(limit))) }
}

// Around has events come between 0.5 and 1.5 times mean, in the same sequence
// each time.
func Around(mean time.Duration) Delay {
	spread := Spread(mean)
	return func() time.Duration { return mean/2 + spread() }
}

// Measure runs b's loop. In each round fire is called in a goroutine of its own
// after the delay, and wait, which is given the number of the round from 1, is
// to return when the event of that round has happened.
//
// It reports the overshoot in microseconds as p50-µs, p99-µs and mean-µs. ns/op
// contains the delays and says little.
func Measure(b *testing.B, delay Delay, fire func(), wait func(round int64)) *quantile.Sample {
	var overshoot quantile.Sample
	fired := make(chan time.Time, 1)
	b.ReportAllocs()
	for round := int64(1); b.Loop(); round++ {
		time.AfterFunc(delay(), func() {
			fired <- time.Now()
			fire()
		})
		wait(round)
		at := time.Now()
		overshoot.Add(float64(at.Sub(<-fired).Nanoseconds()) / 1e3)
	}
	b.ReportMetric(overshoot.At(0.5), "p50-µs")
	b.ReportMetric(overshoot.At(0.99), "p99-µs")
	b.ReportMetric(overshoot.Mean(), "mean-µs")
	return &overshoot
}
