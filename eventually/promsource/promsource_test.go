package promsource_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/eventually/promsource"
)

var update = flag.Bool("update", false, "write the golden files")

var errBroken = errors.New("the collector is broken")

// spy is a test whose failure is looked at.
type spy struct{ text string }

func (*spy) Helper()                          {}
func (s *spy) Errorf(format string, a ...any) { s.text += fmt.Sprintf(format, a...) }
func (s *spy) FailNow()                       {}
func mustBe[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("%s = %v, want %v", what, got, want)
	}
}

func mustContain(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing in:\n%s", part, text)
		}
	}
}

var (
	_ prometheus.Counter          = (*promsource.Counter)(nil)
	_ prometheus.ExemplarAdder    = (*promsource.Counter)(nil)
	_ prometheus.Gauge            = (*promsource.Gauge)(nil)
	_ prometheus.Histogram        = (*promsource.Histogram)(nil)
	_ prometheus.ExemplarObserver = (*promsource.Histogram)(nil)
	_ eventually.Witness          = (*promsource.Counter)(nil)
	_ eventually.Witness          = (*promsource.Gauge)(nil)
	_ eventually.Witness          = (*promsource.Histogram)(nil)
	_ eventually.Polled           = (*promsource.Series)(nil)
)

// In a bubble a wait that polled would take virtual time, and one that is woken
// takes none.
func TestAWriteThroughAWrapperWakesAWaitAtOnce(t *testing.T) {
	counter := promsource.NewCounter(prometheus.CounterOpts{Name: "c_total"})
	gauge := promsource.NewGauge(prometheus.GaugeOpts{Name: "g"})
	histogram := promsource.NewHistogram(prometheus.HistogramOpts{Name: "h"})
	for name, c := range map[string]struct {
		source eventually.Source
		write  func()
		value  func() float64
		want   float64
	}{
		"Counter.Inc":                   {counter, counter.Inc, counter.Value, 1},
		"Counter.Add":                   {counter, func() { counter.Add(2) }, counter.Value, 2},
		"Counter.AddWithExemplar":       {counter, func() { counter.AddWithExemplar(3, prometheus.Labels{"id": "1"}) }, counter.Value, 3},
		"Gauge.Inc":                     {gauge, gauge.Inc, gauge.Value, 1},
		"Gauge.Dec":                     {gauge, gauge.Dec, gauge.Value, -1},
		"Gauge.Add":                     {gauge, func() { gauge.Add(2) }, gauge.Value, 2},
		"Gauge.Sub":                     {gauge, func() { gauge.Sub(3) }, gauge.Value, -3},
		"Histogram.Observe":             {histogram, func() { histogram.Observe(7) }, func() float64 { return float64(histogram.Count()) }, 1},
		"Histogram.ObserveWithExemplar": {histogram, func() { histogram.ObserveWithExemplar(7, prometheus.Labels{"id": "1"}) }, func() float64 { return float64(histogram.Count()) }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start, before := time.Now(), c.value()
				time.AfterFunc(time.Second, c.write)
				eventually.Until(t, "it is written", func() bool { return c.value() == before+c.want }, eventually.On(c.source))
				mustBe(t, "time taken", time.Since(start), time.Second)
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		time.AfterFunc(time.Second, func() { gauge.Set(42) })
		eventually.Until(t, "it is set", func() bool { return gauge.Value() == 42 }, eventually.On(gauge))
		time.AfterFunc(time.Second, gauge.SetToCurrentTime)
		eventually.Until(t, "it is the time", func() bool { return gauge.Value() > 9e8 }, eventually.On(gauge))
		mustBe(t, "time taken", time.Since(start), 2*time.Second)
	})
}

// A Vec hands out metrics that know nothing of waits.
func TestAWrapperOfAVecsMetricWritesToTheVec(t *testing.T) {
	vec := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "http_requests_total"}, []string{"code"})
	ok := promsource.WrapCounter(vec.WithLabelValues("200"))
	ok.Add(2)
	vec.WithLabelValues("500").Inc()
	mustBe(t, "String", ok.String(), `prometheus counter http_requests_total{code="200"} = 2`)
	all := promsource.Collected(vec, nil)
	mustBe(t, "sum", all.String(), `prometheus counter http_requests_total = 3 over 2 series`)
}

// plain hides the methods for exemplars.
type plain struct{ prometheus.Counter }
type plainHistogram struct{ prometheus.Histogram }

func TestAMetricWithoutExemplarsGetsTheValueAlone(t *testing.T) {
	c := promsource.WrapCounter(plain{prometheus.NewCounter(prometheus.CounterOpts{Name: "c_total"})})
	c.AddWithExemplar(2, prometheus.Labels{"id": "1"})
	mustBe(t, "value", c.Value(), 2)
	h := promsource.WrapHistogram(plainHistogram{prometheus.NewHistogram(prometheus.HistogramOpts{Name: "h"})})
	h.ObserveWithExemplar(2, prometheus.Labels{"id": "1"})
	mustBe(t, "count", h.Count(), 1)
	mustBe(t, "String", h.String(), "prometheus histogram h = 1 observations")
}

func TestASeriesOfARegistryIsPolledAndNamedSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := prometheus.NewRegistry()
		vec := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "http_requests_total"}, []string{"code", "method"})
		r.MustRegister(vec)
		s := promsource.Gathered(r, "http_requests_total", prometheus.Labels{"code": "200"})
		for i, method := range []string{"GET", "PUT"} {
			time.AfterFunc(time.Duration(i+1)*time.Second, vec.WithLabelValues("200", method).Inc)
		}
		vec.WithLabelValues("500", "GET").Add(10)
		eventually.Until(t, "two are counted", func() bool { return s.AtLeast(2) }, eventually.On(s))
		var failed spy
		eventually.Until(&failed, "three are counted", func() bool { return s.AtLeast(3) }, eventually.On(s), eventually.Within(time.Second))
		golden(t, "polled", failed.text)
	})
}

