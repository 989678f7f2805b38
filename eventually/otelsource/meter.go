package otelsource

import (
	"context"

	"go.opentelemetry.io/otel/metric"

	"github.com/sleepless-go/sleepless/eventually"
)

// Meter is a metric.Meter that is a source of waits: whatever is recorded through
// the synchronous instruments that it makes wakes them. Observable instruments
// are those of the Meter that it wraps, and wake nobody.
type Meter struct {
	metric.Meter
	signal
	name string
}

// signal is the sending side, with the method that marks it as originating
// nothing itself.
type signal struct{ eventually.Signal }

// Witness implements eventually.Witness.
func (*signal) Witness() {}

var _ eventually.Witness = (*Meter)(nil)

// WrapMeter wraps m, for instance provider.Meter(name); reports call it "otel
// meter" and that name.
func WrapMeter(name string, m metric.Meter) *Meter { return &Meter{Meter: m, name: name} }

// String names the meter in reports.
func (m *Meter) String() string { return "otel meter " + m.name }

// Int64Counter returns the instrument of the wrapped Meter, wrapped, or its error.
func (m *Meter) Int64Counter(name string, options ...metric.Int64CounterOption) (metric.Int64Counter, error) {
	i, err := m.Meter.Int64Counter(name, options...)
	if err != nil {
		return i, err
	}
	return &int64Counter{i, m}, nil
}

type int64Counter struct {
	metric.Int64Counter
	meter *Meter
}

func (i *int64Counter) Add(ctx context.Context, incr int64, options ...metric.AddOption) {
	i.Int64Counter.Add(ctx, incr, options...)
	i.meter.Broadcast()
}

// Float64Counter returns the instrument of the wrapped Meter, wrapped, or its error.
func (m *Meter) Float64Counter(name string, options ...metric.Float64CounterOption) (metric.Float64Counter, error) {
	i, err := m.Meter.Float64Counter(name, options...)
	if err != nil {
		return i, err
	}
	return &float64Counter{i, m}, nil
}

type float64Counter struct {
	metric.Float64Counter
	meter *Meter
}

func (i *float64Counter) Add(ctx context.Context, incr float64, options ...metric.AddOption) {
	i.Float64Counter.Add(ctx, incr, options...)
	i.meter.Broadcast()
}

// Int64UpDownCounter returns the instrument of the wrapped Meter, wrapped, or its error.
func (m *Meter) Int64UpDownCounter(name string, options ...metric.Int64UpDownCounterOption) (metric.Int64UpDownCounter, error) {
	i, err := m.Meter.Int64UpDownCounter(name, options...)
	if err != nil {
		return i, err
	}
	return &int64UpDownCounter{i, m}, nil
}

type int64UpDownCounter struct {
	metric.Int64UpDownCounter
	meter *Meter
}

func (i *int64UpDownCounter) Add(ctx context.Context, incr int64, options ...metric.AddOption) {
	i.Int64UpDownCounter.Add(ctx, incr, options...)
	i.meter.Broadcast()
}

// Float64UpDownCounter returns the instrument of the wrapped Meter, wrapped, or its error.
func (m *Meter) Float64UpDownCounter(name string, options ...metric.Float64UpDownCounterOption) (metric.Float64UpDownCounter, error) {
	i, err := m.Meter.Float64UpDownCounter(name, options...)
	if err != nil {
		return i, err
	}
	return &float64UpDownCounter{i, m}, nil
}

type float64UpDownCounter struct {
	metric.Float64UpDownCounter
	meter *Meter
}

func (i *float64UpDownCounter) Add(ctx context.Context, incr float64, options ...metric.AddOption) {
	i.Float64UpDownCounter.Add(ctx, incr, options...)
	i.meter.Broadcast()
}

// Int64Histogram returns the instrument of the wrapped Meter, wrapped, or its error.
func (m *Meter) Int64Histogram(name string, options ...metric.Int64HistogramOption) (metric.Int64Histogram, error) {
	i, err := m.Meter.Int64Histogram(name, options...)
	if err != nil {
		return i, err
	}
	return &int64Histogram{i, m}, nil
}

type int64Histogram struct {
	metric.Int64Histogram
	meter *Meter
}

func (i *int64Histogram) Record(ctx context.Context, value int64, options ...metric.RecordOption) {
	i.Int64Histogram.Record(ctx, value, options...)
	i.meter.Broadcast()
}

// Float64Histogram returns the instrument of the wrapped Meter, wrapped, or its error.
func (m *Meter) Float64Histogram(name string, options ...metric.Float64HistogramOption) (metric.Float64Histogram, error) {
	i, err := m.Meter.Float64Histogram(name, options...)
	if err != nil {
		return i, err
	}
	return &float64Histogram{i, m}, nil
}

type float64Histogram struct {
	metric.Float64Histogram
	meter *Meter
}

func (i *float64Histogram) Record(ctx context.Context, value float64, options ...metric.RecordOption) {
	i.Float64Histogram.Record(ctx, value, options...)
	i.meter.Broadcast()
}

// Int64Gauge returns the instrument of the wrapped Meter, wrapped, or its error.
func (m *Meter) Int64Gauge(name string, options ...metric.Int64GaugeOption) (metric.Int64Gauge, error) {
	i, err := m.Meter.Int64Gauge(name, options...)
	if err != nil {
		return i, err
	}
	return &int64Gauge{i, m}, nil
}

type int64Gauge struct {
	metric.Int64Gauge
	meter *Meter
}

func (i *int64Gauge) Record(ctx context.Context, value int64, options ...metric.RecordOption) {
	i.Int64Gauge.Record(ctx, value, options...)
	i.meter.Broadcast()
}

// Float64Gauge returns the instrument of the wrapped Meter, wrapped, or its error.
func (m *Meter) Float64Gauge(name string, options ...metric.Float64GaugeOption) (metric.Float64Gauge, error) {
	i, err := m.Meter.Float64Gauge(name, options...)
	if err != nil {
		return i, err
	}
	return &float64Gauge{i, m}, nil
}

type float64Gauge struct {
	metric.Float64Gauge
	meter *Meter
}

func (i *float64Gauge) Record(ctx context.Context, value float64, options ...metric.RecordOption) {
	i.Float64Gauge.Record(ctx, value, options...)
	i.meter.Broadcast()
}
