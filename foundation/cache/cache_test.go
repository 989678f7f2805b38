package cache_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/sleepless-go/sleepless/fakeclock"
	"github.com/sleepless-go/sleepless/foundation/cache"
	"github.com/sleepless-go/sleepless/foundation/telemetry"
)

func TestGetFindsWhatWasPutAndForgetsWhatWasDeleted(t *testing.T) {
	f := open(t, cache.Options[string, int]{})
	f.wantMiss("a")
	f.put("a", 1)
	f.wantHit("a", 1)
	f.put("a", 2)
	f.wantHit("a", 2)
	if existed, err := f.Delete(t.Context(), "a"); !existed || err != nil {
		t.Errorf("Delete = %v, %v; want true, nil", existed, err)
	}
	if existed, err := f.Delete(t.Context(), "a"); existed || err != nil {
		t.Errorf("second Delete = %v, %v; want false, nil", existed, err)
	}
	f.wantMiss("a")
	f.wantEvents("miss a", "put a", "hit a", "put a", "hit a", "delete a", "delete a", "miss a")
	want := cache.Stats{Hits: 2, Misses: 2, Puts: 2, Replaced: 1, Deletes: 1}
	if got := f.Stats(); got != want {
		t.Errorf("Stats = %+v, want %+v", got, want)
	}
}

func TestEntryExpiresExactlyWhenItsLifetimeEnds(t *testing.T) {
	f := open(t, cache.Options[string, int]{DefaultTTL: time.Second, SweepInterval: cache.NoSweep})
	f.put("default", 1)
	f.putTTL("own", 2, 2*time.Second)
	f.putTTL("forever", 3, cache.NoExpiry)
	f.clock.Advance(time.Second - 1)
	f.wantHit("default", 1)
	f.clock.Advance(1)
	f.wantMiss("default")
	f.wantHit("own", 2)
	f.clock.Advance(time.Second)
	f.wantMiss("own")
	f.clock.Advance(100 * 365 * 24 * time.Hour)
	f.wantHit("forever", 3)
}

func TestLifetimeTooLongForTheClockMeansNoExpiry(t *testing.T) {
	f := open(t, cache.Options[string, int]{})
	f.clock.Advance(time.Hour)
	f.putTTL("a", 1, math.MaxInt64-time.Minute)
	f.wantHit("a", 1)
	if n, err := f.Sweep(t.Context()); n != 0 || err != nil {
		t.Errorf("Sweep = %d, %v; want 0, nil", n, err)
	}
}

func TestReplacingAValueRestartsItsLifetime(t *testing.T) {
	f := open(t, cache.Options[string, int]{SweepInterval: cache.NoSweep})
	f.putTTL("a", 1, time.Second)
	f.clock.Advance(time.Second / 2)
	f.putTTL("a", 2, time.Second)
	f.clock.Advance(time.Second / 2)
	f.wantHit("a", 2)
	f.putTTL("a", 3, cache.NoExpiry) // out of the heap
	f.clock.Advance(time.Hour)
	f.wantHit("a", 3)
	f.putTTL("a", 4, time.Second) // and into it again
	f.clock.Advance(time.Second)
	f.wantMiss("a")
}

func TestFullCacheEvictsTheLeastRecentlyUsed(t *testing.T) {
	f := open(t, cache.Options[string, int]{MaxEntries: 2})
	f.put("a", 1)
	f.put("b", 2)
	f.clock.Advance(time.Minute / 2)
	f.wantHit("a", 1)
	f.tape.take()
	f.put("c", 3)
	events := f.wantEvents("evicted b", "put c")
	e := payload[cache.EvictedData](t, events)
	if e.Reason != cache.ReasonSizeLimit || e.Age != time.Minute/2 || e.Instance != "default" {
		t.Errorf("Evicted = %+v, want size_limit, age 30s, instance default", e)
	}
	f.wantMiss("b")
	f.wantHit("a", 1)
	f.wantHit("c", 3)
	wantBooks(t, f.Cache)
}

