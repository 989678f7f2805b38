package fakeclock_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/sleepless-go/sleepless/fakeclock"
)

var pendingCounts = []int{1, 100, 10_000}

// withPending returns a clock with n timers that are not due in this lifetime.
func withPending(n int) *fakeclock.Fake {
	f := fakeclock.New()
	for i := range n {
		f.NewTimer(100*365*24*time.Hour + time.Duration(i))
	}
	return f
}

func BenchmarkAdvanceNothingDue(b *testing.B) {
	for _, n := range pendingCounts {
		b.Run(fmt.Sprintf("pending=%d", n), func(b *testing.B) {
			f := withPending(n)
			b.ReportAllocs()
			for b.Loop() {
				f.Advance(1)
			}
		})
	}
}

func BenchmarkCreateAdvanceReceive(b *testing.B) {
	for _, n := range pendingCounts {
		b.Run(fmt.Sprintf("pending=%d", n), func(b *testing.B) {
			f := withPending(n)
			b.ReportAllocs()
			for b.Loop() {
				t := f.NewTimer(1)
				f.Advance(1)
				<-t.C
			}
		})
	}
}

func BenchmarkAfterFuncAdvance(b *testing.B) {
	f := fakeclock.New()
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		f.AfterFunc(1, func() { n++ })
		f.Advance(1)
	}
}

// BenchmarkFireAll creates n timers at instants of their own and fires them in
// one Advance; ns/timer is for both.
func BenchmarkFireAll(b *testing.B) {
	for _, n := range pendingCounts {
		b.Run(fmt.Sprintf("timers=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f := fakeclock.New()
				for i := range n {
					f.NewTimer(time.Duration(i*7919%n + 1))
				}
				f.Advance(time.Duration(n))
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/timer")
		})
	}
}

func BenchmarkTickPerInstant(b *testing.B) {
	f := fakeclock.New()
	ticker := f.NewTicker(1)
	b.ReportAllocs()
	for b.Loop() {
		f.Advance(1)
		<-ticker.C
	}
}

func BenchmarkNow(b *testing.B) {
	f := fakeclock.New()
	b.ReportAllocs()
	for b.Loop() {
		f.Now()
	}
}

func BenchmarkStopAmongMany(b *testing.B) {
	f := withPending(10_000)
	b.ReportAllocs()
	for b.Loop() {
		f.NewTimer(time.Hour).Stop()
	}
}

// BenchmarkUnreadTicks advances over 1,000 ticks that nobody receives.
func BenchmarkUnreadTicks(b *testing.B) {
	f := fakeclock.New()
	ticker := f.NewTicker(1)
	defer ticker.Stop()
	b.ReportAllocs()
	for b.Loop() {
		f.Advance(1000)
	}
}
