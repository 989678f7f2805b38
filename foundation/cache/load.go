package cache

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
)

// load is one run of a loader, shared by all callers that wait for it.
//
// golang.org/x/sync/singleflight does not fit: its keys are strings, its
// callers cannot leave by a context of their own, nobody cancels a call that
// all have left, and its Forget lets a second call for the key run beside the
// first.
type load[K comparable, V any] struct {
	activity
	key    K
	fn     func(context.Context) (V, error)
	values context.Context // of the first caller; never ends
	ctx    context.Context // what fn gets
	cancel context.CancelCauseFunc

	// Guarded by the shard's lock.
	waiters   int
	stale     bool // the key was put, deleted or cleared since the load began
	abandoned bool // all callers have left

	done  chan struct{} // closed when value and err are set and announced
	value V
	err   error
}

// loaderCtx is the root of a loader's context: it carries the values of the
// first caller's and names the load.
type loaderCtx struct {
	context.Context
	load any // *load[K, V]
}

type loaderKey struct{}

func (c *loaderCtx) Value(key any) any {
	if key == (loaderKey{}) {
		return c
	}
	return c.Context.Value(key)
}

// runsFor reports whether ctx is that of the loader l or of a loader that one
// has asked for.
func runsFor(ctx context.Context, l any) bool {
	for {
		at, ok := ctx.Value(loaderKey{}).(*loaderCtx)
		if !ok || at.load == l {
			return ok
		}
		ctx = at.Context
	}
}

// GetOrLoad returns the value of a key, and if there is no live one has load
// make it. It emits Hit or Miss as Get does, the latter before the load begins,
// and Put when the loaded value is stored, for the default lifetime from the
// end of the load.
//
// Whoever asks for a key, one loader runs for it at a time; the others wait for
// its result. The loader runs in a goroutine of the cache. Its context carries
// the values of the first caller's, but is not cancelled with it: it is when
// every caller has left (cause ErrAbandoned) or the cache is closed (cause
// ErrClosed). A caller leaves when its ctx ends, at once and with an error that
// wraps ctx's.
//
// Put, Delete and Clear outdate a load that is under way: its callers get the
// result, but it is not stored, and callers that come later wait for its end
// and then for a load of their own. They do the same after a load that all its
// callers have left.
//
// Errors of a loader are not stored: each caller that waited gets one that
// wraps it, and the next call loads again. A panic becomes a *PanicError, a
// runtime.Goexit ErrLoaderExit. Other errors wrap ErrInvalidKey,
// ErrInvalidLoader (load is nil), ErrClosed or ErrRecursiveLoad. The last one is
// found through the context of a loader; two loaders that wait for each other's
// keys without that are a deadlock, as with two locks.
func (c *Cache[K, V]) GetOrLoad(ctx context.Context, key K, load func(context.Context) (V, error)) (V, error) {
	if load == nil {
		var none V
		return none, c.fail(ctx, OpGetOrLoad, &key, fmt.Errorf("%w: GetOrLoad on cache %q got nil; give a function, or use Get", ErrInvalidLoader, c.name))
	}
	value, hit, err := c.get(ctx, key, OpGetOrLoad)
	if hit || err != nil {
		return value, err
	}
	// The miss has been announced before anything is loaded: handlers may have
	// stored the key, so every attempt looks again.
	for again := true; again; {
		value, again, err = c.attempt(ctx, key, load)
	}
	return value, err
}

// attempt is one try of GetOrLoad after its lookup missed.
type attempt[K comparable, V any] struct {
	value    V
	hit      bool // somebody has stored the key since
	closed   bool
	expired  removal[K, V]
	joined   *load[K, V] // the caller is counted among its waiters
	begun    bool        // joined is new and has to be started
	outdated *load[K, V] // its result is not for the caller, who waits for its end
}

// attempt gets or loads once. It asks to be called again if it had to wait for
// the end of a load whose result is not for its caller.
func (c *Cache[K, V]) attempt(ctx context.Context, key K, fn func(context.Context) (V, error)) (value V, again bool, err error) {
	s, now := c.shard(key), c.nanos()
	ended := ctx.Err() != nil // contexts may be code of the user: not under the lock
	a := c.join(ctx, s, key, fn, now, ended)
	if a.begun {
		go c.run(s, a.joined)
	}
	if a.joined != nil {
		defer c.leave(s, a.joined) // also when a handler of a foreign sink panics
	}
	c.hub.Broadcast()
	c.announceRemoval(ctx, a.expired, now)
	switch {
	case a.hit:
		return a.value, false, nil
	case a.closed:
		err = c.errClosed(OpGetOrLoad)
	case ended:
		err = c.errEnded(ctx, OpGetOrLoad)
	case a.outdated != nil:
		if err = c.await(ctx, key, a.outdated); err == nil {
			return value, true, nil
		}
	default:
		if err = c.await(ctx, key, a.joined); err == nil {
			return a.joined.value, false, a.joined.err // announced by run, once for all callers
		}
	}
	return value, false, c.fail(ctx, OpGetOrLoad, &key, err)
}

