package telemetry

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sleepless-go/sleepless/foundation/telemetry"
	"github.com/sleepless-go/sleepless/foundation/telemetry/semantic"
)

type stepData struct {
	Name     string        `telemetry:"attr" doc:"Name of the step."`
	Duration time.Duration `telemetry:"measure" doc:"Time the step took."`
}

var (
	first  = telemetry.NewEvent[stepData]("legacy.step.first", "The first step was done.")
	second = telemetry.NewEvent[stepData]("legacy.step.second", "The second step was done.")
	third  = telemetry.NewEvent[stepData]("legacy.step.third", "The third step was done.")
)

func TestEmitReachesTheHandler(t *testing.T) {
	t.Parallel()
	bus := telemetry.NewBus()
	var mu sync.Mutex
	var events []stepData
	handle := first.Attach(bus, func(_ context.Context, e stepData) {
		mu.Lock()
		defer mu.Unlock()
		events = append(events, e)
	})
	defer handle.Close()

	first.Bind(bus).Emit(context.Background(), stepData{Name: "value", Duration: 42})

	mu.Lock()
	defer mu.Unlock()
	assert.Equal(t, []stepData{{Name: "value", Duration: 42}}, events)
}

func TestSpanEmitsStartAndThenStopWithADuration(t *testing.T) {
	t.Parallel()
	bus := telemetry.NewBus()
	var mu sync.Mutex
	var names []string
	var duration time.Duration
	telemetry.SpanStarted.Attach(bus, func(_ context.Context, e telemetry.SpanStartedData) {
		mu.Lock()
		defer mu.Unlock()
		names = append(names, "start "+e.Span)
	})
	telemetry.SpanEnded.Attach(bus, func(_ context.Context, e telemetry.SpanEndedData) {
		mu.Lock()
		defer mu.Unlock()
		names = append(names, "stop "+e.Span)
		duration = e.Duration
		assert.Equal(t, telemetry.StatusOK, e.Status)
	})
	tracer := telemetry.NewTracer(bus, telemetry.TracerOptions{})

	result := 0
	err := tracer.Do(context.Background(), "work", func(context.Context) error {
		for i := range 1000 {
			result += i
		}
		return nil
	})

	require.NoError(t, err)
	assert.Equal(t, 499500, result)
	mu.Lock()
	defer mu.Unlock()
	assert.Equal(t, []string{"start work", "stop work"}, names)
	assert.GreaterOrEqual(t, duration, time.Duration(0))
}

func TestSpanEmitsAnExceptionWhenTheWorkPanics(t *testing.T) {
	t.Parallel()
	bus := telemetry.NewBus()
	var mu sync.Mutex
	var ends []telemetry.SpanEndedData
	telemetry.SpanEnded.Attach(bus, func(_ context.Context, e telemetry.SpanEndedData) {
		mu.Lock()
		defer mu.Unlock()
		ends = append(ends, e)
	})
	tracer := telemetry.NewTracer(bus, telemetry.TracerOptions{})

	assert.PanicsWithValue(t, "test error", func() {
		_ = tracer.Do(context.Background(), "work", func(context.Context) error { panic("test error") })
	})

	mu.Lock()
	defer mu.Unlock()
	require.Len(t, ends, 1)
	assert.Equal(t, telemetry.StatusPanic, ends[0].Status)
	assert.ErrorContains(t, ends[0].Error, "test error")
	assert.NotEmpty(t, ends[0].Stack)
}

func TestServiceStarted(t *testing.T) {
	t.Parallel()
	bus := telemetry.NewBus()
	var mu sync.Mutex
	var services []string
	semantic.ServiceStarted.Attach(bus, func(_ context.Context, e semantic.ServiceData) {
		mu.Lock()
		defer mu.Unlock()
		services = append(services, e.Service)
	})

	semantic.NewReporter(bus, semantic.Options{}).ServiceStarted(context.Background(), "test_service")

	mu.Lock()
	defer mu.Unlock()
	assert.Equal(t, []string{"test_service"}, services)
}

func TestServiceStopped(t *testing.T) {
	t.Parallel()
	bus := telemetry.NewBus()
	var mu sync.Mutex
	var services []string
	semantic.ServiceStopped.Attach(bus, func(_ context.Context, e semantic.ServiceData) {
		mu.Lock()
		defer mu.Unlock()
		services = append(services, e.Service)
	})

	semantic.NewReporter(bus, semantic.Options{}).ServiceStopped(context.Background(), "test_service")

	mu.Lock()
	defer mu.Unlock()
	assert.Equal(t, []string{"test_service"}, services)
}

