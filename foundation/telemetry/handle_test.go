package telemetry_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sleepless-go/sleepless/foundation/telemetry"
)

func TestCloseIsIdempotentAndStopsDelivery(t *testing.T) {
	bus := telemetry.NewBus()
	n := 0
	h := hit.Attach(bus, func(context.Context, hitData) { n++ })
	e := hit.Bind(bus)
	e.Emit(t.Context(), hitData{})
	h.Close()
	h.Close()
	e.Emit(t.Context(), hitData{})
	if n != 1 || h.State() != telemetry.Closed {
		t.Errorf("%d calls, state %v; want 1, closed", n, h.State())
	}
}

func TestCloseAndWaitWaitsForCallsThatAreRunning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := telemetry.NewBus()
		release := make(chan struct{})
		h := hit.Attach(bus, func(context.Context, hitData) { <-release }, telemetry.Awaitable())
		for range 2 {
			go hit.Bind(bus).Emit(t.Context(), hitData{})
		}
		synctest.Wait()
		closed := make(chan error, 1)
		go func() { closed <- h.CloseAndWait(t.Context()) }()
		synctest.Wait()
		release <- struct{}{}
		synctest.Wait()
		select {
		case err := <-closed:
			t.Fatalf("CloseAndWait returned %v while a call was running", err)
		default:
		}
		release <- struct{}{}
		if err := <-closed; err != nil {
			t.Errorf("CloseAndWait() = %v", err)
		}
	})
}

func TestCloseAndWaitEndsWithItsContextAndCountsWhatStillRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := telemetry.NewBus()
		release := make(chan struct{})
		h := hit.Attach(bus, func(context.Context, hitData) { <-release }, telemetry.Awaitable(), telemetry.Named("slow"))
		go hit.Bind(bus).Emit(t.Context(), hitData{})
		synctest.Wait()
		enough := errors.New("waited enough")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, enough)
		defer cancel()
		err := h.CloseAndWait(ctx)
		if want := `telemetry: 1 calls of handler 1 "slow" (test.cache.hit) still running: waited enough`; !errors.Is(err, enough) || err.Error() != want {
			t.Errorf("CloseAndWait() = %v, want %s", err, want)
		}
		close(release)
		if err := h.CloseAndWait(t.Context()); err != nil {
			t.Errorf("second CloseAndWait() = %v", err)
		}
	})
}

func TestCloseAndWaitFromItsOwnHandlerEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := telemetry.NewBus()
		var h *telemetry.Handle
		var err error
		h = hit.Attach(bus, func(ctx context.Context, _ hitData) { err = h.CloseAndWait(ctx) }, telemetry.Awaitable())
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		hit.Bind(bus).Emit(ctx, hitData{})
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "1 calls of handler 1 (test.cache.hit)") {
			t.Errorf("CloseAndWait() = %v, want the context's end", err)
		}
	})
}

func TestCloseAndWaitOfAHandlerThatIsNotCountedClosesAndSaysWhatToDo(t *testing.T) {
	bus := telemetry.NewBus()
	h := hit.Attach(bus, func(context.Context, hitData) {})
	err := h.CloseAndWait(t.Context())
	if !errors.Is(err, telemetry.ErrNotAwaitable) || !strings.Contains(err.Error(), "telemetry.Awaitable()") || h.State() != telemetry.Closed {
		t.Errorf("CloseAndWait() = %v, state %v", err, h.State())
	}
}

func TestCallsThatPanicOrExitAreNoLongerRunning(t *testing.T) {
	bus := telemetry.NewBus()
	h := hit.Attach(bus, explode, telemetry.Awaitable())
	g := hit.Attach(bus, func(context.Context, hitData) { runtime.Goexit() }, telemetry.Awaitable())
	emitAndEnd(t.Context(), bus)
	for _, h := range []*telemetry.Handle{h, g} {
		if err := h.CloseAndWait(t.Context()); err != nil {
			t.Errorf("CloseAndWait() = %v", err)
		}
	}
	if bus.Failures() != 2 {
		t.Errorf("%d failures, want 2", bus.Failures())
	}
}

func TestNoCallStartsOrRunsAfterCloseAndWait(t *testing.T) {
	for range 300 {
		bus := telemetry.NewBus()
		var over atomic.Bool
		var late atomic.Int64
		h := hit.Attach(bus, func(context.Context, hitData) {
			if over.Load() {
				late.Add(1)
			}
		}, telemetry.Awaitable())
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				e := hit.Bind(bus)
				for range 20 {
					e.Emit(t.Context(), hitData{})
				}
			})
		}
		if err := h.CloseAndWait(t.Context()); err != nil {
			t.Fatal(err)
		}
		over.Store(true)
		wg.Wait()
		if late.Load() != 0 {
			t.Fatalf("%d calls after CloseAndWait", late.Load())
		}
	}
}

func TestStatesHaveNames(t *testing.T) {
	if telemetry.Detached.String() != "detached" || telemetry.State(9).String() != "State(9)" {
		t.Errorf("%v, %v", telemetry.Detached, telemetry.State(9))
	}
}
