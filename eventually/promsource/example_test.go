package promsource_test

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/eventually/promsource"
)

func ExampleNewCounter() {
	t := testOf("ExampleNewCounter") // *testing.T in a test
	// snippet:begin counter
	requests := promsource.NewCounter(prometheus.CounterOpts{Name: "http_requests_total"}) // or WrapCounter(c)

	go requests.Add(2) // what the component does, which takes a prometheus.Counter

	eventually.Until(t, "two requests were served", func() bool { return requests.Value() == 2 }, eventually.On(requests))
	// snippet:end counter
	fmt.Println(requests)
	// Output: prometheus counter http_requests_total = 2
}

func ExampleNewGauge() {
	g := promsource.NewGauge(prometheus.GaugeOpts{Name: "queue_length"})
	go g.Set(3)
	eventually.Until(testOf("ExampleNewGauge"), "three are queued", func() bool { return g.Value() == 3 }, eventually.On(g))
	fmt.Println(g)
	// Output: prometheus gauge queue_length = 3
}

func ExampleNewHistogram() {
	h := promsource.NewHistogram(prometheus.HistogramOpts{Name: "latency_seconds"})
	go h.Observe(0.1)
	eventually.Until(testOf("ExampleNewHistogram"), "it is measured", func() bool { return h.Count() == 1 }, eventually.On(h))
	fmt.Println(h)
	// Output: prometheus histogram latency_seconds = 1 observations
}

func ExampleGathered() {
	registry := prometheus.NewRegistry()
	jobs := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "jobs_total"}, []string{"result"})
	registry.MustRegister(jobs)
	go jobs.WithLabelValues("ok").Inc() // written out of our reach

	t := testOf("ExampleGathered")
	// snippet:begin gathered
	ok := promsource.Gathered(registry, "jobs_total", prometheus.Labels{"result": "ok"})
	eventually.Until(t, "a job is done", func() bool { return ok.AtLeast(1) }, eventually.On(ok)) // polled
	// snippet:end gathered
	fmt.Println(ok)
	// Output: prometheus counter jobs_total{result="ok"} = 1
}

func ExampleCollected() {
	g := prometheus.NewGauge(prometheus.GaugeOpts{Name: "workers"})
	g.Set(4)
	fmt.Println(promsource.Collected(g, nil).Value())
	// Output: 4 <nil>
}

// testOf stands for the test that an example has not got.
type testOf string

func (testOf) Helper()                             {}
func (t testOf) Errorf(format string, args ...any) { fmt.Printf(string(t)+": "+format+"\n", args...) }
func (t testOf) FailNow()                          { panic(string(t) + " failed") }