func TestServiceError(t *testing.T) {
	t.Parallel()
	bus := telemetry.NewBus()
	var mu sync.Mutex
	var events []semantic.ServiceErrorData
	semantic.ServiceError.Attach(bus, func(_ context.Context, e semantic.ServiceErrorData) {
		mu.Lock()
		defer mu.Unlock()
		events = append(events, e)
	})
	refused := errors.New("connection refused")

	semantic.NewReporter(bus, semantic.Options{}).ServiceError(context.Background(), "test_service", refused)

	mu.Lock()
	defer mu.Unlock()
	require.Len(t, events, 1)
	assert.Equal(t, "test_service", events[0].Service)
	assert.ErrorIs(t, events[0].Error, refused)
}

func TestAsyncLifeCycle(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	bus := telemetry.NewBus()
	var mu sync.Mutex
	var events []string
	var completed time.Duration
	var failure error
	semantic.AsyncStarted.Attach(bus, func(_ context.Context, e semantic.AsyncStartedData) {
		mu.Lock()
		defer mu.Unlock()
		events = append(events, "started "+e.Operation)
	})
	semantic.AsyncCompleted.Attach(bus, func(_ context.Context, e semantic.AsyncCompletedData) {
		mu.Lock()
		defer mu.Unlock()
		events = append(events, "completed "+e.Operation)
		completed = e.Duration
	})
	semantic.AsyncFailed.Attach(bus, func(_ context.Context, e semantic.AsyncFailedData) {
		mu.Lock()
		defer mu.Unlock()
		events = append(events, "failed "+e.Operation)
		failure = e.Error
	})
	r := semantic.NewReporter(bus, semantic.Options{})
	broken := errors.New("broken")

	r.AsyncStarted(ctx, "import")
	r.AsyncCompleted(ctx, "import", 50_000)
	r.AsyncStarted(ctx, "export")
	r.AsyncFailed(ctx, "export", 0, broken)

	mu.Lock()
	defer mu.Unlock()
	assert.Equal(t, []string{"started import", "completed import", "started export", "failed export"}, events)
	assert.Equal(t, time.Duration(50_000), completed)
	assert.ErrorIs(t, failure, broken)
}

func TestResourceLifeCycle(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	bus := telemetry.NewBus()
	var mu sync.Mutex
	var events []string
	var held time.Duration
	semantic.ResourceAcquired.Attach(bus, func(_ context.Context, e semantic.ResourceData) {
		mu.Lock()
		defer mu.Unlock()
		events = append(events, "acquired "+e.ResourceType)
	})
	semantic.ResourceReleased.Attach(bus, func(_ context.Context, e semantic.ResourceReleasedData) {
		mu.Lock()
		defer mu.Unlock()
		events = append(events, "released "+e.ResourceType)
		held = e.HoldDuration
	})
	semantic.ResourceExhausted.Attach(bus, func(_ context.Context, e semantic.ResourceData) {
		mu.Lock()
		defer mu.Unlock()
		events = append(events, "exhausted "+e.ResourceType)
	})
	r := semantic.NewReporter(bus, semantic.Options{})

	r.ResourceAcquired(ctx, "connection")
	r.ResourceReleased(ctx, "connection", 100_000)
	r.ResourceExhausted(ctx, "connection")

	mu.Lock()
	defer mu.Unlock()
	assert.Equal(t, []string{"acquired connection", "released connection", "exhausted connection"}, events)
	assert.Equal(t, time.Duration(100_000), held)
}

func TestCircuitBreakerStateChange(t *testing.T) {
	t.Parallel()
	bus := telemetry.NewBus()
	var mu sync.Mutex
	var events []semantic.CircuitBreakerData
	semantic.CircuitBreakerStateChange.Attach(bus, func(_ context.Context, e semantic.CircuitBreakerData) {
		mu.Lock()
		defer mu.Unlock()
		events = append(events, e)
	})

	semantic.NewReporter(bus, semantic.Options{}).CircuitBreakerStateChange(context.Background(), "external_api", "closed", "open")

	mu.Lock()
	defer mu.Unlock()
	require.Len(t, events, 1)
	assert.Equal(t, "external_api", events[0].Service)
	assert.Equal(t, "closed", events[0].FromState)
	assert.Equal(t, "open", events[0].ToState)
}

func TestRecordMetric(t *testing.T) {
	t.Parallel()
	bus := telemetry.NewBus()
	var mu sync.Mutex
	var events []semantic.MetricData
	semantic.MetricRecorded.Attach(bus, func(_ context.Context, e semantic.MetricData) {
		mu.Lock()
		defer mu.Unlock()
		events = append(events, e)
	})

	semantic.NewReporter(bus, semantic.Options{}).Metric(context.Background(), "cpu_usage", 45.2)

	mu.Lock()
	defer mu.Unlock()
	require.Len(t, events, 1)
	assert.Equal(t, "cpu_usage", events[0].Metric)
	assert.Equal(t, 45.2, events[0].Value)
}

