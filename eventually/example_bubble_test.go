package eventually_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/sleepless-go/sleepless/eventually"
)

// In a bubble a wait with a source ends at the very instant of the event.
func TestExampleOfABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var done eventually.Counter
		time.AfterFunc(time.Hour, func() { done.Add(1) })
		eventually.Advance(59 * time.Minute)
		if done.Load() != 0 {
			t.Error("it fired early")
		}
		start := time.Now()
		eventually.Until(t, "it fires", func() bool { return done.Load() == 1 }, eventually.On(&done), eventually.Within(time.Hour))
		if d := time.Since(start); d != time.Minute {
			t.Errorf("took %v, want 1m", d)
		}
	})
}
