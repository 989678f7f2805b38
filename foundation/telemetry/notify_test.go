package telemetry_test

import (
	"context"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/sleepless-go/sleepless/foundation/telemetry"
)

func TestAnEmissionWakesWaitersAfterItsHandlers(t *testing.T) {
	bus := telemetry.NewBus(telemetry.Named("b"))
	ch := make(chan struct{}, 1)
	defer bus.Notify(ch)()
	early := false
	hit.Attach(bus, func(context.Context, hitData) { early = len(ch) != 0 })
	hit.Bind(bus).Emit(t.Context(), hitData{})
	if early || len(ch) != 1 {
		t.Errorf("woken before the handlers: %v; pending afterwards: %d", early, len(ch))
	}
	if bus.Name() != "b" {
		t.Errorf("Name() = %q", bus.Name())
	}
}

func TestWaitersAreWokenByEventsWithoutHandlersAndByThoseBoundLater(t *testing.T) {
	bus := telemetry.NewBus()
	before := hit.Bind(bus)
	ch := make(chan struct{}, 1)
	stop := bus.Notify(ch)
	defer stop()
	before.Emit(t.Context(), hitData{})
	<-ch
	evicted.Bind(bus).Emit(t.Context(), evictedData{})
	<-ch
	bus.Handle(t.Context(), plain.Record(plainData{}))
	<-ch
}

func TestStopIsIdempotentAndLeavesOtherWaiters(t *testing.T) {
	bus := telemetry.NewBus()
	e := hit.Bind(bus)
	a, b := make(chan struct{}, 1), make(chan struct{}, 1)
	stopA, stopB := bus.Notify(a), bus.Notify(b)
	stopA()
	stopA()
	e.Emit(t.Context(), hitData{})
	if len(a) != 0 || len(b) != 1 {
		t.Errorf("pending %d, %d; want 0, 1", len(a), len(b))
	}
	stopB()
	if e.Enabled() {
		t.Error("emitters still pay though nobody waits")
	}
}

func TestWaitersAreWokenThoughAHandlerPanicsOrExits(t *testing.T) {
	bus := telemetry.NewBus()
	hit.Attach(bus, explode)
	ch := make(chan struct{}, 1)
	defer bus.Notify(ch)()
	hit.Bind(bus).Emit(t.Context(), hitData{})
	<-ch
	plain.Attach(bus, func(context.Context, plainData) { runtime.Goexit() })
	var emitter sync.WaitGroup
	emitter.Go(func() {
		plain.Bind(bus).Emit(t.Context(), plainData{})
		t.Error("Emit returned")
	})
	emitter.Wait()
	<-ch
}

func TestNoWakeUpIsLostWhateverTheInterleaving(t *testing.T) {
	bus := telemetry.NewBus()
	e := hit.Bind(bus)
	for range 2000 {
		var state atomic.Bool
		var wg sync.WaitGroup
		wg.Go(func() {
			state.Store(true)
			e.Emit(t.Context(), hitData{})
		})
		ch := make(chan struct{}, 1)
		stop := bus.Notify(ch)
		for !state.Load() {
			<-ch // hangs for ever if the wake-up is lost
		}
		stop()
		wg.Wait()
	}
}

func TestAnEmissionFromOutsideTheWaitersBubbleIsCounted(t *testing.T) {
	bus := telemetry.NewBus()
	ask, answered := make(chan struct{}), make(chan struct{})
	go func() {
		<-ask
		hit.Bind(bus).Emit(context.Background(), hitData{})
		close(answered)
	}()
	synctest.Test(t, func(t *testing.T) {
		ch := make(chan struct{}, 1)
		defer bus.Notify(ch)()
		ask <- struct{}{}
		<-answered
		if len(ch) != 0 {
			t.Error("an emission from outside reached a bubbled channel")
		}
	})
	if n, last := bus.Outside(); n != 1 || !strings.Contains(last, "notify_test.go:") {
		t.Errorf("Outside() = %d, %q; want 1 from this file", n, last)
	}
}