func TestTraceIDsAreUniqueAndHave32Characters(t *testing.T) {
	t.Parallel()
	one, other := telemetry.NewTraceID().String(), telemetry.NewTraceID().String()

	assert.NotEqual(t, one, other)
	assert.Len(t, one, 32)
	assert.Len(t, other, 32)
}

func TestWithTraceAddsTheTraceID(t *testing.T) {
	t.Parallel()
	bus := telemetry.NewBus()
	trace := telemetry.SpanContext{TraceID: telemetry.NewTraceID(), SpanID: telemetry.NewSpanID()}
	var mu sync.Mutex
	var seen []telemetry.TraceID
	first.Attach(bus, func(ctx context.Context, _ stepData) {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, telemetry.SpanContextFromContext(ctx).TraceID)
	})

	ctx := telemetry.ContextWithRemote(context.Background(), trace)
	first.Bind(bus).Emit(ctx, stepData{Name: "traced"})

	mu.Lock()
	defer mu.Unlock()
	assert.Equal(t, []telemetry.TraceID{trace.TraceID}, seen)
}

func TestWaitReturnsTheEventOfADelayedEmitter(t *testing.T) {
	t.Parallel()
	bus := telemetry.NewBus()

	go func() {
		time.Sleep(10 * time.Millisecond) // give the waiter time to attach
		first.Bind(bus).Emit(context.Background(), stepData{Name: "delayed"})
	}()

	events := make(chan stepData, 1)
	handle := first.Attach(bus, func(_ context.Context, e stepData) { events <- e })
	defer handle.Close()
	select {
	case e := <-events:
		assert.Equal(t, "delayed", e.Name)
	case <-time.After(time.Second):
		t.Fatal("timed out waiting for the event")
	}
}

func TestWaitTimesOutWithoutTheEvent(t *testing.T) {
	t.Parallel()
	bus := telemetry.NewBus()
	events := make(chan stepData, 1)
	handle := first.Attach(bus, func(_ context.Context, e stepData) { events <- e })
	defer handle.Close()

	timedOut := false
	select {
	case e := <-events:
		t.Errorf("unexpected event %+v", e)
	case <-time.After(50 * time.Millisecond):
		timedOut = true
	}

	assert.True(t, timedOut)
}

func TestRefutePassesWhenTheEventIsNotEmitted(t *testing.T) {
	t.Parallel()
	bus := telemetry.NewBus()
	events := make(chan stepData, 1)
	handle := first.Attach(bus, func(_ context.Context, e stepData) { events <- e })
	defer handle.Close()

	second.Bind(bus).Emit(context.Background(), stepData{Name: "other"})

	select {
	case e := <-events:
		t.Errorf("unexpected event %+v", e)
	case <-time.After(50 * time.Millisecond):
	}
}

func TestOrderOfThreeEvents(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	bus := telemetry.NewBus()
	var mu sync.Mutex
	var names []string
	handle, err := bus.AttachPrefix("legacy.step", func(_ context.Context, r telemetry.Record) {
		mu.Lock()
		defer mu.Unlock()
		names = append(names, r.Event.Name)
	})
	require.NoError(t, err)
	defer handle.Close()

	first.Bind(bus).Emit(ctx, stepData{})
	second.Bind(bus).Emit(ctx, stepData{})
	third.Bind(bus).Emit(ctx, stepData{})

	mu.Lock()
	defer mu.Unlock()
	assert.Equal(t, []string{"legacy.step.first", "legacy.step.second", "legacy.step.third"}, names)
}

func TestMeasureAveragesTheDurations(t *testing.T) {
	t.Parallel()
	bus := telemetry.NewBus()
	var mu sync.Mutex
	var total time.Duration
	count := 0
	handle := first.Attach(bus, func(_ context.Context, e stepData) {
		mu.Lock()
		defer mu.Unlock()
		total += e.Duration
		count++
	})
	defer handle.Close()

	for _, d := range []time.Duration{100, 200, 300} {
		first.Bind(bus).Emit(context.Background(), stepData{Duration: d})
	}

	mu.Lock()
	defer mu.Unlock()
	require.Equal(t, 3, count)
	assert.Equal(t, time.Duration(600), total)
	assert.Equal(t, time.Duration(200), total/time.Duration(count))
}

func TestPollSeesTheCounterChange(t *testing.T) {
	t.Parallel()
	var counter atomic.Int64

	go func() {
		time.Sleep(20 * time.Millisecond) // give the poll something to wait for
		counter.Store(1)
	}()

	require.Eventually(t, func() bool { return counter.Load() == 1 }, time.Second, 10*time.Millisecond)
}
