package cache_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/sleepless-go/sleepless/fakeclock"
	"github.com/sleepless-go/sleepless/foundation/cache"
	"github.com/sleepless-go/sleepless/foundation/telemetry"
	"github.com/sleepless-go/sleepless/foundation/telemetry/telemetrytest"
)

// look returns a See that calls the cache's readers and its writers from within
// the handler, and checks with Get and Len what the event announces.
func look(c *cache.Cache[string, int], want map[string]bool, entries int) func(telemetry.Record) error {
	return func(r telemetry.Record) error {
		if n := c.Len(); n != entries {
			return fmt.Errorf("Len = %d, want %d", n, entries)
		}
		ctx := context.Background()
		for key, stored := range want {
			if _, ok := c.Get(ctx, key); ok != stored {
				return fmt.Errorf("Get(%s) = %v, want %v", key, ok, stored)
			}
		}
		_ = c.Stats()
		_, _ = c.Idle()
		if err := c.Put(ctx, "handler", 1); err != nil {
			return err
		}
		_, err := c.Delete(ctx, "handler")
		return err
	}
}

func contractSubject(sink telemetry.Sink) telemetrytest.Subject {
	clk := fakeclock.New()
	c := must(cache.New(cache.Options[string, int]{Name: "contract", MaxEntries: 3, Clock: clk, Events: sink, SweepInterval: time.Hour}))
	has := func(keys ...string) map[string]bool {
		m := map[string]bool{"a": false, "b": false, "c": false}
		for _, k := range keys {
			m[k] = true
		}
		return m
	}
	guarded := func(see func(telemetry.Record) error) func(telemetry.Record) error {
		inside := false // the handler's own calls are not what the act announces
		return func(r telemetry.Record) error {
			if inside {
				return nil
			}
			inside = true
			defer func() { inside = false }()
			return see(r)
		}
	}
	see := func(entries int, keys ...string) func(telemetry.Record) error {
		return guarded(look(c, has(keys...), entries))
	}
	return telemetrytest.Subject{Close: func() { c.Close() }, Acts: []telemetrytest.Act{
		{Event: cache.Put, Do: func(ctx context.Context) { _ = c.Put(ctx, "a", 1) }, See: see(1, "a")},
		{Event: cache.Hit, Do: func(ctx context.Context) { c.Get(ctx, "a") }, See: see(1, "a")},
		{Event: cache.Miss, Do: func(ctx context.Context) { c.Get(ctx, "b") }, See: see(1, "a")},
		{Event: cache.Delete, Do: func(ctx context.Context) { _, _ = c.Delete(ctx, "a") }, See: see(0)},
		{Event: cache.Evicted, Do: func(ctx context.Context) {
			_ = c.PutTTL(ctx, "b", 1, time.Second)
			clk.Advance(time.Second)
			c.Get(ctx, "b")
		}, See: see(0)},
		{Event: cache.Put, Do: func(ctx context.Context) {
			_, _ = c.GetOrLoad(ctx, "c", func(context.Context) (int, error) { return 1, nil })
		}, See: see(1, "c")},
		{Event: cache.Cleared, Do: func(ctx context.Context) { _, _ = c.Clear(ctx) }, See: see(0)},
		{Event: cache.Cleanup, Do: func(context.Context) { clk.Advance(time.Hour) }, See: see(0)},
		{Event: cache.Cleanup, Do: func(ctx context.Context) { _, _ = c.Sweep(ctx) }, See: see(0)},
		{Event: cache.Error, Do: func(ctx context.Context) { _ = c.PutTTL(ctx, "a", 1, 0) }, See: see(0)},
		{Event: cache.Error, Do: func(ctx context.Context) {
			_, _ = c.GetOrLoad(ctx, "a", func(context.Context) (int, error) { return 0, errors.New("no") })
		}, See: see(0)},
		{Event: cache.Started, Do: func(context.Context) {
			must(cache.New(cache.Options[string, int]{Name: "other", Events: sink})).Close()
		}},
	}}
}

