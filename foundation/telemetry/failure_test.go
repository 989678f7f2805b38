package telemetry_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/sleepless-go/sleepless/foundation/telemetry"
)

func explode(context.Context, hitData) { panic("boom") }

func TestAPanicReachesNeitherTheEmitterNorTheHandlersAfterIt(t *testing.T) {
	var j journal
	bus := telemetry.NewBus(telemetry.Named("main"))
	var failures []telemetry.HandlerFailureData
	telemetry.HandlerFailure.Attach(bus, func(_ context.Context, f telemetry.HandlerFailureData) {
		failures = append(failures, f)
		j.note("failure")
	})
	hit.Attach(bus, typed[hitData](&j, "before"))
	h := hit.Attach(bus, explode, telemetry.Named("bomb"))
	hit.Attach(bus, typed[hitData](&j, "between"))
	must[*telemetry.Handle](t)(bus.AttachPrefix("test.cache", func(context.Context, telemetry.Record) { panic(errors.New("second")) }))
	hit.Attach(bus, typed[hitData](&j, "after"))
	hit.Bind(bus).Emit(t.Context(), hitData{})

	j.expect(t, "before", "failure", "between", "failure", "after")
	if h.Failures() != 1 || bus.Failures() != 2 || h.State() != telemetry.Active {
		t.Errorf("failures %d of the handler, %d of the bus, state %v", h.Failures(), bus.Failures(), h.State())
	}
	first, second := failures[0], failures[1]
	if first.Instance != "main" || first.Seq != 1 || first.Handler != "bomb" || first.ID != 3 || first.Event != "test.cache.hit" ||
		first.Cause != "panic" || first.Outcome != "active" || first.Failures != 1 || first.Panic != "boom" {
		t.Errorf("first report %+v", first)
	}
	if !strings.HasPrefix(first.Stack, "github.com/sleepless-go/sleepless/foundation/telemetry_test.explode(") {
		t.Errorf("the stack does not start with the function that panicked:\n%s", first.Stack)
	}
	if second.Handler != "test.cache.*" || second.Panic != "second" || second.Seq != 2 {
		t.Errorf("second report %+v", second)
	}
	if i := bus.Handlers()[2]; i.Name != "bomb" || i.Failures != 1 || i.LastFailure != "boom" {
		t.Errorf("info %+v", i)
	}
}

func TestPoliciesDecideWhetherAFailedHandlerStays(t *testing.T) {
	for _, c := range []struct {
		name  string
		bus   []telemetry.BusOption
		opts  []telemetry.AttachOption
		state telemetry.State
		calls int // of three emissions
	}{
		{"default is keep", nil, nil, telemetry.Active, 3},
		{"quarantine", nil, []telemetry.AttachOption{telemetry.OnPanic(telemetry.Quarantine)}, telemetry.Quarantined, 1},
		{"detach", nil, []telemetry.AttachOption{telemetry.OnPanic(telemetry.Detach)}, telemetry.Detached, 1},
		{"after two", nil, []telemetry.AttachOption{telemetry.After(2), telemetry.OnPanic(telemetry.Detach)}, telemetry.Detached, 2},
		{"default of the bus", []telemetry.BusOption{telemetry.OnPanic(telemetry.Quarantine), telemetry.After(2)}, nil, telemetry.Quarantined, 2},
		{"handler overrides the bus", []telemetry.BusOption{telemetry.OnPanic(telemetry.Detach)},
			[]telemetry.AttachOption{telemetry.OnPanic(telemetry.Keep)}, telemetry.Active, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			bus := telemetry.NewBus(c.bus...)
			var outcomes []string
			telemetry.HandlerFailure.Attach(bus, func(_ context.Context, f telemetry.HandlerFailureData) {
				outcomes = append(outcomes, f.Outcome)
			})
			calls := 0
			h := hit.Attach(bus, func(context.Context, hitData) { calls++; panic(calls) }, c.opts...)
			e := hit.Bind(bus)
			for range 3 {
				e.Emit(t.Context(), hitData{})
			}
			if h.State() != c.state || calls != c.calls {
				t.Errorf("state %v after %d calls, want %v after %d", h.State(), calls, c.state, c.calls)
			}
			if last := outcomes[len(outcomes)-1]; len(outcomes) != c.calls || last != c.state.String() {
				t.Errorf("reported %q, want %d ending in %v", outcomes, c.calls, c.state)
			}
			if i := bus.Handlers()[1]; i.State != c.state || i.LastFailure != fmt.Sprint(c.calls) {
				t.Errorf("listed as %+v", i)
			}
			if wantEnabled := c.state == telemetry.Active; e.Enabled() != wantEnabled {
				t.Errorf("Enabled() = %v with its only handler %v", e.Enabled(), c.state)
			}
		})
	}
}

