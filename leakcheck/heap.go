package leakcheck

import (
	"fmt"
	"runtime"
	"runtime/metrics"
	"strings"
)

// HeapSample is what the heap holds after a garbage collection.
type HeapSample struct {
	Objects uint64
	Bytes   uint64
}

// Memory makes HeapStable and Settling read the heap with f, which has to
// collect garbage itself. Tests of tests use it.
func Memory(f func() HeapSample) Option {
	return optionFunc(func(c *config) {
		if f == nil {
			c.misuse("Memory was given a nil function; pass one that returns a sample, or leave it out")
			return
		}
		c.memory = f
	})
}

func (c config) sample() HeapSample {
	if c.memory != nil {
		return c.memory()
	}
	return readHeap()
}

// readHeap collects twice, since a sync.Pool gives up its objects in two steps,
// lets cleanups and finalizers run that are queued, and counts what is left.
func readHeap() HeapSample {
	runtime.GC()
	settleCleanups()
	runtime.GC()
	samples := []metrics.Sample{{Name: "/gc/heap/objects:objects"}, {Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(samples)
	return HeapSample{Objects: samples[0].Value.Uint64(), Bytes: samples[1].Value.Uint64()}
}

// cleanupsPending returns how many cleanups and finalizers have been queued and
// have not run.
func cleanupsPending() uint64 {
	samples := []metrics.Sample{
		{Name: "/gc/cleanups/queued:cleanups"}, {Name: "/gc/cleanups/executed:cleanups"},
		{Name: "/gc/finalizers/queued:finalizers"}, {Name: "/gc/finalizers/executed:finalizers"},
	}
	metrics.Read(samples)
	pending := uint64(0)
	for i := 0; i < len(samples); i += 2 {
		queued, executed := samples[i].Value.Uint64(), samples[i+1].Value.Uint64()
		if queued > executed {
			pending += queued - executed
		}
	}
	return pending
}

// HeapStable makes the test fail if f leaves something on the heap each time.
// It calls f n times to warm up, so that caches may fill, and then three rounds
// of n times, and compares what is live after a garbage collection: there is a
// leak if every round added half an object or more per call, or if the bytes
// rose round by round, by 64 KiB or more in all (a slice or map that grows is
// few objects). Slower leaks need a larger n. What other goroutines keep counts
// as well, so do not use it in parallel tests. It never waits.
//
// n must be at least 1, f must not be nil.
func HeapStable(t TB, n int, f func(), opts ...Option) {
	t.Helper()
	c := configure(opts)
	if n < 1 || f == nil {
		c.misuse("HeapStable needs a function and n of at least 1, and got n = %d; a few hundred calls show a leak of one object per call", n)
	}
	if c.err != nil {
		t.Errorf("%v", c.err)
		return
	}
	samples := make([]HeapSample, 0, measuredRounds+1)
	for range measuredRounds + 1 {
		for range n {
			f()
		}
		samples = append(samples, c.sample())
	}
	if growing(samples, n) {
		t.Errorf("%s", growthText(samples, n))
	}
}

const measuredRounds = 3

// growing decides whether the heap rises with each round of n calls.
func growing(samples []HeapSample, n int) bool {
	const leastBytes = 64 << 10
	objects, rises := true, 0
	for i, s := range samples[1:] {
		before := samples[i]
		if s.Objects < before.Objects+uint64(max(n/2, 1)) {
			objects = false
		}
		switch {
		case s.Bytes > before.Bytes:
			rises++
		case s.Bytes < before.Bytes:
			rises -= len(samples) // a heap that falls keeps nothing
		}
	}
	first, last := samples[0], samples[len(samples)-1]
	return objects || rises >= len(samples)-2 && last.Bytes >= first.Bytes+leastBytes
}

func growthText(samples []HeapSample, n int) string {
	first, last := samples[0], samples[len(samples)-1]
	calls := float64(n * (len(samples) - 1))
	var b strings.Builder
	fmt.Fprintf(&b, "leakcheck: the heap grows by %.1f objects and %.0f bytes with each call\n",
		(float64(last.Objects)-float64(first.Objects))/calls, (float64(last.Bytes)-float64(first.Bytes))/calls)
	for i, s := range samples {
		fmt.Fprintf(&b, "    after %6d calls: %9d objects, %12d bytes\n", n*(i+1), s.Objects, s.Bytes)
	}
	b.WriteString("    fix: find what keeps them: a map without a delete, a slice that only grows, a goroutine or timer per call;\n")
	b.WriteString("         go test -memprofile mem.out -memprofilerate 1 and go tool pprof -sample_index inuse_objects mem.out show the line")
	return b.String()
}
