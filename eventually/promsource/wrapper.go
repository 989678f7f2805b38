package promsource

import (
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/sleepless-go/sleepless/eventually"
)

// signal makes a wrapper an eventually.Source. As a field of that name it keeps
// the methods of eventually.Signal that a metric does not need out of sight of
// prometheus.
type signal struct{ eventually.Signal }

// Witness marks a wrapper as a source that originates nothing itself.
func (*signal) Witness() {}

// Counter is a prometheus.Counter that is a source of waits: whatever is written
// through it wakes them. Register it like any counter.
type Counter struct {
	prometheus.Counter
	signal
}

// NewCounter returns prometheus.NewCounter(opts), wrapped.
func NewCounter(opts prometheus.CounterOpts) *Counter {
	return WrapCounter(prometheus.NewCounter(opts))
}

// WrapCounter wraps c, for instance one of a CounterVec. What is written to c
// itself does not wake waits.
func WrapCounter(c prometheus.Counter) *Counter { return &Counter{Counter: c} }

// Inc adds 1 and wakes waits.
func (c *Counter) Inc() {
	c.Counter.Inc()
	c.Broadcast()
}

// Add adds v and wakes waits. Like that of any counter it panics if v < 0.
func (c *Counter) Add(v float64) {
	c.Counter.Add(v)
	c.Broadcast()
}

// AddWithExemplar implements prometheus.ExemplarAdder; a counter that is none
// gets the value without the exemplar.
func (c *Counter) AddWithExemplar(v float64, exemplar prometheus.Labels) {
	if a, ok := c.Counter.(prometheus.ExemplarAdder); ok {
		a.AddWithExemplar(v, exemplar)
	} else {
		c.Counter.Add(v)
	}
	c.Broadcast()
}

// Value returns the count.
func (c *Counter) Value() float64 { return written(c.Counter) }

// String names the counter in reports.
func (c *Counter) String() string { return nameOf(c.Counter) }

// Gauge is a prometheus.Gauge that is a source of waits: whatever is written
// through it wakes them. Register it like any gauge.
type Gauge struct {
	prometheus.Gauge
	signal
}

// NewGauge returns prometheus.NewGauge(opts), wrapped.
func NewGauge(opts prometheus.GaugeOpts) *Gauge { return WrapGauge(prometheus.NewGauge(opts)) }

// WrapGauge wraps g, for instance one of a GaugeVec. What is written to g itself
// does not wake waits.
func WrapGauge(g prometheus.Gauge) *Gauge { return &Gauge{Gauge: g} }

// Set sets the value and wakes waits.
func (g *Gauge) Set(v float64) {
	g.Gauge.Set(v)
	g.Broadcast()
}

// Inc adds 1 and wakes waits.
func (g *Gauge) Inc() { g.Add(1) }

// Dec subtracts 1 and wakes waits.
func (g *Gauge) Dec() { g.Add(-1) }

// Sub subtracts v and wakes waits.
func (g *Gauge) Sub(v float64) { g.Add(-v) }

// Add adds v and wakes waits.
func (g *Gauge) Add(v float64) {
	g.Gauge.Add(v)
	g.Broadcast()
}

// SetToCurrentTime sets the value to the seconds since 1970 and wakes waits.
func (g *Gauge) SetToCurrentTime() {
	g.Gauge.SetToCurrentTime()
	g.Broadcast()
}

// Value returns the value.
func (g *Gauge) Value() float64 { return written(g.Gauge) }

// String names the gauge in reports.
func (g *Gauge) String() string { return nameOf(g.Gauge) }

// Histogram is a prometheus.Histogram that is a source of waits: whatever is
// observed through it wakes them. Register it like any histogram.
type Histogram struct {
	prometheus.Histogram
	signal
}

// NewHistogram returns prometheus.NewHistogram(opts), wrapped.
func NewHistogram(opts prometheus.HistogramOpts) *Histogram {
	return WrapHistogram(prometheus.NewHistogram(opts))
}

// WrapHistogram wraps h. What is observed through h itself does not wake waits.
func WrapHistogram(h prometheus.Histogram) *Histogram { return &Histogram{Histogram: h} }

// Observe adds an observation and wakes waits.
func (h *Histogram) Observe(v float64) {
	h.Histogram.Observe(v)
	h.Broadcast()
}

// ObserveWithExemplar implements prometheus.ExemplarObserver; a histogram that is
// none gets the observation without the exemplar.
func (h *Histogram) ObserveWithExemplar(v float64, exemplar prometheus.Labels) {
	if o, ok := h.Histogram.(prometheus.ExemplarObserver); ok {
		o.ObserveWithExemplar(v, exemplar)
	} else {
		h.Histogram.Observe(v)
	}
	h.Broadcast()
}

// Count returns the number of observations.
func (h *Histogram) Count() uint64 { return uint64(written(h.Histogram)) }

// String names the histogram in reports.
func (h *Histogram) String() string { return nameOf(h.Histogram) }

// written reads a metric. The metrics of client_golang cannot fail to write
// themselves; one that does counts as 0.
func written(m prometheus.Metric) float64 {
	var out dto.Metric
	if m.Write(&out) != nil {
		return 0
	}
	return valueOf(&out)
}

// nameOf names a metric as a Series does, with all its labels.
func nameOf(c prometheus.Collector) string {
	s := Collected(c, nil)
	families, err := s.gather()
	if err != nil || len(families) != 1 || len(families[0].GetMetric()) != 1 {
		return s.String()
	}
	labels := prometheus.Labels{}
	for _, l := range families[0].GetMetric()[0].GetLabel() {
		labels[l.GetName()] = l.GetValue()
	}
	s.labels = labels
	return s.String()
}