func TestEventsKeepTheEmitContract(t *testing.T) {
	telemetrytest.Contract(t, contractSubject)
}

// The original announced an eviction before the insert it was for.
func TestEvictedShowsTheNewEntryInPlace(t *testing.T) {
	f := open(t, cache.Options[string, int]{MaxEntries: 2})
	f.put("a", 1)
	f.put("b", 2)
	seen := 0
	cache.Evicted.Attach(f.bus, func(ctx context.Context, e cache.EvictedData) {
		seen++
		f.wantMiss(e.Key)
		f.wantHit("c", 3)
		if f.Len() != 2 {
			t.Errorf("Len = %d during %+v, want 2", f.Len(), e)
		}
	})
	f.put("c", 3)
	if seen != 1 {
		t.Errorf("%d evictions, want 1", seen)
	}
}

func TestPayloadsTellWhatTheirDocsSay(t *testing.T) {
	bus := telemetry.NewBus()
	tp := listen(bus)
	clk := fakeclock.New()
	c := must(cache.New(cache.Options[string, int]{
		Name: "users", MaxEntries: 5, DefaultTTL: time.Minute, Shards: 2, Clock: clk, Events: bus,
	}))
	defer c.Close()
	ctx := t.Context()
	started := payload[cache.StartedData](t, tp.take())
	if want := (cache.StartedData{Commit: telemetry.Commit{Instance: "users", Seq: 1}, MaxEntries: 5, Shards: 2, DefaultTTL: time.Minute, SweepInterval: time.Minute}); started != want {
		t.Errorf("Started = %+v, want %+v", started, want)
	}
	_ = c.Put(ctx, "a", 1)
	_ = c.PutTTL(ctx, "a", 2, cache.NoExpiry)
	_, _ = c.GetOrLoad(ctx, "b", func(context.Context) (int, error) { return 1, nil })
	for i, want := range []cache.PutData{
		{Key: "a", TTL: time.Minute},
		{Key: "a", TTL: 0, Replaced: true},
		{Key: "b", TTL: time.Minute, Loaded: true},
	} {
		want.Commit = telemetry.Commit{Instance: "users", Seq: []uint64{2, 3, 5}[i]} // 4 is the miss
		var puts []cache.PutData
		for _, r := range tp.records {
			if p, ok := r.Payload.(cache.PutData); ok {
				puts = append(puts, p)
			}
		}
		if puts[i] != want {
			t.Errorf("put %d = %+v, want %+v", i, puts[i], want)
		}
	}
	tp.take()
	c.Get(ctx, "absent")
	if m := payload[cache.MissData](t, tp.take()); m.Reason != cache.ReasonNotFound || m.Key != "absent" {
		t.Errorf("Miss = %+v, want not_found of absent", m)
	}
	clk.Advance(time.Minute) // the sweep comes at the same instant
	records := tp.take()
	if e := payload[cache.EvictedData](t, records); e.Reason != cache.ReasonExpired || e.Age != time.Minute || e.Key != "b" {
		t.Errorf("Evicted = %+v, want b expired at the age of 1m", e)
	}
	if e := payload[cache.CleanupData](t, records); e.ExpiredCount != 1 || e.Remaining != 1 {
		t.Errorf("Cleanup = %+v, want 1 expired and 1 remaining", e)
	}
	_ = c.PutTTL(ctx, "x", 1, time.Second)
	clk.Advance(time.Second)
	tp.take()
	c.Get(ctx, "x")
	if m := payload[cache.MissData](t, tp.take()); m.Reason != cache.ReasonExpired {
		t.Errorf("Miss = %+v, want expired", m)
	}
}

func TestDurationsAreThoseOfTheInjectedClock(t *testing.T) {
	clk := fakeclock.New()
	step := &stepping{Fake: clk}
	bus := telemetry.NewBus()
	tp := listen(bus)
	c := must(cache.New(cache.Options[string, int]{Clock: step, Events: bus, SweepInterval: cache.NoSweep}))
	defer c.Close()
	_ = c.Put(t.Context(), "a", 1)
	c.Get(t.Context(), "a")
	c.Get(t.Context(), "b")
	_, _ = c.Delete(t.Context(), "a")
	_, _ = c.Clear(t.Context())
	_, _ = c.Sweep(t.Context())
	for _, r := range tp.take()[1:] { // after Started
		if d, ok := r.Value("duration"); !ok || d != time.Millisecond {
			t.Errorf("%v, want duration=1ms: two readings, a step apart", r)
		}
	}
}

