package cache_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sleepless-go/sleepless/foundation/cache"
)

func TestMisuseIsRefusedWithASentinelAndACure(t *testing.T) {
	newWith := func(o cache.Options[string, int]) func(context.Context, fixture) error {
		return func(context.Context, fixture) error { _, err := cache.New(o); return err }
	}
	load := func(context.Context) (int, error) { return 1, nil }
	closed := func(call func(context.Context, fixture) error) func(context.Context, fixture) error {
		return func(ctx context.Context, f fixture) error { f.Close(); return call(ctx, f) }
	}
	for _, c := range []struct {
		name     string
		call     func(context.Context, fixture) error
		sentinel error
		cure     string
		event    string // reason of the error event, empty for none
	}{
		{"negative bound", newWith(cache.Options[string, int]{MaxEntries: -1}), cache.ErrInvalidOptions, "MaxEntries is -1; give the most entries to hold, or 0", ""},
		{"negative default lifetime", newWith(cache.Options[string, int]{DefaultTTL: -time.Second}), cache.ErrInvalidOptions, "DefaultTTL is -1s; give a positive lifetime, or 0", ""},
		{"negative shards", newWith(cache.Options[string, int]{Shards: -2}), cache.ErrInvalidOptions, "Shards is -2; give a positive number", ""},
		{"more shards than entries", newWith(cache.Options[string, int]{Shards: 3, MaxEntries: 2}), cache.ErrInvalidOptions, "3 Shards cannot share 2 MaxEntries", ""},
		{"zero lifetime", func(ctx context.Context, f fixture) error { return f.PutTTL(ctx, "a", 1, 0) }, cache.ErrInvalidTTL, "got 0s; give a positive lifetime, or use Put for the default and NoExpiry for none", cache.ReasonInvalidTTL},
		{"negative lifetime", func(ctx context.Context, f fixture) error { return f.PutTTL(ctx, "a", 1, -time.Second) }, cache.ErrInvalidTTL, "got -1s; give", cache.ReasonInvalidTTL},
		{"nil loader", func(ctx context.Context, f fixture) error { _, err := f.GetOrLoad(ctx, "a", nil); return err }, cache.ErrInvalidLoader, "give a function, or use Get", cache.ReasonInvalidLoader},
		{"put after close", closed(func(ctx context.Context, f fixture) error { return f.Put(ctx, "a", 1) }), cache.ErrClosed, `put on cache "default" after Close; make a new one`, cache.ReasonClosed},
		{"put with lifetime after close", closed(func(ctx context.Context, f fixture) error { return f.PutTTL(ctx, "a", 1, 1) }), cache.ErrClosed, "after Close", cache.ReasonClosed},
		{"delete after close", closed(func(ctx context.Context, f fixture) error { _, err := f.Delete(ctx, "a"); return err }), cache.ErrClosed, "delete on", cache.ReasonClosed},
		{"clear after close", closed(func(ctx context.Context, f fixture) error { _, err := f.Clear(ctx); return err }), cache.ErrClosed, "clear on", cache.ReasonClosed},
		{"sweep after close", closed(func(ctx context.Context, f fixture) error { _, err := f.Sweep(ctx); return err }), cache.ErrClosed, "sweep on", cache.ReasonClosed},
		{"load after close", closed(func(ctx context.Context, f fixture) error { _, err := f.GetOrLoad(ctx, "a", load); return err }), cache.ErrClosed, "get_or_load on", cache.ReasonClosed},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := open(t, cache.Options[string, int]{})
			err := c.call(t.Context(), f)
			if !errors.Is(err, c.sentinel) || !strings.Contains(err.Error(), c.cure) {
				t.Errorf("error %v\nwant %v with %q", err, c.sentinel, c.cure)
			}
			records := f.tape.take()
			if c.event == "" {
				if len(records) != 0 {
					t.Errorf("events %v, want none", records)
				}
				return
			}
			if e := payload[cache.ErrorData](t, records); e.Reason != c.event || e.Error != err.Error() {
				t.Errorf("event %+v, want reason %s and the text of the error", e, c.event)
			}
			if f.Len() != 0 || f.Stats().Errors != 1 {
				t.Errorf("Len = %d, Stats = %+v; want no entry and 1 error", f.Len(), f.Stats())
			}
		})
	}
}

func TestNewNamesEveryWrongOption(t *testing.T) {
	_, err := cache.New(cache.Options[string, int]{MaxEntries: -1, DefaultTTL: -1, Shards: -1})
	for _, part := range []string{"MaxEntries", "DefaultTTL", "Shards"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("error %v does not name %s", err, part)
		}
	}
}

func TestGetAfterCloseMissesAndSaysWhy(t *testing.T) {
	f := open(t, cache.Options[string, int]{})
	f.put("a", 1)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	f.tape.take()
	f.wantMiss("a")
	if e := payload[cache.ErrorData](t, f.wantEvents("error a")); e.Operation != cache.OpGet || e.Reason != cache.ReasonClosed {
		t.Errorf("Error = %+v, want get, closed", e)
	}
	if f.Len() != 1 {
		t.Errorf("Len = %d after Close, want the 1 entry it ended with", f.Len())
	}
}
