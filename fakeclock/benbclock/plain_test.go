package benbclock

import (
	"errors"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sleepless-go/sleepless/fakeclock"
)

var errForced = errors.New("the check is made to fail")

// becomePlainTwice is the part of a child process: its standard error is looked
// at.
func becomePlainTwice() {
	newMock(fakeclock.New(), errForced, &degraded)
	if !newMock(fakeclock.New(), errForced, &degraded).Plain() {
		os.Exit(1)
	}
}

func TestTheFallbackSaysOnceWhyAndWhatToDo(t *testing.T) {
	out := child(t, "fallback")
	mustEqual(t, "notices", strings.Count(out, "falls back to its own Mock"), 1)
	mustContain(t, out, "benbclock: ", errForced.Error(), "sleeps 1 ms", "require v1.3.5 exactly")
}

// In a bubble the plain Mock's sleeps are virtual.
func TestTheFallbackStillTellsAndMovesTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := fakeclock.New()
		m := newMock(f, errForced, &notice{w: new(strings.Builder)})
		mustEqual(t, "Plain", m.Plain(), true)
		mustEqual(t, "Now", m.Now().Equal(f.Now()), true)
		start := m.Now()
		timer, ticker, called := m.Timer(time.Second), m.Ticker(time.Second), make(chan struct{})
		m.AfterFunc(time.Second, func() { close(called) })
		after, ctx := m.After(time.Second), t.Context()
		ctx, cancel := m.WithTimeout(ctx, time.Second)
		defer cancel()
		std := f.NewTimer(time.Second)
		m.Add(time.Second)
		for _, c := range []<-chan time.Time{timer.C, ticker.C, after, std.C} {
			mustEqual(t, "fired", ready(c), true)
		}
		<-called
		<-ctx.Done()
		mustEqual(t, "both moved by", f.Now().Sub(start), m.Since(start))
		ticker.Stop()
		m.Timer(time.Hour)
		mustEqual(t, "WaitForAllTimers", m.WaitForAllTimers().Sub(start), time.Hour+time.Second)
		m.Set(start.Add(2 * time.Hour))
		mustEqual(t, "the Fake moved by", f.Now().Sub(start), 2*time.Hour)
		mustContain(t, panicText(t, func() { m.Add(-1) }), "time does not go back")
		mustContain(t, panicText(t, func() { m.Ticker(0) }), "must be positive")
	})
}
