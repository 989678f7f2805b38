package cache

import (
	"sync"
	"sync/atomic"
	"time"
)

// entry is one key with its value, in the map, in the order of use and, if it
// expires, in the heap. Once it is out of them it never changes again, so what
// is said about it can be read without lock.
type entry[K comparable, V any] struct {
	key   K
	value V

	put     int64 // reading of the clock when Put was called
	expires int64 // the first instant at which it is expired, or never
	order   uint64
	place   int // in the heap, or absent

	newer, older *entry[K, V]
}

const absent = -1

// shard is a part of the cache with a lock of its own. Nothing blocks and no
// foreign code runs while the lock is held. All methods are called with it.
type shard[K comparable, V any] struct {
	mu      sync.Mutex
	closed  bool
	limit   int // 0: none
	entries map[K]*entry[K, V]
	used    recency[K, V]
	due     expiryHeap[K, V]
	loads   map[K]*load[K, V] // one loader per key at most
	puts    uint64            // numbers the entries, for their order in the heap
	stats   Stats

	// size is len(entries) as of the last commit, for readers without the
	// lock: they must not see a shard between an eviction and the put it is for.
	size atomic.Int64
}

func newShard[K comparable, V any](limit int) *shard[K, V] {
	s := &shard[K, V]{limit: limit, entries: map[K]*entry[K, V]{}, loads: map[K]*load[K, V]{}}
	s.used.init()
	return s
}

// commit makes the new size visible to readers without the lock. It goes before
// the look at who listens: whoever began to listen after that look must find
// the new state, since no event will tell.
func (s *shard[K, V]) commit() { s.size.Store(int64(len(s.entries))) }

// live returns the entry of a key if its time is not over. If it is, live
// removes the entry and returns it as expired: looking and removing are one
// step, so that a value put in between cannot be lost.
func (s *shard[K, V]) live(key K, now int64) (live, expired *entry[K, V]) {
	e := s.entries[key]
	if e == nil || now < e.expires {
		return e, nil
	}
	s.expire(e)
	return nil, e
}

func (s *shard[K, V]) expire(e *entry[K, V]) {
	s.remove(e)
	s.stats.Expirations++
}

// store puts a value and returns what had to go for it, if anything: the
// expired entry with that key or, when the shard is full, an expired one or
// else the least recently used one. Replacing a live entry removes no other.
func (s *shard[K, V]) store(key K, value V, now int64, ttl time.Duration) (gone *entry[K, V], reason string, replaced bool) {
	e, gone := s.live(key, now)
	s.stats.Puts++
	if e != nil {
		s.stats.Replaced++
		s.schedule(e, now, ttl, value)
		s.used.touch(e)
		return nil, "", true
	}
	reason = ReasonExpired
	if s.limit > 0 && len(s.entries) >= s.limit {
		gone, reason = s.makeRoom(now)
	}
	e = &entry[K, V]{key: key, place: absent}
	s.entries[key] = e
	s.used.add(e)
	s.schedule(e, now, ttl, value)
	return gone, reason, false
}

// makeRoom removes one entry from a full shard.
func (s *shard[K, V]) makeRoom(now int64) (gone *entry[K, V], reason string) {
	if e := s.due.next(now); e != nil {
		s.expire(e)
		return e, ReasonExpired
	}
	e := s.used.oldest()
	s.remove(e)
	s.stats.Evictions++
	return e, ReasonSizeLimit
}

// schedule gives an entry of the shard a value and a lifetime.
func (s *shard[K, V]) schedule(e *entry[K, V], now int64, ttl time.Duration, value V) {
	if e.place != absent {
		s.due.remove(e)
	}
	s.puts++
	e.value, e.put, e.order, e.expires = value, now, s.puts, expiry(now, ttl)
	if e.expires != never {
		s.due.add(e)
	}
}

// expiry returns the first instant at which something put at now is expired.
func expiry(now int64, ttl time.Duration) int64 {
	at := now + int64(ttl)
	if ttl == NoExpiry || at < now { // further away than the clock can tell
		return never
	}
	return at
}

// remove takes an entry out.
func (s *shard[K, V]) remove(e *entry[K, V]) {
	delete(s.entries, e.key)
	s.used.remove(e)
	if e.place != absent {
		s.due.remove(e)
	}
}

// clear takes all entries out and returns how many there were.
func (s *shard[K, V]) clear() int {
	n := len(s.entries)
	s.entries = map[K]*entry[K, V]{}
	s.used.init()
	s.due = nil
	s.stats.Cleared += uint64(n)
	for _, l := range s.loads {
		l.stale = true
	}
	return n
}

// outdate keeps a load that is under way for key from storing its result, which
// is older than what the caller is about to commit.
func (s *shard[K, V]) outdate(key K) {
	if len(s.loads) == 0 {
		return
	}
	if l := s.loads[key]; l != nil {
		l.stale = true
	}
}
