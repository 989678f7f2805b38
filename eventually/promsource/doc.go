// Package promsource makes metrics of github.com/prometheus/client_golang
// sources of waits: a test waits until a counter has counted.
//
//	requests := promsource.NewCounter(prometheus.CounterOpts{Name: "http_requests_total"})
//	go serve(requests) // takes a prometheus.Counter
//	eventually.Until(t, "two requests were served", func() bool { return requests.Value() == 2 }, eventually.On(requests))
//
// # When to use it
//
// Where the component under test has metrics already, and they say what a test
// wants to know. [NewCounter], [NewGauge] and [NewHistogram] return metrics to
// hand to the component, and [WrapCounter] and the like wrap those that it has:
// what is written through them wakes waits. A metric that is written elsewhere,
// in a library or through a Vec that stays hidden, can only be polled:
// [Gathered] and [Collected] are such sources, and reports call them so.
//
// # What is guaranteed
//
// A wrapper writes first and wakes second, so a wait sees the value that woke
// it, and none is lost. A polled source gathers when a wait asks, with the
// wait's growing pauses from 50 µs to 5 ms, and says when a value differs from
// the last one seen. Each names itself in the failure: its type, name and labels
// as Prometheus writes them, and its value.
//
// # What it does not do
//
// A metric is a number: that it went up and down again between two looks is not
// seen. A write past the wrapper does not wake. Nothing is scraped over HTTP, and
// nothing is registered anywhere: register wrappers as you would the metrics.
//
// Outside what the failure shows, nothing here prints or keeps a history. All
// methods may be called from any goroutine, except that a polled source is used
// by one wait at a time. No goroutine is started.
package promsource
