package eventually

import (
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// What the manual says about bubbles that no watch can see.

func TestALeakCheckerInsideABubbleSeesTheBubble(t *testing.T) {
	Bubble(t, func(t *testing.T) {
		if err := goleak.Find(); err == nil || !strings.Contains(err.Error(), "internal/synctest.Run") {
			t.Errorf("goleak inside found %v; the manual says that it finds the bubble's own goroutines", err)
		}
	})
}

func TestALeakCheckerAroundABubbleSeesNothing(t *testing.T) {
	before := goleak.IgnoreCurrent()
	Bubble(t, func(t *testing.T) {
		done := make(chan struct{})
		go func() { <-done }()
		time.AfterFunc(time.Second, func() { close(done) })
	}, Drain())
	if err := goleak.Find(before); err != nil {
		t.Errorf("Bubble has left %v", err)
	}
}

func TestTheClockOfABubbleStandsBetweenStatements(t *testing.T) {
	Bubble(t, func(t *testing.T) {
		start := time.Now()
		if d := time.Since(start); d != 0 {
			t.Errorf("%v has passed between two statements", d)
		}
		Advance(1)
		if d := time.Since(start); d != 1 {
			t.Errorf("%v has passed, want 1ns", d)
		}
	})
}

// A deadline that was computed outside lies decades ahead, so "not expired yet"
// holds for ever: nothing fails, and nobody could tell that from intent.
func TestATimeFromOutsideLiesInTheFarFutureOfABubble(t *testing.T) {
	expires := time.Now().Add(time.Second)
	for range 2 {
		Bubble(t, func(t *testing.T) {
			if !time.Now().Equal(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)) {
				t.Errorf("the bubble begins at %v", time.Now())
			}
			Advance(24 * time.Hour)
			if !time.Now().Before(expires) {
				t.Error("a time from outside has come")
			}
		})
	}
}
