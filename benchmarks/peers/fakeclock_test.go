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
			for b.Loop() {
				fireAll(m.make(b), m.all)
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

// fireAll arms n timers and fires them. 7919 is a prime that divides no n here,
// so every instant from 1 to n occurs once.
func fireAll(f fake, n int) {
	for i := range n {
		f.arm(time.Duration(i*7919%n + 1))
	}
	if f.next == nil {
		f.advance(time.Duration(n))
		return
	}
	for range n {
		f.next()
	}
}

func TestFireAllFiresEveryTimer(t *testing.T) {
	for _, m := range makers {
		f := m.make(t)
		var armed []<-chan time.Time
		arm := f.arm
		f.arm = func(d time.Duration) <-chan time.Time {
			c := arm(d)
			armed = append(armed, c)
			return c
		}
		fireAll(f, 10)
		for _, c := range armed {
			<-c
		}
		if len(armed) != 10 {
			t.Errorf("%s: %d timers fired, want 10", m.name, len(armed))
		}
	}
}