// The original removed an innocent entry whenever its cache was full, also when
// the key was there already.
func TestOverwritingInAFullCacheEvictsNobody(t *testing.T) {
	f := open(t, cache.Options[string, int]{MaxEntries: 2})
	f.put("a", 1)
	f.put("b", 2)
	f.put("a", 3)
	f.wantEvents("put a", "put b", "put a")
	f.wantHit("a", 3)
	f.wantHit("b", 2)
}

// The original did not look at expiry when it made room.
func TestFullCachePrefersExpiredEntriesAsVictims(t *testing.T) {
	f := open(t, cache.Options[string, int]{MaxEntries: 3, SweepInterval: cache.NoSweep})
	f.put("old", 1)
	f.putTTL("late", 2, 2*time.Second)
	f.putTTL("soon", 3, time.Second)
	f.clock.Advance(time.Second)
	f.tape.take()
	f.put("new", 4)
	if e := payload[cache.EvictedData](t, f.wantEvents("evicted soon", "put new")); e.Reason != cache.ReasonExpired {
		t.Errorf("reason = %s, want expired", e.Reason)
	}
	f.wantHit("old", 1)
	f.wantHit("late", 2)
}

func TestPuttingOverAnExpiredEntryIsNoReplacement(t *testing.T) {
	f := open(t, cache.Options[string, int]{MaxEntries: 1, SweepInterval: cache.NoSweep})
	f.putTTL("a", 1, time.Second)
	f.clock.Advance(time.Second)
	f.tape.take()
	f.put("a", 2)
	events := f.wantEvents("evicted a", "put a")
	if payload[cache.EvictedData](t, events).Reason != cache.ReasonExpired || payload[cache.PutData](t, events).Replaced {
		t.Errorf("events = %v, want an expired eviction and a put that replaced nothing", events)
	}
	wantBooks(t, f.Cache)
}

// The original looked an expired entry up and deleted the key in a second step,
// and with it a value put in between. Here a reader that finds the entry expired
// runs against a writer; whoever is first, the value stays.
func TestExpiredReadNeverRemovesAFreshValue(t *testing.T) {
	f := open(t, cache.Options[string, int]{SweepInterval: cache.NoSweep})
	for i := range 500 {
		f.putTTL("a", -1, time.Second)
		f.clock.Advance(time.Second)
		done := make(chan struct{})
		go func() { defer close(done); f.Get(context.Background(), "a") }()
		f.put("a", i)
		<-done
		f.wantHit("a", i)
	}
	wantBooks(t, f.Cache)
}

func TestDeleteOfAnExpiredEntryFindsNothingAndAccountsForIt(t *testing.T) {
	f := open(t, cache.Options[string, int]{SweepInterval: cache.NoSweep})
	f.putTTL("a", 1, time.Second)
	f.clock.Advance(time.Second)
	f.tape.take()
	if existed, err := f.Delete(t.Context(), "a"); existed || err != nil {
		t.Errorf("Delete = %v, %v; want false, nil", existed, err)
	}
	if d := payload[cache.DeleteData](t, f.wantEvents("evicted a", "delete a")); d.Existed {
		t.Errorf("Delete event = %+v, want existed=false", d)
	}
	wantBooks(t, f.Cache)
}

func TestClearRemovesEverythingAtOnce(t *testing.T) {
	for _, shards := range []int{1, 4} {
		f := open(t, cache.Options[string, int]{Shards: shards, SweepInterval: cache.NoSweep})
		f.put("a", 1)
		f.put("b", 2)
		f.putTTL("c", 3, time.Second)
		f.clock.Advance(time.Minute)
		f.tape.take()
		if n, err := f.Clear(t.Context()); n != 3 || err != nil {
			t.Errorf("Clear = %d, %v; want 3, nil", n, err)
		}
		if e := payload[cache.ClearedData](t, f.wantEvents("cleared")); e.Count != 3 {
			t.Errorf("count = %d, want 3", e.Count)
		}
		if f.Len() != 0 {
			t.Errorf("Len = %d after Clear", f.Len())
		}
		if n, err := f.Sweep(t.Context()); n != 0 || err != nil {
			t.Errorf("Sweep after Clear = %d, %v: it found entries that were cleared", n, err)
		}
		f.put("a", 4)
		f.wantHit("a", 4)
		wantBooks(t, f.Cache)
	}
}

