package cache_test

import (
	"context"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sleepless-go/sleepless/fakeclock"
	"github.com/sleepless-go/sleepless/foundation/cache"
	"github.com/sleepless-go/sleepless/foundation/telemetry"
)

func newBench(b *testing.B, o cache.Options[string, int]) *cache.Cache[string, int] {
	b.Helper()
	c, err := cache.New(o)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { c.Close() })
	return c
}

// benchKeys returns n keys that were made before the clock runs.
func benchKeys(n int) []string {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = "user:" + strconv.Itoa(i)
	}
	return keys
}

func BenchmarkHit(b *testing.B) {
	run := func(b *testing.B, bus *telemetry.Bus) {
		ctx := b.Context()
		c := newBench(b, cache.Options[string, int]{MaxEntries: 1024, DefaultTTL: time.Hour, Events: bus})
		keys := benchKeys(1024)
		for i, k := range keys {
			if err := c.Put(ctx, k, i); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportAllocs()
		i := 0
		for b.Loop() {
			if _, ok := c.Get(ctx, keys[i&1023]); !ok {
				b.Fatal("miss")
			}
			i++
		}
	}
	b.Run("listeners=0", func(b *testing.B) { run(b, telemetry.NewBus()) })
	b.Run("listeners=1", func(b *testing.B) {
		bus := telemetry.NewBus()
		var sum time.Duration
		cache.Hit.Attach(bus, func(_ context.Context, d cache.HitData) { sum += d.Duration })
		run(b, bus)
	})
}

func BenchmarkMiss(b *testing.B) {
	ctx := b.Context()
	c := newBench(b, cache.Options[string, int]{})
	b.ReportAllocs()
	for b.Loop() {
		c.Get(ctx, "absent")
	}
}

func BenchmarkHitParallel(b *testing.B) {
	for _, shards := range []int{1, 8, 64} {
		b.Run("shards="+strconv.Itoa(shards), func(b *testing.B) {
			ctx := b.Context()
			c := newBench(b, cache.Options[string, int]{Shards: shards, DefaultTTL: time.Hour})
			keys := benchKeys(1024)
			for i, k := range keys {
				if err := c.Put(ctx, k, i); err != nil {
					b.Fatal(err)
				}
			}
			var started atomic.Int64
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for i := 384 * started.Add(1); pb.Next(); i++ { // not in step with each other
					c.Get(ctx, keys[i&1023])
				}
			})
		})
	}
}

func BenchmarkPut(b *testing.B) {
	b.Run("replacing", func(b *testing.B) {
		ctx := b.Context()
		c := newBench(b, cache.Options[string, int]{DefaultTTL: time.Hour})
		keys := benchKeys(1024)
		b.ReportAllocs()
		i := 0
		for b.Loop() {
			_ = c.Put(ctx, keys[i&1023], i)
			i++
		}
	})
	b.Run("evicting", func(b *testing.B) {
		ctx := b.Context()
		c := newBench(b, cache.Options[string, int]{DefaultTTL: time.Hour, MaxEntries: 512})
		keys := benchKeys(1024)
		b.ReportAllocs()
		i := 0
		for b.Loop() {
			_ = c.Put(ctx, keys[i&1023], i)
			i++
		}
	})
}

func BenchmarkGetOrLoad(b *testing.B) {
	load := func(context.Context) (int, error) { return 1, nil }
	b.Run("hit", func(b *testing.B) {
		ctx := b.Context()
		c := newBench(b, cache.Options[string, int]{DefaultTTL: time.Hour})
		b.ReportAllocs()
		for b.Loop() {
			_, _ = c.GetOrLoad(ctx, "a", load)
		}
	})
	b.Run("load", func(b *testing.B) {
		ctx := b.Context()
		c := newBench(b, cache.Options[string, int]{DefaultTTL: time.Hour})
		b.ReportAllocs()
		for b.Loop() {
			_, _ = c.GetOrLoad(ctx, "a", load)
			_, _ = c.Delete(ctx, "a")
		}
	})
}

// BenchmarkSweep10000Due measures one sweep that removes 10,000 entries with
// different instants of expiry, put in an order that is not theirs.
func BenchmarkSweep10000Due(b *testing.B) {
	ctx := b.Context()
	fake := fakeclock.New()
	c := newBench(b, cache.Options[string, int]{Clock: fake, SweepInterval: cache.NoSweep})
	keys := benchKeys(10_000)
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		for i, k := range keys {
			if err := c.PutTTL(ctx, k, i, time.Duration(1+i*7919%10_000)*time.Millisecond); err != nil {
				b.Fatal(err)
			}
		}
		fake.Advance(time.Minute)
		b.StartTimer()
		if n, err := c.Sweep(ctx); n != len(keys) || err != nil {
			b.Fatal(n, err)
		}
	}
}
