package peers

import (
	"testing"

	"github.com/onsi/gomega"
	stock "github.com/onsi/gomega/gleak"

	"github.com/sleepless-go/sleepless/matchers"
	"github.com/sleepless-go/sleepless/matchers/gleak"
)

// crowd blocks n goroutines until the benchmark is over.
func crowd(b *testing.B, n int) {
	stop, ended := make(chan struct{}), make(chan struct{})
	for range n {
		go func() {
			<-stop
			ended <- struct{}{}
		}()
	}
	b.Cleanup(func() {
		close(stop)
		for range n {
			<-ended
		}
	})
}

// BenchmarkLeakGone has a goroutine told to end, and then waits until no leak is
// left, as a suite does after each test. In most rounds the first look still
// sees the goroutine.
func BenchmarkLeakGone(b *testing.B) {
	var c beside
	round := func(wait func()) func(*testing.B) {
		return func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				stop, told := make(chan struct{}), make(chan struct{})
				go func() {
					<-stop
					close(told)
					for range 20 { // some work that is left to do
						relay()
					}
				}()
				close(stop)
				<-told
				wait()
			}
		}
	}
	b.Run("lib=sleepless", func(b *testing.B) {
		g, before := gomega.NewWithT(b), gleak.Goroutines()
		round(func() { g.Eventually(gleak.Goroutines).ShouldNot(gleak.HaveLeaked(before)) })(b)
		c.compare(b, true)
	})
	b.Run("lib=sleepless-await", func(b *testing.B) {
		g, before := gomega.NewWithT(b), gleak.Goroutines()
		round(func() { matchers.AwaitWith(g, gleak.Goroutines).ShouldNot(gleak.HaveLeaked(before)) })(b)
	})
	b.Run("lib=gomega", func(b *testing.B) {
		g, before := gomega.NewWithT(b), stock.Goroutines()
		round(func() { g.Eventually(stock.Goroutines).ShouldNot(stock.HaveLeaked(before)) })(b)
		c.compare(b, false)
	})
}

// relay hands a value over and back.
func relay() {
	to, back := make(chan int), make(chan int)
	go func() { back <- <-to }()
	to <- 1
	<-back
}

// BenchmarkLeakSnapshot takes and judges one snapshot with 100 goroutines in it,
// all of them expected.
func BenchmarkLeakSnapshot(b *testing.B) {
	var c beside
	b.Run("lib=sleepless", func(b *testing.B) {
		crowd(b, 100)
		g, before := gomega.NewWithT(b), gleak.Goroutines()
		b.ReportAllocs()
		for b.Loop() {
			g.Expect(gleak.Goroutines()).NotTo(gleak.HaveLeaked(before))
		}
		c.compare(b, true)
	})
	b.Run("lib=gomega", func(b *testing.B) {
		crowd(b, 100)
		g, before := gomega.NewWithT(b), stock.Goroutines()
		b.ReportAllocs()
		for b.Loop() {
			g.Expect(stock.Goroutines()).NotTo(stock.HaveLeaked(before))
		}
		c.compare(b, false)
	})
}
