package clock_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/foundation/clock"
)

func mustEqual[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("%s = %v, want %v", what, got, want)
	}
}

func mustPanic(t testing.TB, want string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if got := recover(); got != want {
			t.Fatalf("panic = %v, want %v", got, want)
		}
	}()
	f()
}

func TestOrReplacesNilByTheSystemsClock(t *testing.T) {
	mustEqual(t, "Or(nil)", clock.Or(nil), clock.System())
	mustEqual(t, "Or(c)", clock.Or(foreign{clock.System()}), clock.Clock(foreign{clock.System()}))
}

func TestTimersThatNoClockMadePanicAsThoseOfPackageTimeDo(t *testing.T) {
	mustPanic(t, "clock: Stop called on uninitialized Timer: get one from a Clock or MakeTimer", func() { new(clock.Timer).Stop() })
	mustPanic(t, "clock: Reset called on uninitialized Timer: get one from a Clock or MakeTimer", func() { new(clock.Timer).Reset(1) })
	mustPanic(t, "clock: Stop called on uninitialized Ticker: get one from a Clock or MakeTicker", func() { new(clock.Ticker).Stop() })
	mustPanic(t, "clock: Reset called on uninitialized Ticker: get one from a Clock or MakeTicker", func() { new(clock.Ticker).Reset(1) })
}

func TestSleepTakesItsDurationOnEitherPath(t *testing.T) {
	for _, c := range []clock.Clock{clock.System(), foreign{clock.System()}} {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			clock.Sleep(c, time.Second)
			if err := clock.SleepContext(t.Context(), c, time.Second); err != nil {
				t.Fatal(err)
			}
			mustEqual(t, "time passed", time.Since(start), 2*time.Second)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			mustEqual(t, "SleepContext", clock.SleepContext(ctx, c, time.Hour), context.DeadlineExceeded)
			mustEqual(t, "time passed", time.Since(start), 3*time.Second)
		})
	}
}

// sliced is a clock whose type cannot be compared.
type sliced struct {
	clock.Clock
	_ []int
}

func TestClockOfAnIncomparableTypeWorksWithContexts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := sliced{Clock: clock.System()}
		outer, cancelOuter := clock.WithTimeout(t.Context(), c, time.Second)
		defer cancelOuter()
		inner, cancelInner := clock.WithTimeout(outer, c, time.Minute)
		defer cancelInner()
		eventually.Advance(time.Second)
		mustEqual(t, "Err", inner.Err(), context.DeadlineExceeded)
	})
}
