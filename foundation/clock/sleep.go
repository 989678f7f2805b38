package clock

import (
	"context"
	"time"
)

// Sleep blocks until d has passed on c. With d ≤ 0 it returns at once. It
// mirrors [time.Sleep].
func Sleep(c Clock, d time.Duration) {
	switch {
	case c == System():
		time.Sleep(d)
	case d > 0:
		<-c.NewTimer(d).C
	}
}

// SleepContext blocks until d has passed on c and returns nil, or until ctx
// ends and returns ctx.Err(). A context that has already ended wins over any d,
// also over d ≤ 0.
func SleepContext(ctx context.Context, c Clock, d time.Duration) error {
	if err := ctx.Err(); err != nil || d <= 0 {
		return err
	}
	t := c.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// After returns a channel that receives the time once, d from now on c. It
// mirrors [time.After]. The timer cannot be stopped; where the wait may end
// early, use NewTimer.
func After(c Clock, d time.Duration) <-chan time.Time { return c.NewTimer(d).C }
