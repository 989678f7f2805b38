package goid

import (
	"sync"
	"testing"
)

func TestEveryGoroutineHasANumberOfItsOwn(t *testing.T) {
	const n = 100
	var mu sync.Mutex
	seen := map[uint64]bool{ID(): true}
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			id := ID()
			if again := ID(); again != id {
				t.Errorf("one goroutine is called %d and %d", id, again)
			}
			mu.Lock()
			defer mu.Unlock()
			seen[id] = true
		})
	}
	wg.Wait()
	if len(seen) != n+1 || seen[0] {
		t.Errorf("%d numbers for %d goroutines (0 among them: %v)", len(seen), n+1, seen[0])
	}
}

func TestParse(t *testing.T) {
	for header, want := range map[string]uint64{
		"goroutine 8 [running]:\nmain.f()":             8,
		"goroutine 12 [running, synctest bubble 7]:\n": 12,
		"goroutine 18446744073709551615 [running]:":    1<<64 - 1,
		"goroutine 18446744073709551616 [running]:":    0,
		"goroutine x [running]:":                       0,
		"goroutine 8":                                  0,
		"main.main()":                                  0,
		"":                                             0,
	} {
		if got := Parse([]byte(header)); got != want {
			t.Errorf("Parse(%q) = %d, want %d", header, got, want)
		}
	}
}

func BenchmarkID(b *testing.B) {
	for b.Loop() {
		ID()
	}
}
