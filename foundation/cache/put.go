package cache

import (
	"context"
	"fmt"
	"time"
)

// Put stores a value for the default lifetime, counted from the call. It emits
// Put, and Evicted before it if an entry had to go. The error wraps
// ErrInvalidKey or ErrClosed.
//
// The context carries values to handlers; Put never blocks.
func (c *Cache[K, V]) Put(ctx context.Context, key K, value V) error {
	return c.put(ctx, key, value, c.defaultTTL)
}

// PutTTL is Put with a lifetime of the entry's own, which must be positive;
// NoExpiry means that it does not expire. The error may also wrap
// ErrInvalidTTL.
func (c *Cache[K, V]) PutTTL(ctx context.Context, key K, value V, ttl time.Duration) error {
	if ttl <= 0 {
		return c.fail(ctx, OpPut, &key, fmt.Errorf("%w: PutTTL on cache %q got %s; give a positive lifetime, or use Put for the default and NoExpiry for none", ErrInvalidTTL, c.name, ttl))
	}
	return c.put(ctx, key, value, ttl)
}

func (c *Cache[K, V]) put(ctx context.Context, key K, value V, ttl time.Duration) error {
	if err := c.invalid(OpPut, key); err != nil {
		return c.fail(ctx, OpPut, &key, err)
	}
	start := c.nanos()
	s := c.shard(key)
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return c.fail(ctx, OpPut, &key, c.errClosed(OpPut))
	}
	s.outdate(key)
	st := c.store(s, key, value, start, ttl)
	s.mu.Unlock()
	c.announceStore(ctx, key, &st, start)
	return nil
}

// storage is what a store did and what is to be said about it.
type storage[K comparable, V any] struct {
	gone     removal[K, V]
	replaced bool
	loaded   bool
	ttl      time.Duration
	seq      uint64
}

// store puts a value; s is locked.
func (c *Cache[K, V]) store(s *shard[K, V], key K, value V, now int64, ttl time.Duration) (st storage[K, V]) {
	gone, why, replaced := s.store(key, value, now, ttl)
	s.commit()
	st.gone = c.removed(gone, why)
	st.replaced, st.ttl = replaced, ttl
	st.seq = c.draw(c.events.put.on())
	return st
}

func (c *Cache[K, V]) announceStore(ctx context.Context, key K, st *storage[K, V], start int64) {
	c.hub.Broadcast()
	c.announceRemoval(ctx, st.gone, start)
	if st.seq != 0 && c.events.put.Enabled() {
		c.events.put.Emit(ctx, PutData{
			Commit: c.commitOf(st.seq), Key: c.keyString(key), TTL: shown(st.ttl),
			Replaced: st.replaced, Loaded: st.loaded, Duration: c.since(start),
		})
	}
}
