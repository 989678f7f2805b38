package cache

import (
	"context"
	"fmt"
	"hash/maphash"
	"sync/atomic"
	"time"

	"github.com/sleepless-go/sleepless/foundation/clock"
	"github.com/sleepless-go/sleepless/foundation/telemetry"
	"github.com/sleepless-go/sleepless/internal/notify"
)

// Cache maps keys to values that expire and make room for each other. New
// makes it; Close ends it. All methods may be called from any goroutine, and
// from handlers of the cache's events.
//
// A cache owns one timer, for its sweeps, and one goroutine per running load.
// Close ends them and waits for them.
type Cache[K comparable, V any] struct {
	name       string
	shards     []*shard[K, V]
	seed       maphash.Seed
	defaultTTL time.Duration
	checkKey   func(K) error // nil: every key is valid
	keyString  func(K) string
	nanos      func() int64

	events lines
	seq    telemetry.Sequence
	errors atomic.Uint64
	hub    notify.Hub
	life   life

	sweeps        *clock.Timer // nil: none
	sweepInterval time.Duration
}

// New makes a cache, arms the timer of its sweeps and emits Started. The error
// wraps ErrInvalidOptions and names every option that is wrong.
func New[K comparable, V any](o Options[K, V]) (*Cache[K, V], error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	c := &Cache[K, V]{
		name:          o.Name,
		seed:          maphash.MakeSeed(),
		defaultTTL:    o.DefaultTTL,
		checkKey:      keyCheck[K](),
		keyString:     o.KeyString,
		nanos:         clock.NanosOf(o.Clock),
		events:        bindAll(o.Events),
		sweepInterval: o.SweepInterval,
	}
	for i := range o.Shards {
		c.shards = append(c.shards, newShard[K, V](share(o.MaxEntries, o.Shards, i)))
	}
	c.life.changed = c.hub.Broadcast
	c.armSweeps(o.Clock)
	if c.events.started.on() {
		c.events.started.Emit(context.Background(), StartedData{
			Commit: c.commitOf(c.seq.Next()), MaxEntries: o.MaxEntries, Shards: o.Shards,
			SweepInterval: max(0, o.SweepInterval), DefaultTTL: shown(o.DefaultTTL),
		})
	}
	return c, nil
}

// shown returns a lifetime as events tell it, where 0 means that there is none:
// 292 years would spoil every sum and histogram.
func shown(ttl time.Duration) time.Duration {
	if ttl == NoExpiry {
		return 0
	}
	return ttl
}

func (c *Cache[K, V]) shard(key K) *shard[K, V] {
	if len(c.shards) == 1 {
		return c.shards[0]
	}
	return c.shards[maphash.Comparable(c.seed, key)%uint64(len(c.shards))]
}

// invalid returns what is wrong with a key, nil if nothing is.
func (c *Cache[K, V]) invalid(operation string, key K) error {
	if c.checkKey == nil {
		return nil
	}
	if err := c.checkKey(key); err != nil {
		return fmt.Errorf("cache %q: %s: %w", c.name, operation, err)
	}
	return nil
}

// Get returns the value of a key and whether there is a live one, which then is
// the most recently used. It emits Hit or Miss, and Evicted before the latter
// if it met an expired entry. For an invalid key and on a closed cache it
// returns false and emits Error instead.
//
// The context carries values to handlers; Get never blocks.
func (c *Cache[K, V]) Get(ctx context.Context, key K) (V, bool) {
	value, hit, _ := c.get(ctx, key, OpGet)
	return value, hit
}

// get is Get for the given operation.
func (c *Cache[K, V]) get(ctx context.Context, key K, operation string) (value V, hit bool, err error) {
	if err := c.invalid(operation, key); err != nil {
		return value, false, c.fail(ctx, operation, &key, err)
	}
	start := c.nanos()
	s := c.shard(key)
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return value, false, c.fail(ctx, operation, &key, c.errClosed(operation))
	}
	l := c.look(s, key, start)
	s.mu.Unlock()
	c.announceLookup(ctx, key, &l, start)
	return l.value, l.hit, nil
}

// lookup is what a look at a shard found and what is to be said about it.
type lookup[K comparable, V any] struct {
	value   V
	hit     bool
	seq     uint64
	expired removal[K, V]
}

