package benchmarks

import (
	"context"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/sleepless-go/sleepless/foundation/cache"
	"github.com/sleepless-go/sleepless/foundation/clock"
	"github.com/sleepless-go/sleepless/foundation/telemetry"
	"github.com/sleepless-go/sleepless/foundation/telemetry/telemetrytest"
)

const key = "config"

// warmer is what the tests of this package wait for: a cache whose entry is
// filled in the background.
type warmer struct {
	cache  *cache.Cache[string, string]
	clock  clock.Clock
	events *telemetrytest.Recorder

	running  sync.WaitGroup
	finished time.Time // when the work ended; to be read only when the entry is there
}

// newWarmer makes a warmer on a clock, with a recorder that listens before
// anything happens. end ends both.
func newWarmer(b testing.TB, c clock.Clock) *warmer {
	bus := telemetry.NewBus()
	w := &warmer{clock: c, events: telemetrytest.Record(nil, bus)}
	var err error
	w.cache, err = cache.New(cache.Options[string, string]{Name: "bench", MaxEntries: 16, Clock: c, Events: bus})
	if err != nil {
		b.Fatal(err)
	}
	return w
}

// warm fills the cache in the background, which takes work.
func (w *warmer) warm(ctx context.Context, work time.Duration) {
	w.running.Go(func() {
		w.cache.GetOrLoad(ctx, key, func(context.Context) (string, error) {
			clock.Sleep(w.clock, work)
			w.finished = time.Now()
			return "warm", nil
		})
	})
}

// loaded tells whether the entry is there: the assertion of all these tests.
func (w *warmer) loaded(ctx context.Context) bool {
	v, ok := w.cache.Get(ctx, key)
	return ok && v == "warm"
}

func (w *warmer) end() {
	w.running.Wait()
	w.cache.Close()
	w.events.Close()
}

// usual is how long the work took when the author of a sleep looked.
const usual = 2 * time.Millisecond

// workOf returns how long the i-th work takes: between 1 and 3 ms, every tenth
// time four times that. Multiples of the golden ratio spread any stretch of the
// sequence evenly, so that a benchmark of a hundred iterations and one of
// thousands see the same mix.
func workOf(i int) time.Duration {
	_, spread := math.Modf(float64(i+1) * math.Phi)
	work := time.Millisecond + time.Duration(spread*float64(2*time.Millisecond))
	if i%10 == 9 {
		work *= 4
	}
	return work
}

func TestEveryTenthWorkIsSlow(t *testing.T) {
	for _, n := range []int{100, 5_000} {
		var sum time.Duration
		short, beyondTwice, beyondFiveTimes := 0, 0, 0
		for i := range n {
			work := workOf(i)
			sum += work
			if work < time.Millisecond || work >= 12*time.Millisecond {
				t.Errorf("work %d takes %v", i, work)
			}
			if work < 3*time.Millisecond {
				short++
			}
			if work > 2*usual {
				beyondTwice++
			}
			if work > 5*usual {
				beyondFiveTimes++
			}
		}
		mean := sum / time.Duration(n)
		if mean < 2500*time.Microsecond || mean > 2700*time.Microsecond {
			t.Errorf("the mean of %d is %v, want 2.6ms", n, mean)
		}
		if short != n*9/10 || beyondTwice != n/10 {
			t.Errorf("of %d, %d take less than 3ms and %d more than 4ms; want %d and %d", n, short, beyondTwice, n*9/10, n/10)
		}
		if beyondFiveTimes < n*2/100 || beyondFiveTimes > n*3/100 {
			t.Errorf("of %d, %d take more than 10ms, want a fortieth", n, beyondFiveTimes)
		}
	}
}