func TestAQuarantinedHandlerReturnsToItsPlaceWithAFreshCount(t *testing.T) {
	var j journal
	bus := telemetry.NewBus()
	healthy := false
	hit.Attach(bus, typed[hitData](&j, "a"))
	h := hit.Attach(bus, func(context.Context, hitData) {
		j.note("b")
		if !healthy {
			panic("ill")
		}
	}, telemetry.OnPanic(telemetry.Quarantine), telemetry.After(2))
	hit.Attach(bus, typed[hitData](&j, "c"))
	e := hit.Bind(bus)
	emit := func() { e.Emit(t.Context(), hitData{}) }

	emit()
	emit()
	emit()
	j.expect(t, "a", "b", "c", "a", "b", "c", "a", "c")
	if err := h.Reattach(); err != nil || h.State() != telemetry.Active {
		t.Fatalf("Reattach() = %v, state %v", err, h.State())
	}
	emit()
	j.expect(t, "a", "b", "c")
	if h.State() != telemetry.Active {
		t.Error("one failure after Reattach counted as the second")
	}
	healthy = true
	emit()
	j.expect(t, "a", "b", "c")
	if err := h.Reattach(); err != nil {
		t.Errorf("Reattach() of an active handler = %v", err)
	}
	if h.Failures() != 3 {
		t.Errorf("Failures() = %d, want all three", h.Failures())
	}
}

func TestReattachOfAHandlerThatIsGoneSaysSo(t *testing.T) {
	bus := telemetry.NewBus()
	detached := hit.Attach(bus, explode, telemetry.OnPanic(telemetry.Detach))
	closed := hit.Attach(bus, explode)
	closed.Close()
	hit.Bind(bus).Emit(t.Context(), hitData{})
	for _, h := range []*telemetry.Handle{detached, closed} {
		if err := h.Reattach(); !errors.Is(err, telemetry.ErrClosed) {
			t.Errorf("Reattach() of a %v handler = %v, want ErrClosed", h.State(), err)
		}
	}
	detached.Close()
	if detached.State() != telemetry.Closed || len(bus.Handlers()) != 0 {
		t.Errorf("state %v, %d handlers listed after closing all", detached.State(), len(bus.Handlers()))
	}
}

func TestAFailingFailureHandlerIsCountedAndNotReported(t *testing.T) {
	bus := telemetry.NewBus()
	calls := 0
	f := telemetry.HandlerFailure.Attach(bus, func(context.Context, telemetry.HandlerFailureData) { calls++; panic("me too") })
	hit.Attach(bus, explode)
	hit.Bind(bus).Emit(t.Context(), hitData{})
	if calls != 1 || f.Failures() != 1 || bus.Failures() != 2 {
		t.Errorf("%d calls, %d failures of the failure handler, %d of the bus; want 1, 1, 2", calls, f.Failures(), bus.Failures())
	}
}

// A failure handler that emits an event whose handlers fail would report
// failures of failures for ever; the context does not tell, since it need not
// be passed on.
func TestAFailureHandlerThatCausesFailuresComesToAnEnd(t *testing.T) {
	bus := telemetry.NewBus()
	e := hit.Bind(bus)
	calls := 0
	telemetry.HandlerFailure.Attach(bus, func(context.Context, telemetry.HandlerFailureData) {
		calls++
		e.Emit(context.Background(), hitData{})
	})
	hit.Attach(bus, explode)
	hit.Attach(bus, explode)
	e.Emit(t.Context(), hitData{})
	// Two failures reported, each of whose reports causes two that are not.
	if calls != 2 || bus.Failures() != 6 {
		t.Errorf("%d reports, %d failures; want 2, 6", calls, bus.Failures())
	}
}

func TestFailuresAtTheSameTimeAreAllReported(t *testing.T) {
	bus := telemetry.NewBus()
	var mu sync.Mutex
	var seqs []uint64
	telemetry.HandlerFailure.Attach(bus, func(_ context.Context, f telemetry.HandlerFailureData) {
		mu.Lock()
		defer mu.Unlock()
		seqs = append(seqs, f.Seq)
	})
	h := hit.Attach(bus, explode)
	var wg sync.WaitGroup
	const emitters, each = 4, 50
	for range emitters {
		wg.Go(func() {
			for range each {
				hit.Bind(bus).Emit(t.Context(), hitData{})
			}
		})
	}
	wg.Wait()
	slices.Sort(seqs)
	if len(seqs) != emitters*each || seqs[0] != 1 || seqs[len(seqs)-1] != emitters*each || h.Failures() != emitters*each {
		t.Errorf("%d reports, %d failures; want %d of both, each with its own number", len(seqs), h.Failures(), emitters*each)
	}
}

