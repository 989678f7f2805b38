package promsource

import (
	"errors"
	"fmt"
	"sort"
	"strconv"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// ErrNoSeries says that there is no series of that name and labels (yet): a Vec
// has none until its labels are first used.
var ErrNoSeries = errors.New("promsource: no such series")

// ErrSeveralMetrics says that a Collector has metrics of several names.
var ErrSeveralMetrics = errors.New("promsource: the collector has metrics of several names: register it and use Gathered with one of them")

// Series is a polled eventually.Source: one or more series of a metric. Make one
// with [Gathered] or [Collected].
type Series struct {
	gather func() ([]*dto.MetricFamily, error)
	name   string // "" for the only one there is
	labels prometheus.Labels

	looked bool
	last   reading
}

// reading is the outcome of one look.
type reading struct {
	value float64
	count int // of series
	kind  string
	name  string
	err   string
}

// Gathered returns a source for the metric of that name in what g gathers, for
// instance prometheus.DefaultGatherer or a *prometheus.Registry. labels selects
// series that have these, whatever others they have; the value is the sum over
// them.
func Gathered(g prometheus.Gatherer, name string, labels prometheus.Labels) *Series {
	return &Series{gather: g.Gather, name: name, labels: labels}
}

// Collected returns a source for the metric of c, which need not be registered:
// a counter, a vector or any Collector with metrics of one name. For labels see
// [Gathered].
func Collected(c prometheus.Collector, labels prometheus.Labels) *Series {
	return &Series{labels: labels, gather: func() ([]*dto.MetricFamily, error) {
		r := prometheus.NewRegistry() // of its own, since c may be registered elsewhere
		if err := r.Register(c); err != nil {
			return nil, err
		}
		return r.Gather()
	}}
}

// Value gathers and returns the sum over the series that are selected: of a
// counter, gauge or untyped metric its value, of a histogram or summary the
// number of observations. It returns 0 and an error that wraps [ErrNoSeries] if
// there is none, or what gathering returned.
func (s *Series) Value() (float64, error) {
	families, err := s.gather()
	if err != nil {
		return 0, fmt.Errorf("promsource: gathering: %w", err)
	}
	r, err := s.read(families)
	return r.value, err
}

// AtLeast reports whether there is such a series and its value is at least v. It
// is made for eventually.Until; an error counts as no.
func (s *Series) AtLeast(v float64) bool {
	got, err := s.Value()
	return err == nil && got >= v
}

// Notify implements eventually.Source; nothing notifies of a gathered metric.
func (s *Series) Notify(chan<- struct{}) (stop func()) {
	s.looked = false
	return func() {}
}

// Poll implements eventually.Polled: it gathers and reports whether the value,
// the number of series or the error differs from the last look.
func (s *Series) Poll() (changed bool) {
	now := s.look()
	changed = !s.looked || now != s.last
	s.looked, s.last = true, now
	return changed
}

func (s *Series) look() reading {
	families, err := s.gather()
	if err != nil {
		return reading{err: err.Error()}
	}
	r, err := s.read(families)
	if err != nil {
		r.err = err.Error()
	}
	return r
}

// read picks the series that are selected and adds up.
func (s *Series) read(families []*dto.MetricFamily) (reading, error) {
	r := reading{name: s.name}
	if s.name == "" && len(families) > 1 {
		return r, ErrSeveralMetrics
	}
	for _, f := range families {
		if s.name != "" && f.GetName() != s.name {
			continue
		}
		r.name, r.kind = f.GetName(), strings.ToLower(f.GetType().String())
		for _, m := range f.GetMetric() {
			if has(m, s.labels) {
				r.value += valueOf(m)
				r.count++
			}
		}
	}
	if r.count == 0 {
		return r, fmt.Errorf("%w: %s%s", ErrNoSeries, r.name, labelText(s.labels))
	}
	return r, nil
}

func has(m *dto.Metric, want prometheus.Labels) bool {
	found := 0
	for _, l := range m.GetLabel() {
		if v, ok := want[l.GetName()]; ok {
			if v != l.GetValue() {
				return false
			}
			found++
		}
	}
	return found == len(want)
}

// valueOf is what a metric counts.
func valueOf(m *dto.Metric) float64 {
	switch {
	case m.Counter != nil:
		return m.Counter.GetValue()
	case m.Gauge != nil:
		return m.Gauge.GetValue()
	case m.Histogram != nil:
		if n := m.Histogram.GetSampleCountFloat(); n > 0 { // a native histogram of floats
			return n
		}
		return float64(m.Histogram.GetSampleCount())
	case m.Summary != nil:
		return float64(m.Summary.GetSampleCount())
	default:
		return m.GetUntyped().GetValue()
	}
}

// String names the source in reports, with what it shows now.
func (s *Series) String() string {
	r := s.look()
	if r.err != "" {
		if r.name == "" {
			return "prometheus metric" + labelText(s.labels) + ": " + r.err
		}
		return "prometheus metric " + r.name + labelText(s.labels) + ": " + r.err
	}
	text := describe(r.kind, r.name, s.labels, r.value)
	if r.count > 1 {
		text += fmt.Sprintf(" over %d series", r.count)
	}
	return text
}

// describe returns for instance `prometheus counter http_requests_total{code="200"} = 2`.
func describe(kind, name string, labels prometheus.Labels, value float64) string {
	unit := ""
	if kind == "histogram" || kind == "summary" {
		unit = " observations"
	}
	return fmt.Sprintf("prometheus %s %s%s = %s%s", kind, name, labelText(labels), strconv.FormatFloat(value, 'g', -1, 64), unit)
}

func labelText(labels prometheus.Labels) string {
	if len(labels) == 0 {
		return ""
	}
	pairs := make([]string, 0, len(labels))
	for name, value := range labels {
		pairs = append(pairs, fmt.Sprintf("%s=%q", name, value))
	}
	sort.Strings(pairs)
	return "{" + strings.Join(pairs, ",") + "}"
}
