package semantic_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sleepless-go/sleepless/foundation/telemetry"
	"github.com/sleepless-go/sleepless/foundation/telemetry/semantic"
)

// reporting returns a reporter and the lines of what it emitted.
func reporting() (*semantic.Reporter, func() []string) {
	bus := telemetry.NewBus()
	var mu sync.Mutex
	var lines []string
	bus.AttachAll(func(_ context.Context, r telemetry.Record) {
		mu.Lock()
		defer mu.Unlock()
		lines = append(lines, r.String())
	})
	return semantic.NewReporter(bus, semantic.Options{Instance: "main"}), func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(lines)
	}
}

func expect(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestEachMethodEmitsItsEvent(t *testing.T) {
	r, lines := reporting()
	ctx, oops := t.Context(), errors.New("oops")
	r.ServiceStarted(ctx, "api")
	r.ServiceError(ctx, "api", oops)
	r.ServiceStopped(ctx, "api")
	r.AsyncStarted(ctx, "sync")
	r.AsyncCompleted(ctx, "sync", time.Second)
	r.AsyncFailed(ctx, "sync", time.Second, oops)
	r.ResourceAcquired(ctx, "db")
	r.ResourceReleased(ctx, "db", time.Minute)
	r.ResourceExhausted(ctx, "db")
	r.CircuitBreakerStateChange(ctx, "api", "closed", "open")
	r.Metric(ctx, "queue_length", 42.5)
	expect(t, lines(),
		"foundation.service.started service=api instance=main seq=1",
		"foundation.service.error service=api error=oops instance=main seq=2",
		"foundation.service.stopped service=api instance=main seq=3",
		"foundation.async.started operation=sync instance=main seq=4",
		"foundation.async.completed operation=sync duration=1s instance=main seq=5",
		"foundation.async.failed operation=sync duration=1s error=oops instance=main seq=6",
		"foundation.resource.acquired resource_type=db instance=main seq=7",
		"foundation.resource.released resource_type=db hold_duration=1m0s instance=main seq=8",
		"foundation.resource.exhausted resource_type=db instance=main seq=9",
		"foundation.circuit_breaker.state_change service=api from_state=closed to_state=open instance=main seq=10",
		"foundation.metrics.recorded metric=queue_length value=42.5 instance=main seq=11",
	)
}

// wait lets virtual time pass.
func wait(ctx context.Context, d time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	<-ctx.Done()
}

func TestAsyncReportsOneStartAndOneEndHoweverTheOperationEnds(t *testing.T) {
	oops := errors.New("oops")
	for _, c := range []struct {
		name   string
		f      func()
		err    error
		panics any
		end    string
	}{
		{"return", func() {}, nil, nil, "foundation.async.completed operation=job duration=1s instance=main seq=2"},
		{"error", func() {}, oops, nil, "foundation.async.failed operation=job duration=1s error=oops instance=main seq=2"},
		{"panic", func() { panic("boom") }, nil, "boom", `foundation.async.failed operation=job duration=1s error="panic: boom" instance=main seq=2`},
		{"panic with an error", func() { panic(oops) }, nil, oops, `foundation.async.failed operation=job duration=1s error="panic: oops" instance=main seq=2`},
		{"goexit", runtime.Goexit, nil, nil, fmt.Sprintf("foundation.async.failed operation=job duration=1s error=%q instance=main seq=2", semantic.ErrGoexit)},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, lines := reporting()
				var wg sync.WaitGroup
				wg.Go(func() {
					defer func() {
						if v := recover(); v != c.panics {
							t.Errorf("panicked on with %v, want %v", v, c.panics)
						}
					}()
					err := r.Async(t.Context(), "job", func(ctx context.Context) error {
						wait(ctx, time.Second)
						c.f()
						return c.err
					})
					if err != c.err {
						t.Errorf("Async() = %v, want %v", err, c.err)
					}
				})
				wg.Wait()
				expect(t, lines(), "foundation.async.started operation=job instance=main seq=1", c.end)
			})
		})
	}
}

func TestAReleaseIsReportedOnceWithTheTimeHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, lines := reporting()
		release := r.Acquire(t.Context(), "db")
		wait(t.Context(), time.Minute)
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() { release(t.Context()) })
		}
		wg.Wait()
		expect(t, lines(),
			"foundation.resource.acquired resource_type=db instance=main seq=1",
			"foundation.resource.released resource_type=db hold_duration=1m0s instance=main seq=2")
	})
}

// A sync.Once is held while its function runs: a handler that releases again
// would wait for itself.
func TestAHandlerOfTheReleaseMayReleaseAgain(t *testing.T) {
	bus := telemetry.NewBus()
	r := semantic.NewReporter(bus, semantic.Options{})
	release := r.Acquire(t.Context(), "db")
	n := 0
	semantic.ResourceReleased.Attach(bus, func(ctx context.Context, _ semantic.ResourceReleasedData) {
		n++
		release(ctx)
	})
	release(t.Context())
	if n != 1 {
		t.Errorf("%d releases reported, want 1", n)
	}
}

func TestAReporterWithoutASinkStillRunsTheOperation(t *testing.T) {
	r := semantic.NewReporter(nil, semantic.Options{})
	calls := 0
	if err := r.Async(t.Context(), "job", func(context.Context) error { calls++; return nil }); err != nil || calls != 1 {
		t.Errorf("Async() = %v after %d calls", err, calls)
	}
	r.Acquire(t.Context(), "db")(t.Context())
}

func ExampleReporter_Async() {
	bus := telemetry.NewBus()
	semantic.AsyncFailed.Attach(bus, func(_ context.Context, d semantic.AsyncFailedData) {
		fmt.Println(d.Instance, d.Operation, "failed:", d.Error)
	})
	r := semantic.NewReporter(bus, semantic.Options{Instance: "billing"})
	err := r.Async(context.Background(), "invoice.send", func(context.Context) error { return errors.New("no address") })
	fmt.Println(err)
	// Output:
	// billing invoice.send failed: no address
	// no address
}

func ExampleReporter_Acquire() {
	bus := telemetry.NewBus()
	bus.AttachAll(func(_ context.Context, r telemetry.Record) { fmt.Println(r.Event.Name) })
	r := semantic.NewReporter(bus, semantic.Options{})
	release := r.Acquire(context.Background(), "connection")
	release(context.Background())
	release(context.Background()) // does nothing
	// Output:
	// foundation.resource.acquired
	// foundation.resource.released
}

type brokenSink struct{ handled []string }

func (*brokenSink) Enabled(*telemetry.Descriptor) bool { return true }

func (s *brokenSink) Handle(_ context.Context, r telemetry.Record) {
	s.handled = append(s.handled, r.Event.Name)
	if r.Event == semantic.AsyncCompleted.Descriptor() {
		panic("the sink's own")
	}
}

func TestASinkThatPanicsAtTheEndDoesNotEndTheOperationTwice(t *testing.T) {
	s := &brokenSink{}
	defer func() {
		if v := recover(); v != "the sink's own" {
			t.Errorf("recovered %v", v)
		}
		expect(t, s.handled, "foundation.async.started", "foundation.async.completed")
	}()
	_ = semantic.NewReporter(s, semantic.Options{}).Async(t.Context(), "job", func(context.Context) error { return nil })
}
