package cache_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/sleepless-go/sleepless/fakeclock"
	"github.com/sleepless-go/sleepless/foundation/cache"
	"github.com/sleepless-go/sleepless/foundation/telemetry"
)

// tape keeps the events of a bus in order of delivery.
type tape struct {
	mu      sync.Mutex
	records []telemetry.Record
}

func listen(bus *telemetry.Bus) *tape {
	tp := &tape{}
	bus.AttachAll(func(_ context.Context, r telemetry.Record) {
		tp.mu.Lock()
		defer tp.mu.Unlock()
		tp.records = append(tp.records, r)
	})
	return tp
}

// take returns what was delivered since the last take.
func (tp *tape) take() []telemetry.Record {
	tp.mu.Lock()
	defer tp.mu.Unlock()
	taken := tp.records
	tp.records = nil
	return taken
}

// names returns the last parts of the events' names, after which comes the key
// if there is one: "evicted a".
func names(records []telemetry.Record) []string {
	var all []string
	for _, r := range records {
		name := r.Event.Name[len("foundation.cache."):]
		if key, ok := r.Value("key"); ok && key != "" {
			name += " " + key.(string)
		}
		all = append(all, name)
	}
	return all
}

// bySeq returns the events in the order in which they were committed.
func bySeq(records []telemetry.Record) []telemetry.Record {
	sorted := slices.Clone(records)
	slices.SortFunc(sorted, func(a, b telemetry.Record) int {
		x, _ := a.Commit()
		y, _ := b.Commit()
		return int(x.Seq) - int(y.Seq)
	})
	return sorted
}

// fixture is a cache of strings on a fake clock, with a tape of its events from
// after New on.
type fixture struct {
	*cache.Cache[string, int]
	t     *testing.T
	clock *fakeclock.Fake
	bus   *telemetry.Bus
	tape  *tape
}

func open(t *testing.T, o cache.Options[string, int]) fixture {
	t.Helper()
	f := fixture{t: t, clock: fakeclock.New(fakeclock.WithT(t)), bus: telemetry.NewBus()}
	f.tape = listen(f.bus)
	if o.Clock == nil {
		o.Clock = f.clock
	}
	o.Events = f.bus
	f.Cache = must(cache.New(o))
	f.tape.take()
	t.Cleanup(func() { f.Close() })
	return f
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func (f fixture) put(key string, value int) {
	f.t.Helper()
	if err := f.Put(f.t.Context(), key, value); err != nil {
		f.t.Fatal(err)
	}
}

func (f fixture) putTTL(key string, value int, ttl time.Duration) {
	f.t.Helper()
	if err := f.PutTTL(f.t.Context(), key, value, ttl); err != nil {
		f.t.Fatal(err)
	}
}

func (f fixture) wantHit(key string, value int) {
	f.t.Helper()
	if v, ok := f.Get(f.t.Context(), key); !ok || v != value {
		f.t.Errorf("Get(%q) = %d, %v; want %d, true", key, v, ok, value)
	}
}

func (f fixture) wantMiss(key string) {
	f.t.Helper()
	if v, ok := f.Get(f.t.Context(), key); ok || v != 0 {
		f.t.Errorf("Get(%q) = %d, %v; want 0, false", key, v, ok)
	}
}

// wantEvents checks the names of what was delivered since the last look.
func (f fixture) wantEvents(want ...string) []telemetry.Record {
	f.t.Helper()
	got := f.tape.take()
	if !slices.Equal(names(got), want) {
		f.t.Errorf("events:\n got %q\nwant %q", names(got), want)
	}
	if !slices.Equal(names(bySeq(got)), names(got)) {
		f.t.Errorf("one goroutine delivered out of commit order: %v", got)
	}
	return got
}

// payload returns the only event of a kind among records.
func payload[T any](t *testing.T, records []telemetry.Record) T {
	t.Helper()
	var found []T
	for _, r := range records {
		if p, ok := r.Payload.(T); ok {
			found = append(found, p)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d events of the kind among %v, want 1", len(found), records)
	}
	return found[0]
}

// wantBooks checks that every entry ever put is accounted for.
func wantBooks[K comparable, V any](t *testing.T, c *cache.Cache[K, V]) {
	t.Helper()
	s := c.Stats()
	if gone := s.Replaced + s.Deletes + s.Cleared + s.Evictions + s.Expirations; s.Puts != uint64(s.Entries)+gone {
		t.Errorf("%d puts, but %d entries and %d gone: %+v", s.Puts, s.Entries, gone, s)
	}
}