func TestShardsShareTheBoundExactly(t *testing.T) {
	const limit = 10
	f := open(t, cache.Options[string, int]{MaxEntries: limit, Shards: 4})
	for _, k := range benchKeys(1000) {
		f.put(k, 1)
		if f.Len() > limit {
			t.Fatalf("Len = %d with MaxEntries %d", f.Len(), limit)
		}
	}
	if f.Len() != limit {
		t.Errorf("Len = %d after 1000 keys, want %d: the shares do not add up", f.Len(), limit)
	}
	wantBooks(t, f.Cache)
}

func TestZeroOptionsMakeAnUnboundedCacheThatKeepsEverything(t *testing.T) {
	c := must(cache.New(cache.Options[string, int]{}))
	defer c.Close()
	keys := benchKeys(5000)
	for i, k := range keys {
		if err := c.Put(t.Context(), k, i); err != nil {
			t.Fatal(err)
		}
	}
	for i, k := range keys {
		if v, ok := c.Get(t.Context(), k); !ok || v != i {
			t.Fatalf("Get(%s) = %d, %v", k, v, ok)
		}
	}
}

func TestHitAllocatesNothingWhetherSomebodyListensOrNot(t *testing.T) {
	bus := telemetry.NewBus()
	c := must(cache.New(cache.Options[string, int]{DefaultTTL: time.Hour, Events: bus}))
	defer c.Close()
	ctx := t.Context()
	if err := c.Put(ctx, "a", 1); err != nil {
		t.Fatal(err)
	}
	get := func() { c.Get(ctx, "a") }
	if n := testing.AllocsPerRun(100, get); n != 0 {
		t.Errorf("%v allocations a hit with nobody listening", n)
	}
	heard := 0
	cache.Hit.Attach(bus, func(context.Context, cache.HitData) { heard++ })
	if n := testing.AllocsPerRun(100, get); n != 0 || heard == 0 {
		t.Errorf("%v allocations a hit with a typed listener that heard %d", n, heard)
	}
}

// counting is a clock that counts how often it is read.
type counting struct {
	*fakeclock.Fake
	reads int
}

func (c *counting) Now() time.Time { c.reads++; return c.Fake.Now() }
func (c *counting) Nanos() int64   { c.reads++; return c.Fake.Nanos() }

func TestNobodyListeningCostsNoSequenceNoKeyAndNoReadingForDurations(t *testing.T) {
	clk := &counting{Fake: fakeclock.New()}
	bus := telemetry.NewBus()
	rendered := 0
	c := must(cache.New(cache.Options[string, int]{
		MaxEntries: 1, DefaultTTL: time.Second, Clock: clk, Events: bus, SweepInterval: cache.NoSweep,
		KeyString: func(k string) string { rendered++; return k },
	}))
	defer c.Close()
	ctx := t.Context()
	clk.reads = 0
	_ = c.Put(ctx, "a", 1)
	_ = c.Put(ctx, "b", 1)
	c.Get(ctx, "b")
	c.Get(ctx, "c")
	_, _ = c.Delete(ctx, "b")
	_, _ = c.Clear(ctx)
	_, _ = c.Sweep(ctx)
	if clk.reads != 7 || rendered != 0 {
		t.Errorf("7 calls read the clock %d times and rendered %d keys, want one reading each and no key", clk.reads, rendered)
	}
	tp := listen(bus)
	c.Get(ctx, "a")
	got := tp.take()
	if commit, _ := got[0].Commit(); len(got) != 1 || commit.Seq != 1 || rendered != 1 || clk.reads != 9 {
		t.Errorf("first event heard: %v, %d keys rendered, %d readings; want seq=1, one key, two readings", got, rendered, clk.reads)
	}
}