// stepping is a clock that moves by a millisecond whenever it is read.
type stepping struct{ *fakeclock.Fake }

func (s *stepping) Nanos() int64 { s.Advance(time.Millisecond); return s.Fake.Nanos() }

// A sink that is not a Bus is code of the user: neither Enabled nor Handle may
// find a lock held.
func TestForeignSinkMayUseTheCacheFromEnabledAndHandle(t *testing.T) {
	s := &meddler{}
	c := must(cache.New(cache.Options[string, int]{Events: s, MaxEntries: 1}))
	defer c.Close()
	s.c = c
	ctx := t.Context()
	_ = c.Put(ctx, "a", 1)
	_ = c.Put(ctx, "b", 1)
	c.Get(ctx, "b")
	c.Get(ctx, "a")
	_, _ = c.Delete(ctx, "b")
	_, _ = c.Clear(ctx)
	_, _ = c.Sweep(ctx)
	_ = c.PutTTL(ctx, "a", 1, -1)
	_, _ = c.GetOrLoad(ctx, "l", func(context.Context) (int, error) { return 1, nil })
	if s.handled < 10 {
		t.Errorf("the sink handled %d events, want at least 10", s.handled)
	}
	s.deaf = true
	was := s.handled
	c.Get(ctx, "a")
	if s.handled != was {
		t.Error("a sink that is not Enabled was handed an event")
	}
}

type meddler struct {
	c       *cache.Cache[string, int]
	deaf    bool
	handled int
}

func (m *meddler) Enabled(*telemetry.Descriptor) bool {
	if m.c != nil {
		m.c.Stats()
	}
	return !m.deaf
}

func (m *meddler) Handle(context.Context, telemetry.Record) {
	m.handled++
	if m.c != nil {
		m.c.Stats()
		m.c.Len()
	}
}

func TestPanickingHandlerDoesNotReachTheCaller(t *testing.T) {
	f := open(t, cache.Options[string, int]{})
	cache.Put.Attach(f.bus, func(context.Context, cache.PutData) { panic("handler") })
	f.put("a", 1)
	f.wantHit("a", 1)
	if f.bus.Failures() != 1 {
		t.Errorf("%d failures on the bus, want 1", f.bus.Failures())
	}
	f.tape.take()
}

func TestHandlersGetTheContextOfTheCaller(t *testing.T) {
	type key struct{}
	f := open(t, cache.Options[string, int]{})
	var got []any
	f.bus.AttachAll(func(ctx context.Context, r telemetry.Record) { got = append(got, ctx.Value(key{})) })
	ctx := context.WithValue(t.Context(), key{}, "trace")
	_ = f.Put(ctx, "a", 1)
	f.Get(ctx, "a")
	_, _ = f.GetOrLoad(ctx, "b", func(context.Context) (int, error) { return 1, nil }) // miss, put
	if len(got) != 4 {
		t.Fatalf("%d events, want 4", len(got))
	}
	for i, v := range got {
		if v != "trace" {
			t.Errorf("event %d: the handler's context carries %v, want the caller's value", i, v)
		}
	}
}

func TestWaiterThatBeganToListenDuringAPutIsWoken(t *testing.T) {
	bus := telemetry.NewBus()
	c := must(cache.New(cache.Options[string, int]{Events: bus}))
	defer c.Close()
	for i := range 2000 {
		key := fmt.Sprint(i)
		go func() { _ = c.Put(context.Background(), key, i) }()
		wake := make(chan struct{}, 1)
		stop := bus.Notify(wake)
		for c.Len() != i+1 { // subscribe, check, block: a lost wake-up hangs here
			<-wake
		}
		stop()
	}
}
