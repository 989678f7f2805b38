package telemetry_test

import (
	"context"
	"testing"

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
	fourWordEvent = telemetry.NewEvent[fourWords]("bench.words.four", "A benchmark emitted four words.")
	tenWordEvent  = telemetry.NewEvent[tenWords]("bench.words.ten", "A benchmark emitted ten words.")
)

var benchSum int64

func emitFour(b *testing.B, e telemetry.Emitter[fourWords]) {
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		e.Emit(ctx, fourWords{Key: "k", Size: 1, Count: 2})
	}
}

func emitTen(b *testing.B, e telemetry.Emitter[tenWords]) {
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		e.Emit(ctx, tenWords{Commit: telemetry.Commit{Instance: "i", Seq: 1}, Key: "k", Reason: "r", A: 1, B: 2, C: 3})
	}
}

func BenchmarkEmitToNobody(b *testing.B) {
	b.Run("words=4", func(b *testing.B) { emitFour(b, fourWordEvent.Bind(telemetry.NewBus())) })
	b.Run("words=10", func(b *testing.B) { emitTen(b, tenWordEvent.Bind(telemetry.NewBus())) })
	b.Run("sink=nil", func(b *testing.B) { emitTen(b, tenWordEvent.Bind(nil)) })
}

func BenchmarkEmitToOneTyped(b *testing.B) {
	b.Run("words=4", func(b *testing.B) {
		bus := telemetry.NewBus()
		fourWordEvent.Attach(bus, func(_ context.Context, v fourWords) { benchSum += v.Size })
		emitFour(b, fourWordEvent.Bind(bus))
	})
	b.Run("words=10", func(b *testing.B) {
		bus := telemetry.NewBus()
		tenWordEvent.Attach(bus, func(_ context.Context, v tenWords) { benchSum += v.A })
		emitTen(b, tenWordEvent.Bind(bus))
	})
	b.Run("words=4/awaitable", func(b *testing.B) {
		bus := telemetry.NewBus()
		fourWordEvent.Attach(bus, func(_ context.Context, v fourWords) { benchSum += v.Size }, telemetry.Awaitable())
		emitFour(b, fourWordEvent.Bind(bus))
	})
}

func BenchmarkEmitToThreeTyped(b *testing.B) {
	bus := telemetry.NewBus()
	for range 3 {
		fourWordEvent.Attach(bus, func(_ context.Context, v fourWords) { benchSum += v.Size })
	}
	emitFour(b, fourWordEvent.Bind(bus))
}

func BenchmarkEmitToOneUntyped(b *testing.B) {
	bus := telemetry.NewBus()
	bus.AttachAll(func(_ context.Context, r telemetry.Record) { benchSum++ })
	emitFour(b, fourWordEvent.Bind(bus))
}

func BenchmarkEmitToOtherSink(b *testing.B) {
	b.Run("enabled", func(b *testing.B) { emitFour(b, fourWordEvent.Bind(keepAll{})) })
	b.Run("disabled", func(b *testing.B) { emitFour(b, fourWordEvent.Bind(deaf{})) })
}

func BenchmarkEmitWhileSomebodyWaits(b *testing.B) {
	bus := telemetry.NewBus()
	defer bus.Notify(make(chan struct{}, 1))()
	emitFour(b, fourWordEvent.Bind(bus))
}

func BenchmarkEmitParallel(b *testing.B) {
	bus := telemetry.NewBus()
	fourWordEvent.Attach(bus, func(context.Context, fourWords) {})
	e := fourWordEvent.Bind(bus)
	ctx := b.Context()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			e.Emit(ctx, fourWords{Key: "k"})
		}
	})
}

func BenchmarkPanickingHandler(b *testing.B) {
	bus := telemetry.NewBus()
	fourWordEvent.Attach(bus, func(context.Context, fourWords) { panic("boom") })
	emitFour(b, fourWordEvent.Bind(bus))
}

func BenchmarkNotifyAndStop(b *testing.B) {
	bus := telemetry.NewBus()
	for _, d := range telemetry.Catalogue() {
		bus.Enabled(d) // makes the lines that a waiter wakes
	}
	ch := make(chan struct{}, 1)
	b.ReportAllocs()
	for b.Loop() {
		bus.Notify(ch)()
	}
}

func BenchmarkAttachAndClose(b *testing.B) {
	bus := telemetry.NewBus()
	b.ReportAllocs()
	for b.Loop() {
		fourWordEvent.Attach(bus, func(context.Context, fourWords) {}).Close()
	}
}

func BenchmarkStream(b *testing.B) {
	bus := telemetry.NewBus()
	s, err := fourWordEvent.Stream(bus, telemetry.StreamOptions{Capacity: 1, Policy: telemetry.DropOldest})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	emitFour(b, fourWordEvent.Bind(bus))
}

func BenchmarkSpan(b *testing.B) {
	run := func(b *testing.B, sink telemetry.Sink) {
		tr := telemetry.NewTracer(sink, telemetry.TracerOptions{})
		ctx := b.Context()
		b.ReportAllocs()
		for b.Loop() {
			_, s := tr.Start(ctx, "work")
			s.End(nil)
		}
	}
	b.Run("nobody", func(b *testing.B) { run(b, telemetry.NewBus()) })
	b.Run("typed", func(b *testing.B) {
		bus := telemetry.NewBus()
		telemetry.SpanEnded.Attach(bus, func(context.Context, telemetry.SpanEndedData) { benchSum++ })
		run(b, bus)
	})
}

func BenchmarkFieldNumber(b *testing.B) {
	r := fourWordEvent.Record(fourWords{Key: "k", Size: 1})
	f, _ := r.Event.Field("size")
	b.ReportAllocs()
	for b.Loop() {
		f.Number(r)
	}
}
