package fakeclock

import (
	"context"
	"fmt"
	"strings"
)

// Arms returns how often a timer was armed so far: each NewTimer, NewTicker,
// AfterFunc and Reset counts one, also with d ≤ 0, and stopping or firing takes
// nothing away. With matches it counts the calls that all of them select; a
// [Duration] is compared with what the call asked for.
func (f *Fake) Arms(match ...Match) uint64 {
	f.sync()
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(match) == 0 {
		return f.arms
	}
	var n uint64
	for e, count := range f.armsBy {
		if matchAll(match, e) {
			n += count
		}
	}
	return n
}

// AwaitTimers blocks until timers have been armed n times since the Fake was
// made, that is until [Fake.Arms] of the same matches is at least n. It waits
// for the event itself; nothing is polled.
//
// It counts armings, not timers that are live: a count of the living cannot
// tell a timer that has not been stopped yet from one that was reset, and would
// be satisfied too early. To wait for one more arming take Arms before the
// action and wait for that plus one:
//
//	n := f.Arms()
//	worker.Retry()
//	f.AwaitTimers(ctx, n+1)
//
// If ctx ends first the error wraps its cause and shows both numbers and the
// live timers with the lines that armed them.
func (f *Fake) AwaitTimers(ctx context.Context, n uint64, match ...Match) error {
	if f.Arms(match...) >= n {
		return nil
	}
	wake := make(chan struct{}, 1)
	stop := f.hub.Notify(wake)
	defer stop()
	for {
		got := f.Arms(match...)
		if got >= n {
			return nil
		}
		select {
		case <-wake:
		case <-ctx.Done():
			if got = f.Arms(match...); got >= n {
				return nil
			}
			return f.awaitError(got, n, match, context.Cause(ctx))
		}
	}
}

func (f *Fake) awaitError(got, n uint64, match []Match, cause error) error {
	var b strings.Builder
	for _, line := range f.Pending() {
		b.WriteString("\n\t" + line)
	}
	live := "no timer is live"
	if b.Len() > 0 {
		live = "live timers:" + b.String()
	}
	if foreign := f.Foreign(); foreign != "" {
		live += "\n" + foreign
	}
	return fmt.Errorf("fakeclock: AwaitTimers: timers were armed %d times of %d%s: %w; %s", got, n, describe(match), cause, live)
}
