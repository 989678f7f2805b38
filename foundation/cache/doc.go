// Package cache is an in-memory cache: a map of bounded size whose entries
// expire, which loads what it does not hold and tells what it does in typed
// events.
//
//	users, err := cache.New(cache.Options[string, User]{
//		Name: "users", MaxEntries: 10_000, DefaultTTL: 10 * time.Minute, Events: bus,
//	})
//	...
//	defer users.Close()
//	user, err := users.GetOrLoad(ctx, id, func(ctx context.Context) (User, error) {
//		return database.User(ctx, id)
//	})
//
// Use it where entries must be gone on time, where the bound must hold, and
// where tests or dashboards go by its events. It is fast enough for most
// services (a hit takes less than 150 ns), but where nothing matters but
// throughput on many processors, a cache with approximate bounds does more.
//
// # Guarantees
//
// Expiry is exact on the injected clock. A value put at time t for a lifetime d
// is returned by calls that begin before t+d and by none that begin at t+d or
// later; t is when Put was called, or when the load ended. Whoever meets an
// expired entry first, a lookup, a put, a delete, a put that needs room or a
// sweep, removes it.
//
// The bound is exact: no reader, and no handler in the middle of an event, ever
// sees more than MaxEntries. A full cache removes an expired entry if it has
// one, else the least recently used one; replacing the value of a key removes
// nobody. With more than one shard the order of use is that of each shard.
//
// Every entry put is accounted for by exactly one event: Put with Replaced,
// Delete with Existed, Cleared, or Evicted, whose reason is expired or
// size_limit. Events are emitted after the state they announce is visible and
// outside every lock, and are delivered when the call that caused them returns;
// their Seq is the order in which the cache committed them. A handler may call
// every method of the cache, Close included. While nobody listens, no event is
// prepared: no number is drawn, no key rendered, and the clock is read once per
// call and not a second time. If Options.Events is a *telemetry.Bus, numbers
// have no gaps except for what nobody listened to; any other Sink is taken to
// listen to everything, so what it then declines leaves gaps.
//
// One loader runs per key at a time, and a value loaded before a Put, Delete or
// Clear of its key never replaces that newer fact, nor is it handed to callers
// that came after it: see [Cache.GetOrLoad].
//
// # Waiting for it
//
// The cache takes a clock.Clock, so a test moves time by hand with a
// fakeclock.Fake: Advance returns after the sweeps that were due have run and
// their events are out. In a testing/synctest bubble leave the clock out. No
// lock of the cache is held while anything blocks or code of the user runs.
// The cache is an eventually.Idler: Notify wakes on every change, and Idle tells
// that no load and no sweep is running.
//
// # What it does not do
//
// It does not weigh entries: the bound counts them. It does not refresh values
// before they expire, does not remember errors or absence, and does not store
// anything outside the process. Close forgets nothing and announces nothing.
// A loader that ignores its context cannot be stopped, and keeps Close waiting.
package cache
