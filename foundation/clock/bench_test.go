package clock_test

import (
	"context"
	"testing"
	"time"

	"github.com/sleepless-go/sleepless/foundation/clock"
)

func BenchmarkSystemNow(b *testing.B) {
	c := clock.System()
	b.ReportAllocs()
	for b.Loop() {
		c.Now()
	}
}

func BenchmarkSystemNanos(b *testing.B) {
	nanos := clock.NanosOf(clock.System())
	b.ReportAllocs()
	for b.Loop() {
		nanos()
	}
}

func BenchmarkWithTimeout(b *testing.B) {
	parent, cancelParent := context.WithCancel(context.Background())
	defer cancelParent()
	b.Run("package context", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, cancel := context.WithTimeout(parent, time.Hour)
			cancel()
		}
	})
	b.Run("system", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, cancel := clock.WithTimeout(parent, clock.System(), time.Hour)
			cancel()
		}
	})
	b.Run("foreign", func(b *testing.B) {
		c := foreign{clock.System()}
		b.ReportAllocs()
		for b.Loop() {
			_, cancel := clock.WithTimeout(parent, c, time.Hour)
			cancel()
		}
	})
}
