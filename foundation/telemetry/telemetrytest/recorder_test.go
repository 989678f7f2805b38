package telemetrytest_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/foundation/telemetry"
	"github.com/sleepless-go/sleepless/foundation/telemetry/telemetrytest"
)

func TestAwaitFindsAnEventThatHappenedBeforeTheWait(t *testing.T) {
	bus := telemetry.NewBus()
	rec := telemetrytest.Record(t, bus)
	b := newBox("attic", bus)
	b.Fill(t.Context(), "hat")
	b.Fill(t.Context(), "coat")
	got := telemetrytest.Await(t, "the coat goes in", rec, filled, func(d filledData) bool { return d.Content == "coat" })
	if got.Instance != "attic" || got.Seq != 2 {
		t.Errorf("got %+v", got)
	}
}

func TestAwaitIsWokenByAnEventThatHappensLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := telemetrytest.NewRecorder(t)
		b := newBox("attic", rec) // a recorder is a Sink
		start := time.Now()
		time.AfterFunc(1234*time.Microsecond, func() { b.Fill(context.Background(), "hat") })
		telemetrytest.Await(t, "anything goes in", rec, filled, nil)
		if took := time.Since(start); took != 1234*time.Microsecond {
			t.Errorf("woken after %v, want exactly 1.234ms", took)
		}
	})
}

func TestKindsAreNotMixedUp(t *testing.T) {
	rec := telemetrytest.NewRecorder(t)
	b := newBox("attic", rec)
	b.Fill(t.Context(), "hat")
	b.Empty(t.Context())
	if n := len(telemetrytest.All(rec, filled)); n != 1 {
		t.Errorf("All(filled) has %d events, want 1", n)
	}
	if got := telemetrytest.All(rec, emptied); len(got) != 1 || got[0].Content != "hat" {
		t.Errorf("All(emptied) = %+v", got)
	}
	if n := rec.Count(telemetrytest.Is(emptied, func(d emptiedData) bool { return d.Content == "coat" })); n != 0 {
		t.Errorf("Count of another content = %d, want 0", n)
	}
}

func TestAwaitInOrderGoesByCommitSequenceNotByArrival(t *testing.T) {
	rec := telemetrytest.NewRecorder(t)
	ctx := context.Background()
	// Two goroutines deliver outside the lock: the later commit arrives first.
	emptied.Bind(rec).Emit(ctx, emptiedData{telemetry.Commit{Instance: "attic", Seq: 2}, "hat"})
	filled.Bind(rec).Emit(ctx, filledData{telemetry.Commit{Instance: "attic", Seq: 1}, "hat"})
	got := telemetrytest.AwaitInOrder(t, "filled, then emptied", rec, []telemetrytest.Match{telemetrytest.Is(filled), telemetrytest.Is(emptied)})
	if len(got) != 2 || got[0].Event != filled.Descriptor() {
		t.Errorf("got %v", got)
	}
	text := failure(func(t *spy) {
		telemetrytest.AwaitInOrder(t, "emptied, then filled", rec, []telemetrytest.Match{telemetrytest.Is(emptied), telemetrytest.Is(filled)},
			eventually.After(0), eventually.Within(time.Millisecond))
	})
	mustContain(t, text, "step 2")
}

func TestAFailedAwaitShowsWhatHappenedInstead(t *testing.T) {
	bus := telemetry.NewBus()
	text := failure(func(t *spy) {
		rec := telemetrytest.Record(t, bus)
		newBox("attic", bus).Fill(context.Background(), "hat")
		telemetrytest.Await(t, "the coat goes in", rec, filled, func(d filledData) bool { return d.Content == "coat" }, eventually.Within(time.Millisecond))
	})
	mustContain(t, text, `"the coat goes in" did not happen within 1ms`, "telemetrytest.box.filled", "content=hat", "1 event, none matches")
}