// look looks a key up and counts it; s is locked.
func (c *Cache[K, V]) look(s *shard[K, V], key K, now int64) (l lookup[K, V]) {
	live, expired := s.live(key, now)
	if live != nil {
		s.used.touch(live)
		s.stats.Hits++
		l.value, l.hit = live.value, true
		l.seq = c.draw(c.events.hit.on())
		return l
	}
	s.stats.Misses++
	s.commit()
	l.expired = c.removed(expired, ReasonExpired)
	l.seq = c.draw(c.events.miss.on())
	return l
}

func (c *Cache[K, V]) announceLookup(ctx context.Context, key K, l *lookup[K, V], start int64) {
	c.hub.Broadcast()
	c.announceRemoval(ctx, l.expired, start)
	switch {
	case l.seq == 0:
	case l.hit && c.events.hit.Enabled():
		c.events.hit.Emit(ctx, HitData{Commit: c.commitOf(l.seq), Key: c.keyString(key), Duration: c.since(start)})
	case !l.hit && c.events.miss.Enabled():
		why := ReasonNotFound
		if l.expired.entry != nil {
			why = ReasonExpired
		}
		c.events.miss.Emit(ctx, MissData{Commit: c.commitOf(l.seq), Key: c.keyString(key), Reason: why, Duration: c.since(start)})
	}
}

// Delete removes a key and reports whether there was a live entry. Either way
// it emits Delete, after an Evicted if the entry was there but expired, and a
// load of that key that is under way will not store its result. The error
// wraps ErrInvalidKey or ErrClosed.
//
// The context carries values to handlers; Delete never blocks.
func (c *Cache[K, V]) Delete(ctx context.Context, key K) (existed bool, err error) {
	if err := c.invalid(OpDelete, key); err != nil {
		return false, c.fail(ctx, OpDelete, &key, err)
	}
	start := c.nanos()
	s := c.shard(key)
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return false, c.fail(ctx, OpDelete, &key, c.errClosed(OpDelete))
	}
	s.outdate(key)
	live, expired := s.live(key, start)
	if live != nil {
		s.remove(live)
		s.stats.Deletes++
	}
	s.commit()
	gone := c.removed(expired, ReasonExpired)
	seq := c.draw(c.events.delete.on())
	s.mu.Unlock()

	c.hub.Broadcast()
	c.announceRemoval(ctx, gone, start)
	if seq != 0 && c.events.delete.Enabled() {
		c.events.delete.Emit(ctx, DeleteData{Commit: c.commitOf(seq), Key: c.keyString(key), Existed: live != nil, Duration: c.since(start)})
	}
	return live != nil, nil
}

// Clear removes all entries at one instant, whatever the number of shards, and
// returns how many there were, those included that had expired and that no
// sweep had met. It emits Cleared, and loads that are under way will not store
// their results. The error wraps ErrClosed.
//
// The context carries values to handlers; Clear never blocks.
func (c *Cache[K, V]) Clear(ctx context.Context) (count int, err error) {
	start := c.nanos()
	count, seq, ok := c.clear()
	if !ok {
		return 0, c.fail(ctx, OpClear, nil, c.errClosed(OpClear))
	}
	c.hub.Broadcast()
	if seq != 0 && c.events.cleared.Enabled() {
		c.events.cleared.Emit(ctx, ClearedData{Commit: c.commitOf(seq), Count: count, Duration: c.since(start)})
	}
	return count, nil
}

// clear holds the locks of all shards at once, taken in order as nobody else
// takes more than one.
func (c *Cache[K, V]) clear() (count int, seq uint64, ok bool) {
	for _, s := range c.shards {
		s.mu.Lock()
		defer s.mu.Unlock()
	}
	for _, s := range c.shards {
		if s.closed {
			return 0, 0, false
		}
	}
	for _, s := range c.shards {
		count += s.clear()
		s.commit()
	}
	return count, c.draw(c.events.cleared.on()), true
}

// Len returns the number of entries stored. It counts expired ones until a
// call or a sweep meets them, and is never above MaxEntries. It takes no lock.
func (c *Cache[K, V]) Len() int {
	var n int64
	for _, s := range c.shards {
		n += s.size.Load()
	}
	return int(n)
}
