package peers

import (
	"testing"
	"time"

	"github.com/hashicorp/golang-lru/v2/expirable"
	"github.com/jellydator/ttlcache/v3"
	"github.com/maypok86/otter/v2"

	"github.com/sleepless-go/sleepless/fakeclock"
	"github.com/sleepless-go/sleepless/foundation/cache"
)

const (
	entries = 10_000
	// hour is a lifetime that does not end while a benchmark runs.
	hour = time.Hour
)

// BenchmarkCacheHit looks up keys that are there, round and round, on one
// goroutine and on the system's clock. Nobody listens to events.
func BenchmarkCacheHit(b *testing.B) {
	var c beside
	for _, x := range []struct {
		name string
		make func(b *testing.B) (put func(key int), get func(key int) bool)
	}{
		{"sleepless", func(b *testing.B) (func(int), func(int) bool) {
			ctx := b.Context()
			c := newCache(b, cache.Options[int, int]{MaxEntries: entries, DefaultTTL: hour})
			return func(k int) { c.Put(ctx, k, k) }, func(k int) bool { _, ok := c.Get(ctx, k); return ok }
		}},
		{"otter", func(b *testing.B) (func(int), func(int) bool) {
			c := newOtter(b, nil, hour)
			return func(k int) { c.Set(k, k) }, func(k int) bool { _, ok := c.GetIfPresent(k); return ok }
		}},
		{"ttlcache", func(*testing.B) (func(int), func(int) bool) {
			// Without touching: a hit would prolong the entry, which the others do not do.
			c := ttlcache.New(ttlcache.WithTTL[int, int](hour), ttlcache.WithCapacity[int, int](entries), ttlcache.WithDisableTouchOnHit[int, int]())
			return func(k int) { c.Set(k, k, ttlcache.DefaultTTL) }, func(k int) bool { return c.Get(k) != nil }
		}},
		{"expirable", func(*testing.B) (func(int), func(int) bool) {
			c := expirable.NewLRU[int, int](entries, nil, hour)
			return func(k int) { c.Add(k, k) }, func(k int) bool { _, ok := c.Get(k); return ok }
		}},
	} {
		b.Run("lib="+x.name, func(b *testing.B) {
			put, get := x.make(b)
			for k := range entries {
				put(k)
			}
			b.ReportAllocs()
			missed, key := 0, 0
			for b.Loop() {
				if !get(key) {
					missed++
				}
				if key++; key == entries {
					key = 0
				}
			}
			b.ReportMetric(float64(missed)/float64(b.N), "missed/op")
			c.compare(b, x.name == "sleepless")
			if x.name == "sleepless" {
				floor(b, "ns/op", 150)
			}
		})
	}
}

// BenchmarkCacheSweep removes 10,000 entries whose time is over. left/op is how
// many of them a sweep leaves behind.
//
// What the end of a lifetime means differs. All four stop handing an entry out
// when its time is over; what differs is when it is gone and when one is told:
//
//   - sleepless has it due from the very instant on that its lifetime ends: the
//     next lookup or sweep removes it, with an event. The clock is injected.
//   - otter puts entries into the slots of a wheel, the finest of which are a
//     little over a second wide, and removes them when the wheel has turned past
//     the slot. The clock is injected; here it is moved three lifetimes of a second.
//   - ttlcache keeps a heap, is exact, and reads the system's clock only.
//   - golang-lru/expirable has 100 buckets, each a hundredth of the lifetime
//     wide, one goroutine that is never stopped, and no call that sweeps: it
//     cannot be measured here.
func BenchmarkCacheSweep(b *testing.B) {
	var c beside
	for _, x := range []struct {
		name string
		make func(b *testing.B) sweeper
	}{
		{"sleepless", sweepSleepless},
		{"otter", sweepOtter},
		{"ttlcache", sweepTTLCache},
	} {
		b.Run("lib="+x.name, func(b *testing.B) {
			s := x.make(b)
			left := 0
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				s.fill()
				b.StartTimer()
				s.sweep()
				left += s.size()
			}
			b.ReportMetric(float64(left)/float64(b.N), "left/op")
			c.compare(b, x.name == "sleepless")
			if x.name == "sleepless" {
				floor(b, "ns/op", 5e6)
			}
		})
	}
}

// sweeper is a cache with a sweep.
type sweeper struct {
	fill  func() // to 10,000 entries that are all due
	sweep func()
	size  func() int
}

func sweepSleepless(b *testing.B) sweeper {
	ctx := b.Context()
	clock := fakeclock.New()
	c := newCache(b, cache.Options[int, int]{DefaultTTL: time.Second, SweepInterval: cache.NoSweep, Clock: clock})
	return sweeper{
		fill: func() {
			for k := range entries {
				c.Put(ctx, k, k)
			}
			clock.Advance(time.Second)
		},
		sweep: func() { c.Sweep(ctx) },
		size:  c.Len,
	}
}

func sweepOtter(b *testing.B) sweeper {
	clock := &ottersClock{}
	c := newOtter(b, clock, time.Second)
	return sweeper{
		fill: func() {
			for k := range entries {
				c.Set(k, k)
			}
			c.CleanUp()                         // the writes, which otter works off later
			clock.now += int64(3 * time.Second) // past the slot
		},
		sweep: c.CleanUp,
		size:  c.EstimatedSize,
	}
}

// ottersClock is a clock that the benchmark moves, from the goroutine that uses
// the cache.
type ottersClock struct{ now int64 }

func (c *ottersClock) NowNano() int64                      { return c.now }
func (c *ottersClock) Tick(time.Duration) <-chan time.Time { return nil }

func sweepTTLCache(*testing.B) sweeper {
	c := ttlcache.New[int, int]()
	return sweeper{
		fill: func() {
			for k := range entries {
				c.Set(k, k, time.Millisecond)
			}
			time.Sleep(2 * time.Millisecond) // it has no other clock
		},
		sweep: c.DeleteExpired,
		size:  c.Len,
	}
}

func newCache(b *testing.B, o cache.Options[int, int]) *cache.Cache[int, int] {
	c, err := cache.New(o)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { c.Close() })
	return c
}

// newOtter returns a cache with room to spare for the entries, so that none is
// evicted for its hash.
func newOtter(b *testing.B, clock otter.Clock, ttl time.Duration) *otter.Cache[int, int] {
	c, err := otter.New(&otter.Options[int, int]{
		MaximumSize:      2 * entries,
		ExpiryCalculator: otter.ExpiryWriting[int, int](ttl),
		Clock:            clock,
		Executor:         func(fn func()) { fn() },
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { c.StopAllGoroutines() })
	return c
}
