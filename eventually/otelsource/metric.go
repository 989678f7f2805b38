package otelsource

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// ErrNoMetric says that nothing has been recorded (yet) in a metric of that name
// with those attributes.
var ErrNoMetric = errors.New("otelsource: no such metric")

// ErrUnsupported says that a metric is of a kind whose value is not one number.
var ErrUnsupported = errors.New("otelsource: not a sum, gauge, histogram or summary")

// Metric is a polled eventually.Source: the value of a metric. Make one with
// [NewMetric]. To be woken instead, give the wait the [Meter] and read the Metric
// in its condition.
type Metric struct {
	collect func(context.Context, *metricdata.ResourceMetrics) error
	name    string
	want    []attribute.KeyValue

	looked bool
	last   reading
}

// reading is the outcome of one look.
type reading struct {
	value float64
	count int // of data points
	kind  string
	err   string
}

// NewMetric returns the metric of that name, as reader, which a MeterProvider was
// made with, collects it. attributes select the data points that have these,
// whatever others they have; the value is the sum over them and over all
// instrumentation scopes. The reader should have cumulative temporality, which is
// the default.
func NewMetric(reader *sdkmetric.ManualReader, name string, attributes ...attribute.KeyValue) *Metric {
	return &Metric{collect: reader.Collect, name: name, want: attributes}
}

// Value collects and returns the sum over what is selected: of a sum or gauge its
// value, of a histogram or summary the number of measurements. It returns 0 and
// an error that wraps [ErrNoMetric] if there is none, [ErrUnsupported], or what
// collecting returned.
func (m *Metric) Value() (float64, error) {
	r, err := m.look()
	return r.value, err
}

// AtLeast reports whether the metric exists and its value is at least v. It is
// made for eventually.Until; an error counts as no.
func (m *Metric) AtLeast(v float64) bool {
	got, err := m.Value()
	return err == nil && got >= v
}

// Notify implements eventually.Source; nothing notifies of a collected metric.
func (m *Metric) Notify(chan<- struct{}) (stop func()) {
	m.looked = false
	return func() {}
}

// Poll implements eventually.Polled: it collects and reports whether value, data
// points or error differ from the last look.
func (m *Metric) Poll() (changed bool) {
	now, _ := m.look()
	changed = !m.looked || now != m.last
	m.looked, m.last = true, now
	return changed
}

// String names the metric in reports, with its value.
func (m *Metric) String() string {
	r, err := m.look()
	name := m.name + attributeText(m.want)
	if err != nil {
		return fmt.Sprintf("otel metric %s: %v", name, err)
	}
	unit := ""
	if r.kind == "histogram" || r.kind == "summary" {
		unit = " measurements"
	}
	text := fmt.Sprintf("otel %s %s = %s%s", r.kind, name, strconv.FormatFloat(r.value, 'g', -1, 64), unit)
	if r.count > 1 {
		text += fmt.Sprintf(" over %d data points", r.count)
	}
	return text
}

func (m *Metric) look() (reading, error) {
	var r reading
	var all metricdata.ResourceMetrics
	err := m.collect(context.Background(), &all)
	if err != nil {
		err = fmt.Errorf("otelsource: collecting: %w", err)
	} else {
		err = m.read(&r, all)
	}
	if err != nil {
		r = reading{err: err.Error()}
	}
	return r, err
}

func (m *Metric) read(r *reading, all metricdata.ResourceMetrics) error {
	for _, scope := range all.ScopeMetrics {
		for _, x := range scope.Metrics {
			if x.Name != m.name {
				continue
			}
			if !r.add(x.Data, m.selects) {
				return fmt.Errorf("%w: %s is %T", ErrUnsupported, m.name, x.Data)
			}
		}
	}
	if r.count == 0 {
		return fmt.Errorf("%w: %s%s", ErrNoMetric, m.name, attributeText(m.want))
	}
	return nil
}

func (m *Metric) selects(set attribute.Set) bool {
	for _, kv := range m.want {
		if v, ok := set.Value(kv.Key); !ok || v != kv.Value {
			return false
		}
	}
	return true
}

// add adds the data points that are selected, and reports whether it knows what
// they are.
func (r *reading) add(data metricdata.Aggregation, selects func(attribute.Set) bool) bool {
	switch d := data.(type) {
	case metricdata.Sum[int64]:
		r.kind = "sum"
		addPoints(r, d.DataPoints, selects)
	case metricdata.Sum[float64]:
		r.kind = "sum"
		addPoints(r, d.DataPoints, selects)
	case metricdata.Gauge[int64]:
		r.kind = "gauge"
		addPoints(r, d.DataPoints, selects)
	case metricdata.Gauge[float64]:
		r.kind = "gauge"
		addPoints(r, d.DataPoints, selects)
	case metricdata.Histogram[int64]:
		for _, p := range d.DataPoints {
			r.measured("histogram", p.Attributes, p.Count, selects)
		}
	case metricdata.Histogram[float64]:
		for _, p := range d.DataPoints {
			r.measured("histogram", p.Attributes, p.Count, selects)
		}
	case metricdata.ExponentialHistogram[int64]:
		for _, p := range d.DataPoints {
			r.measured("histogram", p.Attributes, p.Count, selects)
		}
	case metricdata.ExponentialHistogram[float64]:
		for _, p := range d.DataPoints {
			r.measured("histogram", p.Attributes, p.Count, selects)
		}
	case metricdata.Summary:
		for _, p := range d.DataPoints {
			r.measured("summary", p.Attributes, p.Count, selects)
		}
	default:
		return false
	}
	return true
}

func addPoints[N int64 | float64](r *reading, points []metricdata.DataPoint[N], selects func(attribute.Set) bool) {
	for _, p := range points {
		if selects(p.Attributes) {
			r.value += float64(p.Value)
			r.count++
		}
	}
}

func (r *reading) measured(kind string, set attribute.Set, n uint64, selects func(attribute.Set) bool) {
	r.kind = kind
	if selects(set) {
		r.value += float64(n)
		r.count++
	}
}