// join joins or begins a load, unless the key has been stored meanwhile. A
// caller whose context has ended does neither.
func (c *Cache[K, V]) join(ctx context.Context, s *shard[K, V], key K, fn func(context.Context) (V, error), now int64, ended bool) (a attempt[K, V]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		a.closed = true
		return a
	}
	live, expired := s.live(key, now)
	if live != nil {
		s.used.touch(live)
		a.value, a.hit = live.value, true
		return a
	}
	s.commit()
	a.expired = c.removed(expired, ReasonExpired)
	if ended {
		return a
	}
	switch l := s.loads[key]; {
	case l == nil:
		l = c.newLoad(ctx, key, fn)
		if !c.life.begin(&l.activity) { // Close is about to reach this shard
			a.closed = true
			return a
		}
		s.loads[key] = l
		s.stats.Loads++
		l.waiters = 1
		a.joined, a.begun = l, true
	case l.stale || l.abandoned:
		a.outdated = l
	default:
		l.waiters++
		a.joined = l
	}
	return a
}

func (c *Cache[K, V]) newLoad(ctx context.Context, key K, fn func(context.Context) (V, error)) *load[K, V] {
	l := &load[K, V]{key: key, fn: fn, values: context.WithoutCancel(ctx), done: make(chan struct{})}
	l.activity.load = true
	l.ctx, l.cancel = context.WithCancelCause(&loaderCtx{Context: l.values, load: l})
	return l
}

// await blocks until l has ended and returns nil, or until ctx ends. If both
// have, the result counts.
func (c *Cache[K, V]) await(ctx context.Context, key K, l *load[K, V]) error {
	if runsFor(ctx, l) {
		return fmt.Errorf("%w: the loader of key %s of cache %q asks for that key; have it make the value by itself",
			ErrRecursiveLoad, c.keyString(key), c.name)
	}
	select {
	case <-l.done:
		return nil
	case <-ctx.Done():
	}
	select {
	case <-l.done:
		return nil
	default:
		return c.errEnded(ctx, OpGetOrLoad)
	}
}

// leave counts a caller out, and cancels the load if that was the last one.
func (c *Cache[K, V]) leave(s *shard[K, V], l *load[K, V]) {
	s.mu.Lock()
	l.waiters--
	l.abandoned = l.waiters == 0 && s.loads[l.key] == l
	abandoned := l.abandoned
	s.mu.Unlock()
	if abandoned {
		l.cancel(ErrAbandoned)
	}
}

// run is the goroutine of a load. The order at its end: the entry and its
// events, the callers, the idleness of the cache. A loader may end the goroutine
// with Goexit, so all of it is deferred.
func (c *Cache[K, V]) run(s *shard[K, V], l *load[K, V]) {
	defer c.life.end(&l.activity)
	c.life.enter(&l.activity)
	defer close(l.done)
	defer c.finish(s, l)
	l.err = ErrLoaderExit // unless it returns or panics
	defer l.recover()
	l.value, l.err = l.fn(l.ctx)
}

// recover turns a panic of the loader into its error.
func (l *load[K, V]) recover() {
	if cause := recover(); cause != nil {
		l.err = &PanicError{Value: cause, Stack: debug.Stack()}
	}
}

// finish stores the result of a load if it still holds, and announces it.
func (c *Cache[K, V]) finish(s *shard[K, V], l *load[K, V]) {
	if l.err != nil {
		l.err = c.loadError(l)
	}
	now := c.nanos()
	var st storage[K, V]
	s.mu.Lock()
	delete(s.loads, l.key)
	if l.err != nil {
		s.stats.LoadErrors++
	} else if !l.stale && !l.abandoned && !s.closed {
		st = c.store(s, l.key, l.value, now, c.defaultTTL)
		st.loaded = true
	}
	s.mu.Unlock()
	defer l.cancel(nil) // for what the loader may have left behind
	if l.err != nil {
		_ = c.fail(l.values, OpLoad, &l.key, l.err)
		return
	}
	c.announceStore(l.values, l.key, &st, now)
}

// loadError returns what the callers of a failed load get.
func (c *Cache[K, V]) loadError(l *load[K, V]) error {
	var none V
	l.value = none
	cause := context.Cause(l.ctx)
	if cause != nil && !errors.Is(l.err, cause) {
		return fmt.Errorf("cache %q: load of key %s: %w: %w", c.name, c.keyString(l.key), cause, l.err)
	}
	return fmt.Errorf("cache %q: load of key %s: %w", c.name, c.keyString(l.key), l.err)
}
