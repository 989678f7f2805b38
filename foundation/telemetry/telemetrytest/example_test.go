package telemetrytest_test

import (
	"context"
	"fmt"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/foundation/telemetry"
	"github.com/sleepless-go/sleepless/foundation/telemetry/telemetrytest"
)

func ExampleRecord() {
	t := &spy{} // stands for the *testing.T of a test
	bus := telemetry.NewBus()
	rec := telemetrytest.Record(t, bus)

	go newBox("attic", bus).Fill(context.Background(), "hat")

	e := telemetrytest.Await(t, "the hat goes in", rec, filled, func(d filledData) bool { return d.Content == "hat" })
	fmt.Println(e.Instance, e.Content)
	// Output: attic hat
}

func ExampleNewRecorder() {
	rec := telemetrytest.NewRecorder(&spy{})
	b := newBox("attic", rec) // instead of a bus
	b.Fill(context.Background(), "hat")
	b.Empty(context.Background())
	for _, r := range rec.History() {
		fmt.Println(r.Event.Name)
	}
	// Output:
	// telemetrytest.box.filled
	// telemetrytest.box.emptied
}

func ExampleAwaitInOrder() {
	t := &spy{} // stands for the *testing.T of a test
	rec := telemetrytest.NewRecorder(t)
	b := newBox("attic", rec)
	go func() {
		b.Fill(context.Background(), "hat")
		b.Empty(context.Background())
	}()
	got := telemetrytest.AwaitInOrder(t, "the hat goes in and out", rec, []telemetrytest.Match{
		telemetrytest.Is(filled, func(d filledData) bool { return d.Content == "hat" }),
		telemetrytest.Is(emptied),
	})
	fmt.Println(len(got), "events in commit order")
	// Output: 2 events in commit order
}

func ExampleAll() {
	rec := telemetrytest.NewRecorder(&spy{})
	b := newBox("attic", rec)
	b.Fill(context.Background(), "hat")
	b.Fill(context.Background(), "coat")
	for _, d := range telemetrytest.All(rec, filled) {
		fmt.Println(d.Content)
	}
	// Output:
	// hat
	// coat
}

func ExampleNever() {
	t := &spy{} // stands for the *testing.T of a test
	rec := telemetrytest.NewRecorder(t)
	newBox("attic", rec).Fill(context.Background(), "hat")
	// Everything due has happened: look once.
	telemetrytest.Never(t, "the box is emptied", rec, emptied, nil, eventually.AtOnce())
	fmt.Println("failures:", len(t.texts))
	// Output: failures: 0
}

func ExampleSee() {
	b := newBox("attic", nil)
	see := telemetrytest.See(filled, func(d filledData) error {
		if got := b.Content(); got != d.Content {
			return fmt.Errorf("the event says %q, the box holds %q", d.Content, got)
		}
		return nil
	})
	fmt.Println(see(filled.Record(filledData{Content: "hat"})))
	// Output: the event says "hat", the box holds ""
}

func ExampleContract() {
	t := &spy{} // stands for the *testing.T of a test
	telemetrytest.Contract(t, func(sink telemetry.Sink) telemetrytest.Subject {
		b := newBox("attic", sink)
		return telemetrytest.Subject{Acts: []telemetrytest.Act{{
			Event: filled,
			Do:    func(ctx context.Context) { b.Fill(ctx, "hat") },
			See: func(r telemetry.Record) error {
				if b.Content() != "hat" {
					return fmt.Errorf("the box holds %q", b.Content())
				}
				return nil
			},
		}}}
	})
	fmt.Println("breaches:", len(t.texts))
	// Output: breaches: 0
}