func TestAFailedWaitNamesTheWrapper(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := promsource.NewCounter(prometheus.CounterOpts{Name: "http_requests_total", ConstLabels: prometheus.Labels{"code": "200"}})
		time.AfterFunc(time.Second, c.Inc)
		var failed spy
		eventually.Value(&failed, "two requests", c.Value, func(v float64) bool { return v == 2 }, eventually.On(c))
		golden(t, "wrapper", failed.text)
	})
}

// golden compares a failure with testdata; -update writes it. In a
// bubble its times are exact.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := "testdata/" + name + ".txt"
	if *update {
		if err := os.WriteFile(file, []byte(got+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got+"\n" != string(want) {
		t.Errorf("the failure text differs from %s (run with -update if it should):\n%s", file, got)
	}
}

func TestPollSaysWhenSomethingDiffers(t *testing.T) {
	g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "g"}, []string{"l"})
	g.WithLabelValues("z")
	s := promsource.Collected(g, prometheus.Labels{"l": "x"})
	defer s.Notify(nil)()
	for i, step := range []struct {
		do   func()
		want bool
	}{
		{func() {}, true}, // never looked before
		{func() {}, false},
		{func() { g.WithLabelValues("y").Set(1) }, false},
		{func() { g.WithLabelValues("x") }, true}, // it is there now, and 0
		{func() { g.WithLabelValues("x").Set(1) }, true},
		{func() {}, false},
		{g.Reset, true},
	} {
		step.do()
		mustBe(t, fmt.Sprintf("change in step %d", i), s.Poll(), step.want)
	}
}

func TestHistogramsAndSummariesCountObservations(t *testing.T) {
	h := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "h", NativeHistogramBucketFactor: 1.1})
	s := prometheus.NewSummary(prometheus.SummaryOpts{Name: "s"})
	for range 3 {
		h.Observe(0.5)
		s.Observe(100)
	}
	mustBe(t, "histogram", promsource.Collected(h, nil).String(), "prometheus histogram h = 3 observations")
	mustBe(t, "summary", promsource.Collected(s, nil).String(), "prometheus summary s = 3 observations")
	u := prometheus.NewUntypedFunc(prometheus.UntypedOpts{Name: "u"}, func() float64 { return 2.5 })
	mustBe(t, "untyped", promsource.Collected(u, nil).String(), "prometheus untyped u = 2.5")
}

type both [2]prometheus.Collector

func (b both) Describe(c chan<- *prometheus.Desc) { b[0].Describe(c); b[1].Describe(c) }
func (b both) Collect(c chan<- prometheus.Metric) { b[0].Collect(c); b[1].Collect(c) }

func TestWhatCannotBeReadIsSaid(t *testing.T) {
	missing := promsource.Gathered(prometheus.NewRegistry(), "jobs", prometheus.Labels{"queue": "q"})
	v, err := missing.Value()
	if v != 0 || !errors.Is(err, promsource.ErrNoSeries) || missing.AtLeast(0) {
		t.Errorf("value %v, err %v", v, err)
	}
	mustContain(t, missing.String(), `prometheus metric jobs{queue="q"}: promsource: no such series`)
	bare := promsource.Collected(prometheus.NewCounter(prometheus.CounterOpts{Name: "jobs"}), prometheus.Labels{"queue": "q"})
	if _, err := bare.Value(); !errors.Is(err, promsource.ErrNoSeries) {
		t.Errorf("a series without the label was selected: err %v", err)
	}
	a, b := prometheus.NewCounter(prometheus.CounterOpts{Name: "a"}), prometheus.NewCounter(prometheus.CounterOpts{Name: "b"})
	if _, err := promsource.Collected(both{a, b}, nil).Value(); !errors.Is(err, promsource.ErrSeveralMetrics) {
		t.Errorf("err = %v", err)
	}
	broken := promsource.Gathered(prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { return nil, errBroken }), "jobs", nil)
	if _, err := broken.Value(); !errors.Is(err, errBroken) {
		t.Errorf("err = %v", err)
	}
	mustContain(t, broken.String(), errBroken.Error())
	invalid := promsource.Collected(prometheus.NewCounter(prometheus.CounterOpts{Name: "a", ConstLabels: prometheus.Labels{"\xff": "x"}}), nil)
	if _, err := invalid.Value(); err == nil {
		t.Error("a collector that cannot be registered has a value")
	}
}

func TestWrappersMayBeWrittenByGoroutinesWhileWaitsRead(t *testing.T) {
	c := promsource.NewCounter(prometheus.CounterOpts{Name: "c_total"})
	var writers sync.WaitGroup
	for range 4 {
		writers.Go(func() {
			for range 250 {
				c.Inc()
			}
		})
	}
	eventually.Until(t, "all are counted", func() bool { return c.Value() == 1000 }, eventually.On(c))
	writers.Wait()
}

func BenchmarkCounterInc(b *testing.B) {
	for name, c := range map[string]prometheus.Counter{
		"wrapped": promsource.NewCounter(prometheus.CounterOpts{Name: "c_total"}),
		"plain":   prometheus.NewCounter(prometheus.CounterOpts{Name: "c_total"}),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.Inc()
			}
		})
	}
}