// emitAndEnd emits in a goroutine of its own and reports whether Emit returned.
func emitAndEnd(ctx context.Context, bus *telemetry.Bus) (returned bool) {
	var wg sync.WaitGroup
	wg.Go(func() {
		hit.Bind(bus).Emit(ctx, hitData{})
		returned = true
	})
	wg.Wait()
	return returned
}

func TestGoexitInAHandlerEndsTheEmitterButTheOthersStillGetTheEvent(t *testing.T) {
	var j journal
	bus := telemetry.NewBus()
	telemetry.HandlerFailure.Attach(bus, func(_ context.Context, f telemetry.HandlerFailureData) {
		j.note("%s %s", f.Cause, f.Panic)
		if !strings.HasPrefix(f.Stack, "github.com/sleepless-go/sleepless/foundation/telemetry_test.") {
			t.Errorf("stack does not start in the handler:\n%s", f.Stack)
		}
	})
	leave := func(context.Context, hitData) { runtime.Goexit() }
	h := hit.Attach(bus, leave, telemetry.OnPanic(telemetry.Quarantine))
	hit.Attach(bus, typed[hitData](&j, "second"))
	hit.Attach(bus, explode)
	hit.Attach(bus, leave)
	bus.AttachAll(func(_ context.Context, r telemetry.Record) {
		if r.Event == hit.Descriptor() {
			j.note("last")
		}
	})
	if emitAndEnd(t.Context(), bus) {
		t.Error("Emit returned though a handler ended the goroutine")
	}
	const goexit = "goexit the handler called runtime.Goexit (t.FailNow and t.Fatal do)"
	j.expect(t, goexit, "second", "panic boom", goexit, "last")
	if bus.Failures() != 3 || h.State() != telemetry.Quarantined {
		t.Errorf("%d failures, state %v; want 3, quarantined", bus.Failures(), h.State())
	}
}

func TestGoexitInAFailureHandlerDoesNotStopTheHandlersAfterTheFailedOne(t *testing.T) {
	var j journal
	bus := telemetry.NewBus()
	telemetry.HandlerFailure.Attach(bus, func(context.Context, telemetry.HandlerFailureData) { runtime.Goexit() })
	telemetry.HandlerFailure.Attach(bus, typed[telemetry.HandlerFailureData](&j, "second failure handler"))
	hit.Attach(bus, explode)
	hit.Attach(bus, typed[hitData](&j, "after"))
	if emitAndEnd(t.Context(), bus) {
		t.Error("Emit returned though a handler ended the goroutine")
	}
	j.expect(t, "second failure handler", "after")
}

func TestAnEmissionFromADeferredCallLeavesThePanicInFlightAlone(t *testing.T) {
	bus := telemetry.NewBus()
	hit.Attach(bus, explode)
	calls := 0
	hit.Attach(bus, func(context.Context, hitData) { calls++ })
	defer func() {
		if v := recover(); v != "the emitter's own" || calls != 1 {
			t.Errorf("recovered %v after %d calls", v, calls)
		}
	}()
	defer hit.Bind(bus).Emit(t.Context(), hitData{})
	panic("the emitter's own")
}

func TestTheTextOfAPanicIsBoundedAndSafe(t *testing.T) {
	bus := telemetry.NewBus()
	var got []string
	telemetry.HandlerFailure.Attach(bus, func(_ context.Context, f telemetry.HandlerFailureData) {
		got = append(got, f.Panic)
		if len(f.Stack) > 4<<10+40 {
			t.Errorf("stack of %d bytes", len(f.Stack))
		}
	})
	for _, v := range []any{strings.Repeat("x", 5000), brokenError{}, nil} {
		h := hit.Attach(bus, func(context.Context, hitData) { panicDeep(50, v) })
		hit.Bind(bus).Emit(t.Context(), hitData{})
		h.Close()
	}
	if len(got) != 3 || !strings.HasSuffix(got[0], "x… (3976 bytes more)") ||
		!strings.Contains(got[1], "PANIC=Error method: broken") || !strings.Contains(got[2], "panic called with nil") {
		t.Errorf("texts %q", got)
	}
}

func panicDeep(depth int, v any) {
	if depth == 0 {
		panic(v)
	}
	panicDeep(depth-1, v)
}

type brokenError struct{}

func (brokenError) Error() string { panic("broken") }