func TestRecordersOfTwoBusesDoNotHearEachOther(t *testing.T) {
	busA, busB := telemetry.NewBus(), telemetry.NewBus()
	a, b := telemetrytest.Record(t, busA), telemetrytest.Record(t, busB)
	newBox("attic", busA).Fill(t.Context(), "hat")
	if a.Len() != 1 || b.Len() != 0 {
		t.Errorf("recorded %d and %d events, want 1 and 0", a.Len(), b.Len())
	}
}

func TestRecordIsDetachedWhenItsTestEnds(t *testing.T) {
	bus := telemetry.NewBus()
	var rec *telemetrytest.Recorder
	if text := failure(func(t *spy) { rec = telemetrytest.Record(t, bus) }); text != "" {
		t.Fatal(text)
	}
	if n := len(bus.Handlers()); n != 0 {
		t.Errorf("%d handlers left on the bus", n)
	}
	if rec.Enabled(filled.Descriptor()) {
		t.Error("a closed recorder says it listens")
	}
}

func TestStrictFailsForWhatNobodyAwaited(t *testing.T) {
	text := failure(func(t *spy) {
		rec := telemetrytest.NewRecorder(t).Strict()
		b := newBox("attic", rec)
		b.Fill(context.Background(), "hat")
		b.Empty(context.Background())
		telemetrytest.Await(t, "it is emptied", rec, emptied, nil)
	})
	mustContain(t, text, "1 event not consumed", "telemetrytest.box.filled", "content=hat")
}

func TestNoEventIsLostUnderConcurrentEmission(t *testing.T) {
	const goroutines, each = 8, 200
	bus := telemetry.NewBus()
	rec := telemetrytest.Record(t, bus)
	b := newBox("attic", bus)
	var wg sync.WaitGroup
	for range goroutines {
		wg.Go(func() {
			for range each {
				b.Fill(context.Background(), "hat")
			}
		})
	}
	for range goroutines * each {
		telemetrytest.Await(t, "one more", rec, filled, nil)
	}
	wg.Wait()
	seen := map[uint64]bool{}
	for _, d := range telemetrytest.All(rec, filled) {
		seen[d.Seq] = true
	}
	if len(seen) != goroutines*each {
		t.Errorf("%d distinct events recorded, want %d", len(seen), goroutines*each)
	}
}

func TestNeverFailsForWhatHasHappenedAndShowsIt(t *testing.T) {
	rec := telemetrytest.NewRecorder(t)
	b := newBox("attic", rec)
	b.Fill(t.Context(), "hat")
	telemetrytest.Never(t, "it is emptied", rec, emptied, nil, eventually.AtOnce())
	telemetrytest.Never(t, "a coat goes in", rec, filled, func(d filledData) bool { return d.Content == "coat" }, eventually.AtOnce())
	text := failure(func(t *spy) {
		telemetrytest.Never(t, "a hat goes in", rec, filled, func(d filledData) bool { return d.Content == "hat" }, eventually.AtOnce())
	})
	mustContain(t, text, `"a hat goes in" was not to happen, and it had happened already`, "telemetrytest.box.filled", "content=hat")
}

func TestAFailedAwaitNamesTheKindAndWhatWasNotAccepted(t *testing.T) {
	rec := telemetrytest.NewRecorder(t)
	newBox("attic", rec).Fill(t.Context(), "hat")
	text := failure(func(t *spy) {
		telemetrytest.Await(t, "the coat goes in", rec, filled, func(d filledData) bool { return d.Content == "coat" }, eventually.AtOnce())
	})
	mustContain(t, text, `"the coat goes in" has not happened`, "awaited:    telemetrytest.box.filled (1 recorded since the search began)", "closest:", "not accepted by the match")
	text = failure(func(t *spy) {
		telemetrytest.Await(t, "it is emptied", rec, emptied, nil, eventually.AtOnce())
	})
	mustContain(t, text, "awaited:    telemetrytest.box.emptied (0 recorded since the search began)")
}
