package peers

import (
	"context"
	"testing"
	"time"

	benbjohnson "github.com/benbjohnson/clock"
	"github.com/coder/quartz"
	"github.com/jonboulle/clockwork"
	k8s "k8s.io/utils/clock/testing"

	"github.com/sleepless-go/sleepless/fakeclock"
)

// fake is a fake clock as the benchmarks use it.
type fake struct {
	arm     func(time.Duration) <-chan time.Time
	advance func(time.Duration)
	// next fires what is due next, for clocks that refuse to pass a timer.
	next func()
}

// maker makes fake clocks of one library.
type maker struct {
	name string
	make func(testing.TB) fake
	all  int // how many timers it is given to fire in BenchmarkFireAll
}

var makers = []maker{
	{"sleepless", newFake, 10_000},
	{"clockwork", newClockwork, 10_000},
	{"k8s", newK8s, 10_000},
	{"quartz", newQuartz, 1_000},
	{"benbjohnson", newBenbjohnson, 100},
}

func (m maker) isOurs() bool { return m.name == "sleepless" }

func newFake(testing.TB) fake {
	f := fakeclock.New()
	return fake{arm: func(d time.Duration) <-chan time.Time { return f.NewTimer(d).C }, advance: f.Advance}
}

func newClockwork(testing.TB) fake {
	c := clockwork.NewFakeClock()
	return fake{arm: c.After, advance: c.Advance}
}

// newK8s returns a clock that fires in order of creation, whatever is due first.
func newK8s(testing.TB) fake {
	c := k8s.NewFakeClock(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC))
	return fake{arm: func(d time.Duration) <-chan time.Time { return c.NewTimer(d).C() }, advance: c.Step}
}

// withoutCleanup keeps quartz from registering a function with the test for timer that fires: a benchmark would pile up millions.
type withoutCleanup struct{ testing.TB }

func (withoutCleanup) Cleanup(func()) {}

// newQuartz returns a clock whose log is off; it is on by default.
func newQuartz(tb testing.TB) fake {
	m := quartz.NewMock(withoutCleanup{tb}).WithLogger(quartz.NoOpLogger)
	ctx := context.Background()
	return fake{
		arm:     func(d time.Duration) <-chan time.Time { return m.NewTimer(d).C },
		advance: func(d time.Duration) { m.Advance(d).MustWait(ctx) },
		next: func() {
			_, w := m.AdvanceNext()
			w.MustWait(ctx)
		},
	}
}

// newBenbjohnson returns a clock that sleeps 1 ms of real time in each Add and
// for each timer that fires.
func newBenbjohnson(testing.TB) fake {
	m := benbjohnson.NewMock()
	return fake{arm: func(d time.Duration) <-chan time.Time { return m.Timer(d).C }, advance: m.Add}
}
