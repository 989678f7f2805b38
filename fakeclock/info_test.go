package fakeclock_test

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sleepless-go/sleepless/fakeclock"
	"github.com/sleepless-go/sleepless/foundation/clock"
)

// withoutLines replaces line numbers, which move when the file is edited.
func withoutLines(s string) string {
	return regexp.MustCompile(`\.go:\d+`).ReplaceAllString(s, ".go:N")
}

func TestPendingListsLiveTimersWithTheLineThatArmedThem(t *testing.T) {
	f := fakeclock.New()
	f.NewTimer(5 * time.Minute)
	f.Background("janitor").NewTicker(time.Second)
	f.Tagged("retry").AfterFunc(time.Second, func() {})
	_, cancel := clock.WithTimeout(t.Context(), f, time.Hour)
	defer cancel()
	f.NewTimer(time.Second).Stop()
	got := withoutLines(strings.Join(f.Pending(), "\n"))
	const where = "armed by fakeclock_test.TestPendingListsLiveTimersWithTheLineThatArmedThem info_test.go:N"
	want := `ticker in 1s, every 1s, tag "janitor", background, ` + where + `
afterfunc in 1s, tag "retry", ` + where + `
timer in 5m0s, ` + where + `
afterfunc in 1h0m0s, ` + where
	mustEqual(t, "Pending", got, want)
}

func TestResetNamesTheLineThatReset(t *testing.T) {
	f := fakeclock.New()
	timer := f.NewTimer(time.Minute)
	func() { timer.Reset(time.Hour) }()
	mustContain(t, f.Timers()[0].Armed, "TestResetNamesTheLineThatReset.func1 info_test.go:")
}

func TestTimersDescribeLiveTimers(t *testing.T) {
	f := fakeclock.New(fakeclock.At(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)))
	f.NewTimer(time.Minute)
	f.NewTicker(time.Second)
	f.Advance(1500 * time.Millisecond)
	infos := f.Timers()
	mustEqual(t, "live", len(infos), 2)
	ticker, timer := infos[0], infos[1]
	mustEqual(t, "ID of the ticker", ticker.ID, 2)
	mustEqual(t, "Kind of the ticker", ticker.Kind, fakeclock.KindTicker)
	mustEqual(t, "In of the ticker", ticker.In, 500*time.Millisecond)
	mustEqual(t, "When of the ticker", ticker.When.Format(time.TimeOnly), "12:00:02")
	mustEqual(t, "Period of the ticker", ticker.Period, time.Second)
	mustEqual(t, "Kind of the timer", timer.Kind, fakeclock.KindTimer)
	mustEqual(t, "Period of the timer", timer.Period, 0)
	f.Set(f.Now().Add(time.Hour))
	mustEqual(t, "When after a wall jump", f.Timers()[1].When.Format(time.TimeOnly), "13:01:00")
}

func TestNamesOfKindsAndOperations(t *testing.T) {
	mustEqual(t, "kinds", fakeclock.KindTimer.String()+fakeclock.KindTicker.String()+fakeclock.KindAfterFunc.String()+fakeclock.Kind(0).String(), "timertickerafterfunc?")
	mustEqual(t, "operation", fakeclock.OpAfterFunc.String()+fakeclock.Operation(99).String(), "AfterFunc?")
}

func TestIdleNamesTheNearestForegroundTimer(t *testing.T) {
	f := fakeclock.New()
	idle, busy := f.Idle()
	mustEqual(t, "idle", idle, true)
	mustEqual(t, "busy", busy, "")
	ticker := f.NewTicker(time.Second)
	defer ticker.Stop()
	f.Background("").NewTimer(time.Second)
	idle, _ = f.Idle()
	mustEqual(t, "idle with a ticker and a background timer", idle, true)
	far := f.NewTimer(time.Hour)
	near := f.NewTimer(time.Minute)
	idle, busy = f.Idle()
	mustEqual(t, "idle with timers", idle, false)
	mustContain(t, busy, "timer in 1m0s, armed by fakeclock_test.TestIdleNamesTheNearestForegroundTimer")
	near.Stop()
	far.Reset(time.Second)
	f.Advance(time.Second)
	idle, _ = f.Idle()
	mustEqual(t, "idle when all have fired", idle, true)
}

func TestAwaitTimersCountsArmEvents(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		f := fakeclock.New()
		go func() {
			timer := f.Tagged("worker").NewTimer(time.Second)
			timer.Reset(2 * time.Second)
			timer.Stop()
			f.NewTimer(0)
		}()
		if err := f.AwaitTimers(t.Context(), 2, fakeclock.Tag("worker")); err != nil {
			t.Fatal(err)
		}
		if err := f.AwaitTimers(t.Context(), 3); err != nil {
			t.Fatal(err)
		}
		mustEqual(t, "Resets", f.Arms(fakeclock.Op(fakeclock.OpReset)), 1)
		mustEqual(t, "of two seconds", f.Arms(fakeclock.Duration(2*time.Second)), 1)
		mustEqual(t, "of two seconds without a tag", f.Arms(fakeclock.Duration(2*time.Second), fakeclock.Tag("")), 0)
	})
}

