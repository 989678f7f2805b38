package telemetry_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/sleepless-go/sleepless/foundation/telemetry"
)

// Stored is declared beside the code that emits it.
var Stored = telemetry.NewEvent[StoredData]("example.shelf.stored", "An item was put on the shelf.")

// StoredData is the payload of Stored.
type StoredData struct {
	telemetry.Commit
	Item string `telemetry:"attr" doc:"The item."`
	Size int    `telemetry:"measure,unit=bytes" doc:"Its size."`
}

// Shelf is a component: it binds its events once and emits them after the
// state is committed, outside its lock.
type Shelf struct {
	name   string
	stored telemetry.Emitter[StoredData]
	seq    telemetry.Sequence
}

func NewShelf(name string, events telemetry.Sink) *Shelf {
	return &Shelf{name: name, stored: Stored.Bind(events)}
}

func (s *Shelf) Put(ctx context.Context, item string) {
	commit := telemetry.Commit{Instance: s.name, Seq: s.seq.Next()}
	s.stored.Emit(ctx, StoredData{Commit: commit, Item: item, Size: len(item)})
}

func Example() {
	bus := telemetry.NewBus()
	h := Stored.Attach(bus, func(_ context.Context, d StoredData) {
		fmt.Println(d.Instance, d.Seq, d.Item)
	})
	defer h.Close()

	shelf := NewShelf("top", bus)
	shelf.Put(context.Background(), "book")
	shelf.Put(context.Background(), "vase")
	// Output:
	// top 1 book
	// top 2 vase
}

func ExampleBus_AttachPrefix() {
	bus := telemetry.NewBus()
	h, err := bus.AttachPrefix("example.shelf", func(_ context.Context, r telemetry.Record) {
		fmt.Println(r)
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer h.Close()
	NewShelf("top", bus).Put(context.Background(), "book")

	_, err = bus.AttachPrefix("example.shelve", func(context.Context, telemetry.Record) {})
	fmt.Println(errors.Is(err, telemetry.ErrUnknownEvent), err)
	// Output:
	// example.shelf.stored item=book size=4 instance=top seq=1
	// true telemetry: unknown event: prefix "example.shelve"; did you mean example.shelf.stored?
}

func ExampleOnPanic() {
	bus := telemetry.NewBus()
	telemetry.HandlerFailure.Attach(bus, func(_ context.Context, f telemetry.HandlerFailureData) {
		fmt.Println(f.Handler, "failed at", f.Event+":", f.Panic, "→", f.Outcome)
	})
	h := Stored.Attach(bus, func(context.Context, StoredData) { panic("no disk") },
		telemetry.Named("archive"), telemetry.OnPanic(telemetry.Quarantine), telemetry.After(2))

	shelf := NewShelf("top", bus)
	for range 3 {
		shelf.Put(context.Background(), "book")
	}
	fmt.Println(h.State(), h.Failures())
	fmt.Println(h.Reattach(), h.State())
	// Output:
	// archive failed at example.shelf.stored: no disk → active
	// archive failed at example.shelf.stored: no disk → quarantined
	// quarantined 2
	// <nil> active
}

func ExampleHandle_CloseAndWait() {
	bus := telemetry.NewBus()
	h := Stored.Attach(bus, func(context.Context, StoredData) {}, telemetry.Awaitable())
	go NewShelf("top", bus).Put(context.Background(), "book")
	// Whether or not the item was stored by now, the handler is through with it.
	fmt.Println(h.CloseAndWait(context.Background()), h.State())
	// Output: <nil> closed
}

func ExampleEvent_Stream() {
	bus := telemetry.NewBus()
	s, err := Stored.Stream(bus, telemetry.StreamOptions{Capacity: 2, Policy: telemetry.DropOldest})
	if err != nil {
		fmt.Println(err)
		return
	}
	shelf := NewShelf("top", bus)
	for _, item := range []string{"book", "vase", "lamp"} {
		shelf.Put(context.Background(), item)
	}
	s.Close()
	for d := range s.C() {
		fmt.Println(d.Item)
	}
	fmt.Println("delivered", s.Delivered(), "dropped", s.Dropped())
	// Output:
	// vase
	// lamp
	// delivered 2 dropped 1
}

func ExampleBus_Notify() {
	bus := telemetry.NewBus()
	wake := make(chan struct{}, 1)
	stop := bus.Notify(wake)
	defer stop()
	go NewShelf("top", bus).Put(context.Background(), "book")
	<-wake
	fmt.Println("something happened")
	// Output: something happened
}

func ExampleFanout() {
	a, b := telemetry.NewBus(), telemetry.NewBus()
	a.AttachAll(func(_ context.Context, r telemetry.Record) { fmt.Println("a", r) })
	b.AttachAll(func(_ context.Context, r telemetry.Record) { fmt.Println("b", r) })
	NewShelf("top", telemetry.Fanout(a, nil, b)).Put(context.Background(), "book")
	// Output:
	// a example.shelf.stored item=book size=4 instance=top seq=1
	// b example.shelf.stored item=book size=4 instance=top seq=1
}

func ExampleLookup() {
	d, ok := telemetry.Lookup("example.shelf.stored")
	fmt.Println(ok, d.Doc)
	for _, f := range d.Fields {
		fmt.Printf("%s (%v)\n", f.Name, f.Kind)
	}
	// Output:
	// true An item was put on the shelf.
	// instance (label)
	// seq (attr)
	// item (attr)
	// size (measure)
}

func ExampleTracer_Do() {
	bus := telemetry.NewBus()
	telemetry.SpanEnded.Attach(bus, func(_ context.Context, d telemetry.SpanEndedData) {
		fmt.Println(d.Span, d.Status, d.Error, d.Attributes, "root:", d.ParentID.IsZero())
	})
	tracer := telemetry.NewTracer(bus, telemetry.TracerOptions{})
	err := tracer.Do(context.Background(), "request", func(ctx context.Context) error {
		telemetry.SpanFromContext(ctx).SetAttr(slog.Int("user", 7))
		return tracer.Do(ctx, "query", func(context.Context) error { return errors.New("no rows") })
	})
	fmt.Println(err)
	// Output:
	// query error no rows [] root: false
	// request error no rows [user=7] root: true
	// no rows
}

func ExampleParseTraceparent() {
	parent, err := telemetry.ParseTraceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	fmt.Println(parent.TraceID, parent.SpanID, parent.Sampled, err)
	_, err = telemetry.ParseTraceparent("4bf92f3577b34da6")
	fmt.Println(err)
	// Output:
	// 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7 true <nil>
	// telemetry: malformed traceparent "4bf92f3577b34da6": 16 bytes, want 55
}

func ExampleSlogHandler() {
	withoutTime := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}
	log := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: withoutTime}))
	bus := telemetry.NewBus()
	bus.AttachAll(telemetry.SlogHandler(log, telemetry.SlogOptions{
		Redact: func(f telemetry.Field, v any) any {
			if f.Name == "item" {
				return "***"
			}
			return v
		},
	}))
	NewShelf("top", bus).Put(context.Background(), "diary")
	// Output: level=INFO msg=example.shelf.stored instance=top seq=1 item=*** size=5
}
