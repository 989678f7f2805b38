package peers

import (
	"runtime"
	"runtime/pprof"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sleepless-go/sleepless/leakcheck"
)

// idle starts n goroutines that block until the benchmark is over.
func idle(b *testing.B, n int) {
	release := make(chan struct{})
	var begun, ended sync.WaitGroup
	begun.Add(n)
	for range n {
		ended.Go(func() {
			begun.Done()
			<-release
		})
	}
	begun.Wait()
	b.Cleanup(func() {
		close(release)
		ended.Wait()
	})
}

// one goroutine starts and ends.
func one() {
	done := make(chan struct{})
	go close(done)
	<-done
}

// A check that finds nothing, beside 100 goroutines that were there before.
func BenchmarkLeakCleanPass(b *testing.B) {
	for _, started := range []bool{false, true} {
		var c beside
		name := map[bool]string{false: "nothing-started", true: "one-started"}[started]
		b.Run(name+"/lib=sleepless", func(b *testing.B) {
			idle(b, 100)
			opt := leakcheck.IgnoreCurrent()
			b.ReportAllocs()
			for b.Loop() {
				if started {
					one()
				}
				if r := leakcheck.Find(opt); r.Leaked() {
					b.Fatal(r)
				}
			}
			floor(b, "ns/op", 100_000)
			c.compare(b, true)
		})
		if started { // what a look costs at least
			b.Run(name+"/lib=runtime.Stack", func(b *testing.B) {
				idle(b, 100)
				buf := make([]byte, 1<<20)
				for b.Loop() {
					one()
					runtime.Stack(buf, true)
				}
				c.compare(b, false)
			})
		}
		b.Run(name+"/lib=goleak", func(b *testing.B) {
			idle(b, 100)
			opt := goleak.IgnoreCurrent()
			b.ReportAllocs()
			for b.Loop() {
				if started {
					one()
				}
				if err := goleak.Find(opt); err != nil {
					b.Fatal(err)
				}
			}
			c.compare(b, false)
		})
	}
}

// The verdict on one goroutine that nothing can wake. Where the runtime can
// prove that (GOEXPERIMENT=goroutineleakprofile) ours needs no grace; else it is
// given one of 20 ms, where goleak has no choice but its own.
func BenchmarkLeakVerdict(b *testing.B) {
	proven := pprof.Lookup("goroutineleak") != nil
	leak := func() {
		begun := make(chan struct{})
		go func() {
			close(begun)
			<-make(chan struct{})
		}()
		<-begun
	}
	var c beside
	b.Run("lib=sleepless", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			base := leakcheck.TakeBaseline()
			leak()
			r := leakcheck.Find(leakcheck.Since(base), leakcheck.Within(20*time.Millisecond))
			if len(r.Goroutines) != 1 || proven != (r.Proven() == 1) {
				b.Fatal(r)
			}
		}
		if proven {
			floor(b, "ns/op", 10e6)
		}
		c.compare(b, true)
	})
	b.Run("lib=goleak", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			opt := goleak.IgnoreCurrent()
			leak()
			if goleak.Find(opt) == nil {
				b.Fatal("goleak has missed a leak")
			}
		}
		c.compare(b, false)
	})
}
