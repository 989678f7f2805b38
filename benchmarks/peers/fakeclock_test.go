package peers

import (
	"fmt"
	"testing"
	"time"
)

var pendingCounts = []int{1, 100, 10_000}

// far is when the timers are due that only lie there.
const far = 100 * 365 * 24 * time.Hour

// eachFake runs a benchmark on every clock with n timers pending.
func eachFake(b *testing.B, floorNs float64, run func(b *testing.B, f fake)) {
	for _, pending := range pendingCounts {
		var c beside
		for _, m := range makers {
			b.Run(fmt.Sprintf("pending=%d/lib=%s", pending, m.name), func(b *testing.B) {
				f := m.make(b)
				for i := range pending {
					f.arm(far + time.Duration(i))
				}
				b.ReportAllocs()
				run(b, f)
				c.compare(b, m.isOurs())
				if m.isOurs() && pending == 10_000 {
					floor(b, "ns/op", floorNs)
				}
			})
		}
	}
}

func BenchmarkAdvanceNothingDue(b *testing.B) {
	eachFake(b, 15, func(b *testing.B, f fake) {
		for b.Loop() {
			f.advance(1)
		}
	})
}

func BenchmarkCreateAdvanceReceive(b *testing.B) {
	eachFake(b, 4000, func(b *testing.B, f fake) {
		for b.Loop() {
			c := f.arm(1)
			f.advance(1)
			<-c
		}
	})
}

// BenchmarkFireAll arms many timers, each for an instant of its own and not in
// order, and moves the clock over them. ns/timer is for both.
func BenchmarkFireAll(b *testing.B) {
	for _, m := range makers {
		if m.all < makers[0].all {
			fmt.Printf("# BenchmarkFireAll: %s takes too long for %d timers and fires %d\n", m.name, makers[0].all, m.all)
		}
	}
	var c beside
	for _, m := range makers {
		b.Run(fmt.Sprintf("lib=%s/timers=%d", m.name, m.all), func(b *testing.B) {
			b.ReportAllocs()
			channels := make([]<-chan time.Time, m.all)
			for b.Loop() {
				fireAll(m.make(b), channels)
				b.StopTimer() // quartz has a goroutine for each timer until its value is received
				receiveAll(channels)
				b.StartTimer()
			}
			perTimer := nsPerOp(b) / float64(m.all)
			b.ReportMetric(perTimer, "ns/timer")
			if m.isOurs() {
				c.ours(perTimer)
				return
			}
			c.theirs(b, perTimer)
		})
	}
}

// fireAll arms a timer for each channel and fires them. 7919 is a prime that
// divides no length here, so every instant from 1 to n occurs once.
func fireAll(f fake, channels []<-chan time.Time) {
	n := len(channels)
	for i := range channels {
		channels[i] = f.arm(time.Duration(i*7919%n + 1))
	}
	if f.next == nil {
		f.advance(time.Duration(n))
		return
	}
	for range n {
		f.next()
	}
}

func receiveAll(channels []<-chan time.Time) {
	for _, c := range channels {
		<-c
	}
}

func TestFireAllFiresEveryTimer(t *testing.T) {
	for _, m := range makers {
		f := m.make(t)
		channels := make([]<-chan time.Time, 10)
		fireAll(f, channels)
		receiveAll(channels) // blocks for good if one has not fired
	}
}
