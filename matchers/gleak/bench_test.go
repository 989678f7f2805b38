package gleak

import "testing"

// The snapshot and its verdict, with nothing but the benchmark running.
func BenchmarkSnapshot(b *testing.B) {
	before := Goroutines()
	m := HaveLeaked(before)
	b.ReportAllocs()
	for b.Loop() {
		if leaked, err := m.Match(Goroutines()); leaked || err != nil {
			b.Fatal(leaked, err)
		}
	}
}
