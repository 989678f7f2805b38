package manual

import (
	"context"
	"testing"
	"time"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/fakeclock"
	"github.com/sleepless-go/sleepless/foundation/clock"
)

// snippet:begin component
// heartbeat beats once a second until ctx ends.
func heartbeat(ctx context.Context, clk clock.Clock, beat func(time.Time)) {
	ticker := clk.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case now := <-ticker.C:
			beat(now)
		case <-ctx.Done():
			return
		}
	}
}

// snippet:end component

func TestFakeClock(t *testing.T) {
	// snippet:begin fake
	clk := fakeclock.New()
	var beats eventually.Counter
	go heartbeat(t.Context(), clk, func(time.Time) { beats.Add(1) })

	if err := clk.AwaitTimers(t.Context(), 1); err != nil { // until it has made its ticker
		t.Fatal(err)
	}
	for want := int64(1); want <= 3; want++ {
		clk.Advance(time.Second)
		eventually.Until(t, "the heart beats", func() bool { return beats.Load() == want }, eventually.On(&beats))
	}
	// snippet:end fake
}
