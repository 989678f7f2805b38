package leakcheck

import (
	"sync"
	"testing"
	"time"
)

// idlers starts n goroutines that block until the benchmark is over.
func idlers(b *testing.B, n int) {
	release := make(chan struct{})
	var started, ended sync.WaitGroup
	started.Add(n)
	for range n {
		ended.Go(func() {
			started.Done()
			<-release
		})
	}
	started.Wait()
	b.Cleanup(func() {
		close(release)
		ended.Wait()
	})
}

// One check around a test that starts nothing, beside 100 other goroutines.
func BenchmarkCleanPassNothingStarted(b *testing.B) {
	idlers(b, 100)
	b.ReportAllocs()
	for b.Loop() {
		s := &spy{name: "BenchmarkCleanPass"}
		Check(s)
		if text := s.finish(); text != "" {
			b.Fatal(text)
		}
	}
}

// One check around a test that starts ten goroutines which end.
func BenchmarkCleanPassTenStarted(b *testing.B) {
	idlers(b, 100)
	b.ReportAllocs()
	for b.Loop() {
		s := &spy{name: "BenchmarkCleanPass"}
		Check(s)
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {})
		}
		all.Wait()
		if text := s.finish(); text != "" {
			b.Fatal(text)
		}
	}
}

// The verdict on a goroutine that is proven leaked, or without the profile the
// verdict at the end of a grace of 20 ms.
func BenchmarkVerdictOnALeak(b *testing.B) {
	proven := leakProfile() != nil
	b.ReportAllocs()
	for b.Loop() {
		s := &spy{name: "BenchmarkVerdict"}
		session := newSession(s, []Option{Within(20 * time.Millisecond)})
		started := make(chan struct{})
		go func() {
			close(started)
			<-make(chan struct{})
		}()
		<-started
		r := session.finish()
		if len(r.Goroutines) != 1 || proven != (r.Proven() == 1) {
			b.Fatal(r)
		}
	}
}

func BenchmarkFindAmongAHundred(b *testing.B) {
	idlers(b, 100)
	before := TakeBaseline()
	b.ReportAllocs()
	for b.Loop() {
		other := make(chan struct{})
		go close(other)
		<-other
		if r := Find(Since(before)); r.Leaked() {
			b.Fatal(r)
		}
	}
}
