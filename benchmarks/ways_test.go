package benchmarks

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/onsi/gomega"
	"github.com/stretchr/testify/assert"

	"github.com/sleepless-go/sleepless/benchmarks/internal/bubbled"
	"github.com/sleepless-go/sleepless/benchmarks/internal/quantile"
	"github.com/sleepless-go/sleepless/fakeclock"
	"github.com/sleepless-go/sleepless/foundation/cache"
	"github.com/sleepless-go/sleepless/foundation/clock"
	"github.com/sleepless-go/sleepless/foundation/telemetry/telemetrytest"
)

func BenchmarkFixedSleep(b *testing.B) {
	for _, padding := range []int{1, 2, 5, 10} {
		b.Run(fmt.Sprintf("padding=%dx", padding), func(b *testing.B) {
			measure(b, fmt.Sprintf("time.Sleep, %d x 2ms", padding), func(context.Context, *warmer) {
				time.Sleep(time.Duration(padding) * usual)
			})
		})
	}
}

// BenchmarkPollGomega polls at Gomega's default interval.
func BenchmarkPollGomega(b *testing.B) {
	g := gomega.NewWithT(b)
	measure(b, "gomega.Eventually", func(ctx context.Context, w *warmer) {
		g.Eventually(func() bool { return w.loaded(ctx) }).Should(gomega.BeTrue())
	})
}

func BenchmarkPollTestify(b *testing.B) {
	measure(b, "assert.Eventually, 10ms", func(ctx context.Context, w *warmer) {
		assert.Eventually(b, func() bool { return w.loaded(ctx) }, time.Second, 10*time.Millisecond)
	})
}

func BenchmarkEvent(b *testing.B) {
	measure(b, reference, func(_ context.Context, w *warmer) {
		telemetrytest.Await(b, "the entry is loaded", w.events, cache.Put, isLoaded)
	})
}

func isLoaded(d cache.PutData) bool { return d.Key == key && d.Loaded }

// BenchmarkFakeClock has no work to wait for: it moves the clock over it, when
// the loader has armed its timer.
func BenchmarkFakeClock(b *testing.B) {
	ctx := b.Context()
	measureOn(b, "event, fake clock", func() (*warmer, func(time.Duration)) {
		fake := fakeclock.New()
		w := newWarmer(b, fake)
		return w, func(work time.Duration) {
			armed := fake.Arms()
			w.warm(ctx, work)
			if err := fake.AwaitTimers(ctx, armed+1); err != nil {
				b.Fatal(err)
			}
			fake.Advance(work)
			telemetrytest.Await(b, "the entry is loaded", w.events, cache.Put, isLoaded)
		}
	})
}

// BenchmarkBubble waits for the same event where time is virtual. Its overshoot
// is virtual too; what its test really takes is ns/op.
func BenchmarkBubble(b *testing.B) {
	var overshoot quantile.Sample
	i := 0
	b.ReportAllocs()
	bubbled.Loop(b, func(t *testing.T) {
		ctx := t.Context()
		w := newWarmer(t, clock.System())
		defer w.end()
		w.warm(ctx, workOf(i))
		telemetrytest.Await(t, "the entry is loaded", w.events, cache.Put, isLoaded)
		at := time.Now()
		if !w.loaded(ctx) {
			t.Fatal("the event came before the entry")
		}
		overshoot.Add(micros(at.Sub(w.finished)))
		i++
	})
	report(b, "event, synctest bubble", &overshoot, 0)
}

// measure measures a way to wait on the system's clock.
func measure(b *testing.B, way string, wait func(context.Context, *warmer)) {
	ctx := b.Context()
	measureOn(b, way, func() (*warmer, func(time.Duration)) {
		w := newWarmer(b, clock.System())
		return w, func(work time.Duration) {
			w.warm(ctx, work)
			wait(ctx, w)
		}
	})
}

// measureOn runs one test in each iteration: setup makes what the test needs and
// returns the part that starts the work and waits. A test that looks too early
// is counted as missed, and what it left running ends outside the measurement.
func measureOn(b *testing.B, way string, setup func() (*warmer, func(work time.Duration))) {
	ctx := b.Context()
	var overshoot quantile.Sample
	missed := 0
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		w, startAndWait := setup()
		startAndWait(workOf(i))
		at := time.Now()
		if w.loaded(ctx) {
			overshoot.Add(micros(max(0, at.Sub(w.finished)))) // the end may fall between the two looks
			w.end()
			continue
		}
		missed++
		b.StopTimer()
		w.end()
		b.StartTimer()
	}
	report(b, way, &overshoot, missed)
}

func micros(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }
