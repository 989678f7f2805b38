package semantic

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/sleepless-go/sleepless/foundation/clock"
	"github.com/sleepless-go/sleepless/foundation/telemetry"
)

// ErrGoexit is the error in AsyncFailed of an operation that ended its
// goroutine with runtime.Goexit, as t.FailNow does.
var ErrGoexit = errors.New("semantic: the operation called runtime.Goexit")

// Options are the options of a Reporter; the zero value is ready for use.
type Options struct {
	// Instance goes into the Commit of every event; optional.
	Instance string
	// Clock measures durations; nil means clock.System.
	Clock clock.Clock
}

// Reporter emits the events of this package to one sink. NewReporter makes it;
// all methods may be called from any goroutine.
type Reporter struct {
	instance string
	nanos    func() int64
	seq      telemetry.Sequence

	serviceStarted    telemetry.Emitter[ServiceData]
	serviceStopped    telemetry.Emitter[ServiceData]
	serviceError      telemetry.Emitter[ServiceErrorData]
	asyncStarted      telemetry.Emitter[AsyncStartedData]
	asyncCompleted    telemetry.Emitter[AsyncCompletedData]
	asyncFailed       telemetry.Emitter[AsyncFailedData]
	resourceAcquired  telemetry.Emitter[ResourceData]
	resourceReleased  telemetry.Emitter[ResourceReleasedData]
	resourceExhausted telemetry.Emitter[ResourceData]
	breaker           telemetry.Emitter[CircuitBreakerData]
	metric            telemetry.Emitter[MetricData]
}

// NewReporter returns a Reporter that emits to sink, which may be nil.
func NewReporter(sink telemetry.Sink, o Options) *Reporter {
	return &Reporter{
		instance:          o.Instance,
		nanos:             clock.NanosOf(clock.Or(o.Clock)),
		serviceStarted:    ServiceStarted.Bind(sink),
		serviceStopped:    ServiceStopped.Bind(sink),
		serviceError:      ServiceError.Bind(sink),
		asyncStarted:      AsyncStarted.Bind(sink),
		asyncCompleted:    AsyncCompleted.Bind(sink),
		asyncFailed:       AsyncFailed.Bind(sink),
		resourceAcquired:  ResourceAcquired.Bind(sink),
		resourceReleased:  ResourceReleased.Bind(sink),
		resourceExhausted: ResourceExhausted.Bind(sink),
		breaker:           CircuitBreakerStateChange.Bind(sink),
		metric:            MetricRecorded.Bind(sink),
	}
}

func (r *Reporter) commit() telemetry.Commit {
	return telemetry.Commit{Instance: r.instance, Seq: r.seq.Next()}
}

// ServiceStarted reports that a service is up.
func (r *Reporter) ServiceStarted(ctx context.Context, service string) {
	r.serviceStarted.Emit(ctx, ServiceData{r.commit(), service})
}

// ServiceStopped reports that a service is down, as intended.
func (r *Reporter) ServiceStopped(ctx context.Context, service string) {
	r.serviceStopped.Emit(ctx, ServiceData{r.commit(), service})
}

// ServiceError reports an error of a service.
func (r *Reporter) ServiceError(ctx context.Context, service string, err error) {
	r.serviceError.Emit(ctx, ServiceErrorData{r.commit(), service, err})
}

// AsyncStarted reports the beginning of an operation; see also Async.
func (r *Reporter) AsyncStarted(ctx context.Context, operation string) {
	r.asyncStarted.Emit(ctx, AsyncStartedData{r.commit(), operation})
}

// AsyncCompleted reports that an operation ended well after d.
func (r *Reporter) AsyncCompleted(ctx context.Context, operation string, d time.Duration) {
	r.asyncCompleted.Emit(ctx, AsyncCompletedData{r.commit(), operation, d})
}

// AsyncFailed reports that an operation failed after d.
func (r *Reporter) AsyncFailed(ctx context.Context, operation string, d time.Duration, err error) {
	r.asyncFailed.Emit(ctx, AsyncFailedData{r.commit(), operation, d, err})
}

// Async runs f and returns its error. It reports the start and exactly one end:
// completed if f returns nil, else failed, on panics (which go on with the same
// value) and runtime.Goexit (with ErrGoexit) too. Call it in the goroutine that
// does the work.
func (r *Reporter) Async(ctx context.Context, operation string, f func(context.Context) error) error {
	r.AsyncStarted(ctx, operation)
	start := r.nanos()
	elapsed := func() time.Duration { return time.Duration(r.nanos() - start) }
	returned := false
	defer func() {
		if returned {
			return
		}
		v := recover()
		if v == nil {
			r.AsyncFailed(ctx, operation, elapsed(), ErrGoexit)
			return
		}
		defer panic(v)
		r.AsyncFailed(ctx, operation, elapsed(), panicError(v))
	}()
	err := f(ctx)
	returned = true
	if err != nil {
		r.AsyncFailed(ctx, operation, elapsed(), err)
	} else {
		r.AsyncCompleted(ctx, operation, elapsed())
	}
	return err
}

func panicError(v any) error {
	if err, ok := v.(error); ok {
		return fmt.Errorf("panic: %w", err)
	}
	return fmt.Errorf("panic: %v", v)
}

// ResourceAcquired reports that a resource was acquired; see also Acquire.
func (r *Reporter) ResourceAcquired(ctx context.Context, resourceType string) {
	r.resourceAcquired.Emit(ctx, ResourceData{r.commit(), resourceType})
}

// ResourceReleased reports that a resource was given back after held.
func (r *Reporter) ResourceReleased(ctx context.Context, resourceType string, held time.Duration) {
	r.resourceReleased.Emit(ctx, ResourceReleasedData{r.commit(), resourceType, held})
}

// ResourceExhausted reports that none of a resource was left.
func (r *Reporter) ResourceExhausted(ctx context.Context, resourceType string) {
	r.resourceExhausted.Emit(ctx, ResourceData{r.commit(), resourceType})
}

// Acquire reports that a resource was acquired, and returns a function that
// reports its release with the time between. Only the first call of that
// function reports; it may be called from any goroutine.
func (r *Reporter) Acquire(ctx context.Context, resourceType string) (released func(context.Context)) {
	start := r.nanos()
	r.ResourceAcquired(ctx, resourceType)
	var once sync.Once
	return func(ctx context.Context) {
		first := false
		once.Do(func() { first = true }) // a Once is a lock: report outside it
		if first {
			r.ResourceReleased(ctx, resourceType, time.Duration(r.nanos()-start))
		}
	}
}

// CircuitBreakerStateChange reports that the breaker around a service changed
// its state.
func (r *Reporter) CircuitBreakerStateChange(ctx context.Context, service, from, to string) {
	r.breaker.Emit(ctx, CircuitBreakerData{r.commit(), service, from, to})
}

// Metric reports the value of a metric.
func (r *Reporter) Metric(ctx context.Context, name string, value float64) {
	r.metric.Emit(ctx, MetricData{r.commit(), name, value})
}
