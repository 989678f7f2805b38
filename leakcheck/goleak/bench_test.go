package goleak

import (
	"testing"

	uber "go.uber.org/goleak"
)

// A clean pass with 100 goroutines that are ignored, beside goleak.
func BenchmarkFindNothing(b *testing.B) {
	stop, ended := make(chan struct{}), make(chan struct{})
	for range 100 {
		go func() {
			<-stop
			ended <- struct{}{}
		}()
	}
	b.Cleanup(func() {
		close(stop)
		for range 100 {
			<-ended
		}
	})
	b.Run("lib=sleepless", func(b *testing.B) {
		current := IgnoreCurrent()
		b.ReportAllocs()
		for b.Loop() {
			if err := Find(current); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("lib=goleak", func(b *testing.B) {
		current := uber.IgnoreCurrent()
		b.ReportAllocs()
		for b.Loop() {
			if err := uber.Find(current); err != nil {
				b.Fatal(err)
			}
		}
	})
}
