// Package bubbled runs benchmarks in testing/synctest bubbles.
//
// A bubble belongs to a *testing.T, which a benchmark does not have, and within
// it b.Loop would measure virtual time. Loop gets the one and stays outside for
// the other: each iteration is a bubble of its own, and ns/op is the real time
// of making it, running it and ending it.
//
//	func BenchmarkMinute(b *testing.B) {
//		bubbled.Loop(b, func(*testing.T) { time.Sleep(time.Minute) })
//	}
package bubbled

import (
	"runtime"
	"testing"
	"testing/synctest"
)

// Loop runs b's loop, each iteration of it in a bubble of its own. A body that
// fails its t ends the loop and fails b.
//
// The flag -skip applies to the test behind the bubbles too; with it, Loop skips
// the benchmark and says so.
func Loop(b *testing.B, body func(t *testing.T)) {
	b.Helper()
	WithT(b, func(t *testing.T) {
		for b.Loop() {
			synctest.Test(t, body)
		}
	})
}

// WithT runs the benchmark's code with a T of its own, outside all bubbles, for
// loops that make their bubbles in another way than Loop.
func WithT(b *testing.B, run func(t *testing.T)) {
	b.Helper()
	ran := false
	// RunTests repeats what it is given for -count and -cpu, which the benchmark
	// is subject to already: only the first run counts, on the processors b has.
	procs := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(procs)
	test := testing.InternalTest{Name: b.Name(), F: func(t *testing.T) {
		if ran {
			return
		}
		ran = true
		runtime.GOMAXPROCS(procs)
		run(t)
	}}
	ok := testing.RunTests(func(string, string) (bool, error) { return true, nil }, []testing.InternalTest{test})
	switch {
	case !ran:
		b.Skip("the flag -skip leaves no test to make bubbles with")
	case !ok:
		b.Fatal("failed in a bubble; see above")
	}
}
