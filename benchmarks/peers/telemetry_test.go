package peers

import (
	"context"
	"log/slog"
	"testing"

	"github.com/asaskevich/EventBus"

	"github.com/sleepless-go/sleepless/foundation/telemetry"
)

type fourWords struct {
	Key   string `telemetry:"label" doc:"Two words."`
	Size  int64  `telemetry:"measure,unit=bytes" doc:"One word."`
	Count int64  `telemetry:"measure,unit=entries" doc:"One word."`
}

type tenWords struct {
	telemetry.Commit
	Key    string `telemetry:"label" doc:"Two words."`
	Reason string `telemetry:"label" doc:"Two words."`
	A      int64  `telemetry:"measure,unit=bytes" doc:"One word."`
	B      int64  `telemetry:"measure,unit=bytes" doc:"One word."`
	C      int64  `telemetry:"measure,unit=bytes" doc:"One word."`
}

var (
	fourWordEvent = telemetry.NewEvent[fourWords]("peers.words.four", "A benchmark emitted four words.")
	tenWordEvent  = telemetry.NewEvent[tenWords]("peers.words.ten", "A benchmark emitted ten words.")
)

// received keeps the listeners from being optimised away.
var received int64

func emitFour(b *testing.B, bus *telemetry.Bus) {
	ctx, e := b.Context(), fourWordEvent.Bind(bus)
	for b.Loop() {
		e.Emit(ctx, fourWords{Key: "k", Size: 1, Count: 2})
	}
}

func emitTen(b *testing.B, bus *telemetry.Bus) {
	ctx, e := b.Context(), tenWordEvent.Bind(bus)
	for b.Loop() {
		e.Emit(ctx, tenWords{Commit: telemetry.Commit{Instance: "i", Seq: 1}, Key: "k", Reason: "r", A: 1, B: 2, C: 3})
	}
}

// ourTen is not what the peers are compared with: they carry four words.
const ourTen = "words=10/lib=sleepless"

// contender is one way to tell others that something happened. A floor in ns
// makes it ours.
type contender struct {
	name  string
	floor float64
	run   func(b *testing.B)
}

func compete(b *testing.B, contenders []contender) {
	var c beside
	for _, x := range contenders {
		b.Run(x.name, func(b *testing.B) {
			b.ReportAllocs()
			x.run(b)
			if x.floor > 0 {
				floor(b, "ns/op", x.floor)
				floor(b, "allocs/op", 0)
			}
			if x.name != ourTen {
				c.compare(b, x.floor > 0)
			}
		})
	}
}

func BenchmarkEmitToNobody(b *testing.B) {
	compete(b, []contender{
		{ourTen, 5, func(b *testing.B) { emitTen(b, telemetry.NewBus()) }},
		{"words=4/lib=sleepless", 5, func(b *testing.B) { emitFour(b, telemetry.NewBus()) }},
		{"words=4/lib=EventBus", 0, func(b *testing.B) {
			bus := EventBus.New()
			for b.Loop() {
				bus.Publish("peers.words.four", fourWords{Key: "k", Size: 1, Count: 2})
			}
		}},
		{"words=4/lib=slog", 0, func(b *testing.B) { logFour(b, slog.New(slog.DiscardHandler)) }},
	})
}

func BenchmarkEmitToOne(b *testing.B) {
	compete(b, []contender{
		{ourTen, 20, func(b *testing.B) {
			bus := telemetry.NewBus()
			tenWordEvent.Attach(bus, func(_ context.Context, v tenWords) { received += v.A })
			emitTen(b, bus)
		}},
		{"words=4/lib=sleepless", 12, func(b *testing.B) {
			bus := telemetry.NewBus()
			fourWordEvent.Attach(bus, func(_ context.Context, v fourWords) { received += v.Size })
			emitFour(b, bus)
		}},
		{"words=4/lib=EventBus", 0, func(b *testing.B) {
			bus := EventBus.New()
			if err := bus.Subscribe("peers.words.four", func(v fourWords) { received += v.Size }); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				bus.Publish("peers.words.four", fourWords{Key: "k", Size: 1, Count: 2})
			}
		}},
		{"words=4/lib=slog", 0, func(b *testing.B) { logFour(b, slog.New(sizeHandler{})) }},
	})
}

// logFour logs with the cheapest call that slog has.
func logFour(b *testing.B, log *slog.Logger) {
	ctx := b.Context()
	for b.Loop() {
		log.LogAttrs(ctx, slog.LevelInfo, "four words", slog.String("key", "k"), slog.Int64("size", 1), slog.Int64("count", 2))
	}
}

// sizeHandler does what the listeners do: it adds up one attribute and writes
// nothing.
type sizeHandler struct{}

func (sizeHandler) Enabled(context.Context, slog.Level) bool { return true }

func (sizeHandler) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "size" {
			received += a.Value.Int64()
		}
		return true
	})
	return nil
}

func (h sizeHandler) WithAttrs([]slog.Attr) slog.Handler { return h }
func (h sizeHandler) WithGroup(string) slog.Handler      { return h }

func TestEveryListenerReceivesTheSize(t *testing.T) {
	received = 0
	bus := telemetry.NewBus()
	fourWordEvent.Attach(bus, func(_ context.Context, v fourWords) { received += v.Size })
	fourWordEvent.Bind(bus).Emit(t.Context(), fourWords{Size: 1})
	slog.New(sizeHandler{}).LogAttrs(t.Context(), slog.LevelInfo, "", slog.String("key", "k"), slog.Int64("size", 10))
	peer := EventBus.New()
	if err := peer.Subscribe("peers.words.four", func(v fourWords) { received += v.Size }); err != nil {
		t.Fatal(err)
	}
	peer.Publish("peers.words.four", fourWords{Size: 100})
	if received != 111 {
		t.Errorf("received %d, want 1 by the typed event, 10 by slog and 100 by EventBus", received)
	}
}