func TestAwaitTimersErrorShowsBothNumbersAndTheLiveTimers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := fakeclock.New()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := f.AwaitTimers(ctx, 1)
		mustContain(t, err.Error(), "timers were armed 0 times of 1: context deadline exceeded; no timer is live")
		f.NewTimer(time.Minute)
		err = f.AwaitTimers(ctx, 2, fakeclock.Op(fakeclock.OpNewTimer), fakeclock.Duration(time.Minute))
		mustEqual(t, "is DeadlineExceeded", errors.Is(err, context.DeadlineExceeded), true)
		mustContain(t, err.Error(), "armed 1 times of 2 (NewTimer, duration 1m0s)", "live timers:\n\ttimer in 1m0s, armed by ")
	})
}

func TestNotifyWakesOnEveryChange(t *testing.T) {
	f := fakeclock.New()
	wake := make(chan struct{}, 1)
	stop := f.Notify(wake)
	var timer *clock.Timer
	for _, change := range []struct {
		name string
		make func()
	}{
		{"arming", func() { timer = f.NewTimer(time.Second) }},
		{"reset", func() { timer.Reset(time.Second) }},
		{"stop", func() { timer.Stop() }},
		{"advance with nothing due", func() { f.Advance(time.Second) }},
		{"wall jump", func() { f.Set(f.Now().Add(time.Hour)) }},
		{"fire", func() { timer.Reset(1); f.Next() }},
	} {
		change.make()
		mustEqual(t, "woken by "+change.name, ready(wake), true)
	}
	f.AfterFunc(0, func() {})
	for idle := false; !idle; idle, _ = f.Idle() {
		<-wake // the end of the callback wakes
	}
	stop()
	f.Advance(time.Second)
	mustEqual(t, "Foreign", f.Foreign(), "")
}

func TestForeignSaysWhoMovedTheClockOutsideTheWaitersBubble(t *testing.T) {
	f := fakeclock.New()
	move, moved := make(chan struct{}), make(chan struct{})
	go func() {
		<-move
		f.Advance(time.Second)
		close(moved)
	}()
	synctest.Test(t, func(t *testing.T) {
		stop := f.Notify(make(chan struct{}, 1))
		defer stop()
		close(move)
		<-moved
		mustContain(t, f.Foreign(), "1 changes of the clock were made outside the waiter's bubble", "info_test.go:")
	})
}

func TestSetMovesTheWallClockOnly(t *testing.T) {
	f := fakeclock.New()
	timer := f.NewTimer(time.Minute)
	f.Set(f.Now().Add(24 * time.Hour))
	mustEqual(t, "Now", f.Now().Format(time.DateTime), "2000-01-02 00:00:00")
	mustEqual(t, "nanoseconds", f.Nanos(), 0)
	mustEqual(t, "fired", ready(timer.C), false)
	f.Advance(time.Minute)
	mustEqual(t, "value", (<-timer.C).Format(time.DateTime), "2000-01-02 00:01:00")
}

func TestSetGoesBackOnlyWithAllowRewind(t *testing.T) {
	f := fakeclock.New()
	mustContain(t, panicText(t, func() { f.Set(f.Now().Add(-time.Hour)) }), "is 1h0m0s before Now", "AllowRewind")
	f = fakeclock.New(fakeclock.AllowRewind())
	timer := f.NewTimer(time.Second)
	f.Set(f.Now().Add(-time.Hour))
	mustEqual(t, "Now", f.Now().Format(time.DateTime), "1999-12-31 23:00:00")
	f.Advance(time.Second)
	mustEqual(t, "fired", ready(timer.C), true)
}

func TestLoopLimitBelowOnePanics(t *testing.T) {
	mustContain(t, panicText(t, func() { fakeclock.LoopLimit(0) }), "at least 1")
}

func TestViewsCompose(t *testing.T) {
	f := fakeclock.New()
	v := f.Tagged("a").Background("").Tagged("b").Detached()
	mustEqual(t, "Fake", v.Fake() == f, true)
	v.NewTimer(time.Second)
	info := f.Timers()[0]
	mustEqual(t, "Tag", info.Tag, "b")
	mustEqual(t, "Background", info.Background, true)
	mustEqual(t, "nanoseconds", v.Nanos(), f.Nanos())
	mustEqual(t, "Now", v.Now(), f.Now())
}
