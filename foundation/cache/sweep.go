package cache

import (
	"context"

	"github.com/sleepless-go/sleepless/foundation/clock"
)

// sweepBatch bounds how many entries a sweep removes in one critical section,
// and thereby how long it keeps others from the shard: some tens of
// microseconds.
const sweepBatch = 128

// Sweep removes every entry that is expired at the time of the call and returns
// how many those were. It emits Evicted for each, and at the end Cleanup, also
// if there were none. The timer does the same every SweepInterval; both at the
// same time do no harm.
//
// If ctx ends first, Sweep stops between two batches, emits Cleanup for what it
// did and returns an error that wraps ctx's. On a closed cache the error wraps
// ErrClosed.
func (c *Cache[K, V]) Sweep(ctx context.Context) (expired int, err error) {
	var a activity
	if !c.life.begin(&a) {
		return 0, c.fail(ctx, OpSweep, nil, c.errClosed(OpSweep))
	}
	defer c.life.end(&a)
	c.life.enter(&a)
	return c.sweep(ctx)
}

// armSweeps arms the timer of the sweeps. The timer's goroutine re-arms it
// through c.sweeps and so must not run ahead of the assignment.
func (c *Cache[K, V]) armSweeps(on clock.Clock) {
	if c.sweepInterval < 0 {
		return
	}
	armed := make(chan struct{})
	c.sweeps = on.AfterFunc(c.sweepInterval, func() {
		<-armed
		c.timedSweep()
	})
	close(armed)
}

func (c *Cache[K, V]) timedSweep() {
	var a activity
	if !c.life.begin(&a) {
		return
	}
	defer c.life.end(&a)
	c.life.enter(&a)
	defer c.rearmSweeps() // also after a Goexit, as a test's t.FailNow does in a handler
	_, _ = c.sweep(context.Background())
}

// rearmSweeps looks again after arming: either Close, which first closes and
// then stops the timer, stops what was armed here, or this sees it closed.
func (c *Cache[K, V]) rearmSweeps() {
	if c.life.isClosed() {
		return
	}
	c.sweeps.Reset(c.sweepInterval)
	if c.life.isClosed() {
		c.sweeps.Stop()
	}
}

func (c *Cache[K, V]) sweep(ctx context.Context) (expired int, err error) {
	start := c.nanos()
	batch := make([]removal[K, V], 0, sweepBatch)
	for _, s := range c.shards {
		for full := true; full && ctx.Err() == nil; {
			batch = c.expireBatch(s, start, batch[:0])
			expired += len(batch)
			full = len(batch) == sweepBatch
			if len(batch) > 0 {
				c.hub.Broadcast()
			}
			for _, r := range batch {
				c.announceRemoval(ctx, r, start)
			}
		}
	}
	c.endSweep(ctx, expired, start)
	if ctx.Err() != nil {
		return expired, c.fail(ctx, OpSweep, nil, c.errEnded(ctx, OpSweep))
	}
	return expired, nil
}

// expireBatch removes up to sweepBatch entries that were due at now.
func (c *Cache[K, V]) expireBatch(s *shard[K, V], now int64, batch []removal[K, V]) []removal[K, V] {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(batch) < sweepBatch {
		e := s.due.next(now)
		if e == nil {
			break
		}
		s.expire(e)
		batch = append(batch, removal[K, V]{entry: e, reason: ReasonExpired})
	}
	s.commit()
	if c.events.evicted.on() {
		for i := range batch {
			batch[i].seq = c.seq.Next()
		}
	}
	return batch
}

func (c *Cache[K, V]) endSweep(ctx context.Context, expired int, start int64) {
	s := c.shards[0]
	s.mu.Lock()
	s.stats.Sweeps++
	seq, remaining := c.draw(c.events.cleanup.on()), c.Len()
	s.mu.Unlock()
	c.hub.Broadcast()
	if seq != 0 && c.events.cleanup.Enabled() {
		c.events.cleanup.Emit(ctx, CleanupData{
			Commit: c.commitOf(seq), ExpiredCount: expired, Remaining: remaining, Duration: c.since(start),
		})
	}
}
