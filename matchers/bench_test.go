package matchers_test

import (
	"slices"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/foundation/telemetry/telemetrytest"
	. "github.com/sleepless-go/sleepless/matchers"
)

// overshoot measures how long after an event its wait returns. Each event is
// emitted by a timer, 0 to 5 ms after its wait began.
func overshoot(b *testing.B, wait func(rec *telemetrytest.Recorder)) {
	var all []time.Duration
	for i := 0; b.Loop(); i++ {
		rec := telemetrytest.NewRecorder(nil)
		emitted := make(chan time.Time, 1)
		time.AfterFunc(time.Duration(i%50)*100*time.Microsecond, func() {
			emitted <- time.Now()
			emitPut(rec, "a")
		})
		wait(rec)
		returned := time.Now()
		all = append(all, returned.Sub(<-emitted))
	}
	slices.Sort(all)
	var sum time.Duration
	for _, d := range all {
		sum += d
	}
	b.ReportMetric(float64(sum)/float64(len(all))/1e3, "mean-µs-late")
	b.ReportMetric(float64(all[len(all)/2])/1e3, "p50-µs-late")
	b.ReportMetric(float64(all[len(all)*99/100])/1e3, "p99-µs-late")
}

func BenchmarkOvershootOfAwait(b *testing.B) {
	g := NewWithT(b)
	overshoot(b, func(rec *telemetrytest.Recorder) { AwaitWith(g, rec).Should(ReceiveEvent(put)) })
}

func BenchmarkOvershootOfAwaitWithAFunction(b *testing.B) {
	g := NewWithT(b)
	overshoot(b, func(rec *telemetrytest.Recorder) { AwaitWith(g, rec.Len, rec).Should(Equal(1)) })
}

func BenchmarkOvershootOfAwaitWithoutASource(b *testing.B) {
	g := NewWithT(b)
	overshoot(b, func(rec *telemetrytest.Recorder) { AwaitWith(g, rec.Len).Should(Equal(1)) })
}

func BenchmarkOvershootOfEventuallyReceiveEvent(b *testing.B) {
	g := NewWithT(b)
	overshoot(b, func(rec *telemetrytest.Recorder) { g.Eventually(rec).Should(ReceiveEvent(put)) })
}

// The peer: stock Gomega and a function.
func BenchmarkOvershootOfEventuallyWithAFunction(b *testing.B) {
	g := NewWithT(b)
	overshoot(b, func(rec *telemetrytest.Recorder) { g.Eventually(rec.Len).Should(Equal(1)) })
}

func BenchmarkAlreadyTrueAwait(b *testing.B) {
	g := NewWithT(b)
	var v eventually.Var[int]
	load := v.Load
	m := Equal(0)
	b.ReportAllocs()
	for b.Loop() {
		AwaitWith(g, load, &v).Should(m)
	}
}

// The peer of BenchmarkAlreadyTrueAwait.
func BenchmarkAlreadyTrueEventually(b *testing.B) {
	g := NewWithT(b)
	var v eventually.Var[int]
	load := v.Load
	m := Equal(0)
	b.ReportAllocs()
	for b.Loop() {
		g.Eventually(load).Should(m)
	}
}

func BenchmarkAlreadyThereReceiveEvent(b *testing.B) {
	g := NewWithT(b)
	rec := telemetrytest.NewRecorder(nil)
	emitPut(rec, "a")
	b.ReportAllocs()
	for b.Loop() {
		g.Expect(rec).To(ReceiveEvent(put))
	}
}
