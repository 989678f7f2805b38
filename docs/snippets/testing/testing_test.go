package testing_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/fakeclock"
	"github.com/sleepless-go/sleepless/foundation/cache"
	"github.com/sleepless-go/sleepless/foundation/telemetry"
	"github.com/sleepless-go/sleepless/foundation/telemetry/telemetrytest"
)

func TestEvent(t *testing.T) {
	ctx := t.Context()
	// snippet:begin event
	bus := telemetry.NewBus()
	rec := telemetrytest.Record(t, bus) // 1. record
	users, err := cache.New(cache.Options[int, string]{Name: "users", Events: bus})
	if err != nil {
		t.Fatal(err)
	}
	defer users.Close()

	go users.Put(ctx, 1, "ann") // 2. act

	telemetrytest.Await(t, "user 1 is cached", rec, cache.Put, // 3. wait
		func(e cache.PutData) bool { return e.Instance == "users" && e.Key == "1" })
	// snippet:end event
}

func TestBubble(t *testing.T) {
	// snippet:begin bubble
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var answer eventually.Var[int]
		time.AfterFunc(42*time.Hour, func() { answer.Set(42) }) // the code under test takes its time
		eventually.Until(t, "there is an answer", func() bool { return answer.Load() != 0 },
			eventually.On(&answer), eventually.Within(48*time.Hour))
		if took := time.Since(start); took != 42*time.Hour {
			t.Errorf("it took %v, want 42h exactly", took)
		}
	})
	// snippet:end bubble
}

func TestNegative(t *testing.T) {
	ctx := context.Background()
	// snippet:begin negative
	clk := fakeclock.New()
	rec := telemetrytest.NewRecorder(t, eventually.StampWith(clk)) // its timeline shows fake time
	users, err := cache.New(cache.Options[string, int]{DefaultTTL: time.Hour, Clock: clk, Events: rec})
	if err != nil {
		t.Fatal(err)
	}
	defer users.Close()
	users.Put(ctx, "ann", 1)

	clk.Advance(time.Hour - time.Nanosecond) // everything due by then has happened
	telemetrytest.Never(t, "ann is evicted too early", rec, cache.Evicted, nil, eventually.AtOnce())

	clk.Advance(time.Nanosecond)
	telemetrytest.Await(t, "ann is evicted", rec, cache.Evicted, nil, eventually.AtOnce())
	// snippet:end negative
}

func TestNeverReturnsEarlyWhenIdle(t *testing.T) {
	// snippet:begin never
	clk := fakeclock.New()
	var alarms eventually.Counter
	alarm := clk.AfterFunc(time.Hour, func() { alarms.Add(1) })
	alarm.Stop()
	// The clock is idle: no timer is armed, so nothing can raise the alarm, and
	// Never returns at once instead of watching for 100 ms.
	eventually.Never(t, "an alarm is raised", func() bool { return alarms.Load() > 0 }, eventually.On(clk))
	// snippet:end never
}
