package eventually

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"testing"
)

// One iteration logs a record with three attributes, of which one is of the
// logger. The standard library's handler is there to compare with.
func BenchmarkSlogRecord(b *testing.B) {
	for _, h := range []struct {
		name    string
		handler slog.Handler
	}{
		{"sleepless", NewSlog(nil, Keep(1024))},
		{"std-text-to-nowhere", slog.NewTextHandler(io.Discard, nil)},
		{"sleepless-below-its-level", NewSlog(nil).From(slog.LevelError)},
		{"std-text-below-its-level", slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: slog.LevelError})},
	} {
		b.Run(h.name, func(b *testing.B) {
			logger := slog.New(h.handler).With("component", "cache")
			ctx := context.Background()
			b.ReportAllocs()
			for b.Loop() {
				logger.LogAttrs(ctx, slog.LevelInfo, "evicted", slog.String("key", "a"), slog.Int("size", 3))
			}
		})
	}
}

func BenchmarkLogged(b *testing.B) {
	l := NewSlog(nil)
	slog.New(l).Info("evicted", "key", "a", "size", 3)
	r, match := l.History()[0], Logged("evicted", slog.Int("size", 3))
	b.ReportAllocs()
	for b.Loop() {
		if !match(r) {
			b.Fatal("no match")
		}
	}
}

func BenchmarkDBPoll(b *testing.B) {
	db := openDB(new(testing.T), 1)
	defer db.Close()
	pool := DB(db)
	b.ReportAllocs()
	for b.Loop() {
		pool.Poll()
	}
}

// One iteration announces a change under the lock, and waits for it.
func BenchmarkUntilACondBroadcast(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		var mu sync.Mutex
		changed, n := NewCond(&mu), 0
		go func() {
			mu.Lock()
			n++
			mu.Unlock()
			changed.Broadcast()
		}()
		Until(b, "counted", func() bool {
			mu.Lock()
			defer mu.Unlock()
			return n == 1
		}, On(changed))
	}
}
