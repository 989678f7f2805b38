package cachetelemetry

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/sleepless-go/sleepless/foundation/cache"
	"github.com/sleepless-go/sleepless/foundation/telemetry"
)

func TestEmitsStartedOnInit(t *testing.T) {
	t.Parallel()
	bus := telemetry.NewBus()
	var mu sync.Mutex
	var events []cache.StartedData
	cache.Started.Attach(bus, func(_ context.Context, e cache.StartedData) {
		mu.Lock()
		defer mu.Unlock()
		events = append(events, e)
	})

	c, err := cache.New(cache.Options[string, string]{
		Name: "init", MaxEntries: 100, SweepInterval: time.Second, Events: bus,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()

	mu.Lock()
	defer mu.Unlock()
	if len(events) != 1 {
		t.Fatalf("expected 1 started event, got %d", len(events))
	}
	if events[0].Instance != "init" {
		t.Errorf("expected instance init, got %q", events[0].Instance)
	}
	if events[0].MaxEntries != 100 {
		t.Errorf("expected 100 max entries, got %d", events[0].MaxEntries)
	}
	if events[0].SweepInterval != time.Second {
		t.Errorf("expected a sweep interval of 1s, got %s", events[0].SweepInterval)
	}
}

func TestEmitsHitForAStoredKey(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	bus := telemetry.NewBus()
	var mu sync.Mutex
	var events []cache.HitData
	cache.Hit.Attach(bus, func(_ context.Context, e cache.HitData) {
		mu.Lock()
		defer mu.Unlock()
		events = append(events, e)
	})
	c, err := cache.New(cache.Options[string, string]{Events: bus})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Put(ctx, "test_key", "test_value"); err != nil {
		t.Fatal(err)
	}

	value, ok := c.Get(ctx, "test_key")
	if !ok || value != "test_value" {
		t.Errorf("expected test_value, got %q, %v", value, ok)
	}

	mu.Lock()
	defer mu.Unlock()
	if len(events) != 1 {
		t.Fatalf("expected 1 hit event, got %d", len(events))
	}
	if events[0].Key != "test_key" {
		t.Errorf("expected key test_key, got %q", events[0].Key)
	}
	// A hit may take less than the clock can tell.
	if events[0].Duration < 0 {
		t.Errorf("expected a duration, got %s", events[0].Duration)
	}
}

func TestEmitsMissWithReasonNotFound(t *testing.T) {
	t.Parallel()
	bus := telemetry.NewBus()
	var mu sync.Mutex
	var events []cache.MissData
	cache.Miss.Attach(bus, func(_ context.Context, e cache.MissData) {
		mu.Lock()
		defer mu.Unlock()
		events = append(events, e)
	})
	c, err := cache.New(cache.Options[string, string]{Events: bus})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()

	if value, ok := c.Get(context.Background(), "missing"); ok {
		t.Errorf("expected nothing, got %q", value)
	}

	mu.Lock()
	defer mu.Unlock()
	if len(events) != 1 {
		t.Fatalf("expected 1 miss event, got %d", len(events))
	}
	if events[0].Key != "missing" || events[0].Reason != cache.ReasonNotFound {
		t.Errorf("expected missing/not_found, got %q/%q", events[0].Key, events[0].Reason)
	}
}

func TestEmitsMissWithReasonExpired(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	bus := telemetry.NewBus()
	var mu sync.Mutex
	var events []cache.MissData
	cache.Miss.Attach(bus, func(_ context.Context, e cache.MissData) {
		mu.Lock()
		defer mu.Unlock()
		events = append(events, e)
	})
	c, err := cache.New(cache.Options[string, string]{Events: bus})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.PutTTL(ctx, "expiring", "value", 10*time.Millisecond); err != nil {
		t.Fatal(err)
	}

	// Wait for the entry to expire.
	time.Sleep(20 * time.Millisecond)

	if value, ok := c.Get(ctx, "expiring"); ok {
		t.Errorf("expected nothing, got %q", value)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(events) != 1 {
		t.Fatalf("expected 1 miss event, got %d", len(events))
	}
	if events[0].Key != "expiring" || events[0].Reason != cache.ReasonExpired {
		t.Errorf("expected expiring/expired, got %q/%q", events[0].Key, events[0].Reason)
	}
}

func TestEmitsPutWithTTL(t *testing.T) {
	t.Parallel()
	bus := telemetry.NewBus()
	var mu sync.Mutex
	var events []cache.PutData
	cache.Put.Attach(bus, func(_ context.Context, e cache.PutData) {
		mu.Lock()
		defer mu.Unlock()
		events = append(events, e)
	})
	c, err := cache.New(cache.Options[string, string]{Events: bus})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()

	if err := c.PutTTL(context.Background(), "key", "value", 5*time.Second); err != nil {
		t.Fatal(err)
	}

	mu.Lock()
	defer mu.Unlock()
	if len(events) != 1 {
		t.Fatalf("expected 1 put event, got %d", len(events))
	}
	if events[0].Key != "key" || events[0].TTL != 5*time.Second {
		t.Errorf("expected key/5s, got %q/%s", events[0].Key, events[0].TTL)
	}
}

func TestEmitsDeleteWithExisted(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	bus := telemetry.NewBus()
	var mu sync.Mutex
	var events []cache.DeleteData
	cache.Delete.Attach(bus, func(_ context.Context, e cache.DeleteData) {
		mu.Lock()
		defer mu.Unlock()
		events = append(events, e)
	})
	c, err := cache.New(cache.Options[string, string]{Events: bus})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Put(ctx, "key", "value"); err != nil {
		t.Fatal(err)
	}

	existed, err := c.Delete(ctx, "key")
	if err != nil {
		t.Fatal(err)
	}
	if !existed {
		t.Error("expected the key to have existed")
	}

	mu.Lock()
	defer mu.Unlock()
	if len(events) != 1 {
		t.Fatalf("expected 1 delete event, got %d", len(events))
	}
	if events[0].Key != "key" || !events[0].Existed {
		t.Errorf("expected key/true, got %q/%v", events[0].Key, events[0].Existed)
	}
}

func TestEmitsClearedWithCount(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	bus := telemetry.NewBus()
	var mu sync.Mutex
	var events []cache.ClearedData
	cache.Cleared.Attach(bus, func(_ context.Context, e cache.ClearedData) {
		mu.Lock()
		defer mu.Unlock()
		events = append(events, e)
	})
	c, err := cache.New(cache.Options[string, int]{Events: bus})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for i := range 3 {
		if err := c.Put(ctx, fmt.Sprintf("key%d", i), i); err != nil {
			t.Fatal(err)
		}
	}

	if _, err := c.Clear(ctx); err != nil {
		t.Fatal(err)
	}

	mu.Lock()
	defer mu.Unlock()
	if len(events) != 1 {
		t.Fatalf("expected 1 cleared event, got %d", len(events))
	}
	if events[0].Count != 3 {
		t.Errorf("expected count 3, got %d", events[0].Count)
	}
}

func TestEmitsEvictedAtTheSizeLimit(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	bus := telemetry.NewBus()
	var mu sync.Mutex
	var events []cache.EvictedData
	cache.Evicted.Attach(bus, func(_ context.Context, e cache.EvictedData) {
		mu.Lock()
		defer mu.Unlock()
		events = append(events, e)
	})
	c, err := cache.New(cache.Options[string, string]{MaxEntries: 2, Events: bus})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()

	for _, key := range []string{"key1", "key2", "key3"} {
		if err := c.Put(ctx, key, "value of "+key); err != nil {
			t.Fatal(err)
		}
	}

	mu.Lock()
	if len(events) != 1 {
		t.Fatalf("expected 1 evicted event, got %d", len(events))
	}
	if events[0].Key != "key1" || events[0].Reason != cache.ReasonSizeLimit {
		t.Errorf("expected key1/size_limit, got %q/%q", events[0].Key, events[0].Reason)
	}
	mu.Unlock()
	if _, ok := c.Get(ctx, "key1"); ok {
		t.Error("expected key1 to be gone")
	}
	for _, key := range []string{"key2", "key3"} {
		if value, ok := c.Get(ctx, key); !ok || value != "value of "+key {
			t.Errorf("expected %s to stay, got %q, %v", key, value, ok)
		}
	}
}

func TestEmitsCleanupWithExpiredCount(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	bus := telemetry.NewBus()
	var mu sync.Mutex
	var events []cache.CleanupData
	cache.Cleanup.Attach(bus, func(_ context.Context, e cache.CleanupData) {
		mu.Lock()
		defer mu.Unlock()
		events = append(events, e)
	})
	c, err := cache.New(cache.Options[string, string]{SweepInterval: 50 * time.Millisecond, Events: bus})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, key := range []string{"expire1", "expire2"} {
		if err := c.PutTTL(ctx, key, "value", 10*time.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Put(ctx, "keep", "value"); err != nil {
		t.Fatal(err)
	}

	// Wait for the cleanup to run.
	time.Sleep(60 * time.Millisecond)

	mu.Lock()
	defer mu.Unlock()
	if len(events) == 0 {
		t.Fatal("expected a cleanup event")
	}
	if events[0].ExpiredCount != 2 {
		t.Errorf("expected 2 expired entries, got %d", events[0].ExpiredCount)
	}
	if _, ok := c.Get(ctx, "keep"); !ok {
		t.Error("expected keep to stay")
	}
}

func TestEmitsErrorForAnInvalidKey(t *testing.T) {
	t.Parallel()
	bus := telemetry.NewBus()
	var mu sync.Mutex
	var events []cache.ErrorData
	cache.Error.Attach(bus, func(_ context.Context, e cache.ErrorData) {
		mu.Lock()
		defer mu.Unlock()
		events = append(events, e)
	})
	c, err := cache.New(cache.Options[any, string]{Events: bus})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()

	if err := c.Put(context.Background(), nil, "value"); !errors.Is(err, cache.ErrInvalidKey) {
		t.Errorf("expected ErrInvalidKey, got %v", err)
	}

	mu.Lock()
	defer mu.Unlock()
	if len(events) != 1 {
		t.Fatalf("expected 1 error event, got %d", len(events))
	}
	if events[0].Reason != cache.ReasonInvalidKey || events[0].Operation != cache.OpPut {
		t.Errorf("expected invalid_key/put, got %q/%q", events[0].Reason, events[0].Operation)
	}
}

func TestMeasuresTheDurationOfTenPuts(t *testing.T) {
	t.Parallel()
	bus := telemetry.NewBus()
	var mu sync.Mutex
	var durations []time.Duration
	cache.Put.Attach(bus, func(_ context.Context, e cache.PutData) {
		mu.Lock()
		defer mu.Unlock()
		durations = append(durations, e.Duration)
	})
	c, err := cache.New(cache.Options[string, int]{Events: bus})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()

	for i := range 10 {
		if err := c.Put(context.Background(), fmt.Sprintf("key%d", i), i); err != nil {
			t.Fatal(err)
		}
	}

	mu.Lock()
	defer mu.Unlock()
	if len(durations) != 10 {
		t.Fatalf("expected 10 durations, got %d", len(durations))
	}
	for i, d := range durations {
		if d < 0 {
			t.Errorf("put %d: expected a duration, got %s", i, d)
		}
	}
}

func TestCountsFiveHitsAndThreeMisses(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	bus := telemetry.NewBus()
	var mu sync.Mutex
	hits, misses := 0, 0
	cache.Hit.Attach(bus, func(context.Context, cache.HitData) {
		mu.Lock()
		defer mu.Unlock()
		hits++
	})
	cache.Miss.Attach(bus, func(context.Context, cache.MissData) {
		mu.Lock()
		defer mu.Unlock()
		misses++
	})
	c, err := cache.New(cache.Options[string, int]{Events: bus})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for i := range 5 {
		if err := c.Put(ctx, fmt.Sprintf("key%d", i), i); err != nil {
			t.Fatal(err)
		}
	}

	for i := range 8 {
		c.Get(ctx, fmt.Sprintf("key%d", i))
	}

	mu.Lock()
	defer mu.Unlock()
	if hits != 5 || misses != 3 {
		t.Errorf("expected 5 hits and 3 misses, got %d and %d", hits, misses)
	}
}
