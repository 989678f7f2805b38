package eventually

import (
	"context"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func BenchmarkUntilAlreadyTrue(b *testing.B) {
	var c Counter
	b.ReportAllocs()
	for b.Loop() {
		Until(b, "always", func() bool { return true }, On(&c))
	}
}

// What being asked for artefacts costs a wait that succeeds.
func BenchmarkUntilAlreadyTrueAskedForArtefacts(b *testing.B) {
	var c Counter
	to := Artefacts(b.TempDir())
	b.ReportAllocs()
	for b.Loop() {
		Until(b, "always", func() bool { return true }, On(&c), to)
	}
}

// One iteration starts a goroutine that changes the answer and waits for it.
func BenchmarkSpawnAndWait(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		var c Counter
		go c.Add(1)
		Until(b, "the goroutine ran", func() bool { return c.Load() == 1 }, On(&c))
	}
}

func BenchmarkWaitAlreadyTrue(b *testing.B) {
	var c Counter
	ctx := context.Background()
	on := On(&c)
	b.ReportAllocs()
	for b.Loop() {
		Wait(ctx, "always", func() (bool, string, error) { return true, "", nil }, on)
	}
}

func BenchmarkEmit(b *testing.B) {
	for name, opts := range map[string][]RecorderOption{"growing": nil, "ring": {Keep(1024)}} {
		b.Run(name, func(b *testing.B) {
			r := NewRecorder[int](nil, opts...)
			b.ReportAllocs()
			for b.Loop() {
				r.Emit(1)
			}
		})
	}
}

func BenchmarkCounterAddNobodyWaits(b *testing.B) {
	var c Counter
	b.ReportAllocs()
	for b.Loop() {
		c.Add(1)
	}
}

// Overshoot is the time from the event to the return of the wait. On a single
// processor the event comes when the wait is blocked, since only then can the
// other goroutine run.
func BenchmarkOvershootAfterEvent(b *testing.B) {
	b.ReportAllocs()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var late []time.Duration
	for b.Loop() {
		var c Counter
		looked := make(chan struct{})
		at := make(chan time.Time, 1)
		go func() {
			<-looked
			at <- time.Now()
			c.Add(1)
		}()
		first := true
		Until(b, "counted", func() bool {
			if first {
				first = false
				close(looked)
			}
			return c.Load() == 1
		}, On(&c))
		late = append(late, time.Since(<-at))
	}
	slices.Sort(late)
	b.ReportMetric(float64(late[len(late)/2]), "p50-ns")
	b.ReportMetric(float64(late[len(late)*99/100]), "p99-ns")
}

// One iteration waits for an hour of virtual time that no source announces.
func BenchmarkBubbleHourWithoutASource(b *testing.B) {
	b.ReportAllocs()
	checks := 0
	for b.Loop() {
		synctest.Test(new(testing.T), func(*testing.T) {
			var happened atomic.Bool
			time.AfterFunc(time.Hour, func() { happened.Store(true) })
			r, err := Wait(context.Background(), "an hour has passed", func() (bool, string, error) { return happened.Load(), "", nil }, Within(2*time.Hour))
			if err != nil {
				b.Error(err)
			}
			checks = r.Checks
		})
	}
	b.ReportMetric(float64(checks), "checks")
}

// One iteration waits in a bubble for an event an hour away.
func BenchmarkBubbleHourWithASource(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		synctest.Test(new(testing.T), func(*testing.T) {
			var c Counter
			time.AfterFunc(time.Hour, func() { c.Add(1) })
			if _, err := Wait(context.Background(), "counted", func() (bool, string, error) { return c.Load() == 1, "", nil }, On(&c), Within(2*time.Hour)); err != nil {
				b.Error(err)
			}
		})
	}
}

func BenchmarkEventInHistory(b *testing.B) {
	r := NewRecorder[int](nil, Keep(16))
	b.ReportAllocs()
	for b.Loop() {
		r.Emit(1)
		Event(b, "1", r, func(int) bool { return true })
	}
}
