package leakcorpus_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/internal/leakcorpus"
	"github.com/sleepless-go/sleepless/internal/stacks"
)

// present returns the goroutines that stem from the field and are there.
func present(f *leakcorpus.Field) (ids []uint64) {
	for _, g := range stacks.All() {
		if f.Owner(g.ID) != "" {
			ids = append(ids, g.ID)
		}
	}
	return ids
}

func TestEachLeakLeavesWhatItSays(t *testing.T) {
	for _, c := range leakcorpus.Leaks() {
		t.Run(c.Name, func(t *testing.T) {
			f := leakcorpus.Sow(c)
			eventually.Value(t, "goroutines of the case", func() int { return len(present(f)) }, func(n int) bool { return n == c.Leaks })
			if got := f.Named(present(f)); got[c.Name] != c.Leaks || len(got) != 1 {
				t.Errorf("named %v", got)
			}
			if c.Lost {
				return
			}
			f.Clear()
			if c.Name == "sleep of an hour" {
				return // nobody can wake it, though the runtime will
			}
			eventually.Value(t, "goroutines after the release", func() int { return len(present(f)) }, func(n int) bool { return n == 0 })
		})
	}
}

func TestEachInnocentLeavesNone(t *testing.T) {
	for _, c := range leakcorpus.Innocents() {
		t.Run(c.Name, func(t *testing.T) {
			f := leakcorpus.Sow(c)
			eventually.Value(t, "goroutines of the case", func() int { return len(present(f)) }, func(n int) bool { return n == 0 })
			f.Clear()
		})
	}
}

func TestTheCorpusIsLargeAndItsNamesAreUnique(t *testing.T) {
	leaks, innocents := leakcorpus.Leaks(), leakcorpus.Innocents()
	if len(leaks) < 30 || len(innocents) < 30 {
		t.Errorf("%d leaks and %d innocents; there are to be 30 of each", len(leaks), len(innocents))
	}
	seen := map[string]bool{}
	for _, c := range slices.Concat(leaks, innocents) {
		if seen[c.Name] {
			t.Errorf("two cases are named %q", c.Name)
		}
		seen[c.Name] = true
	}
	for _, c := range leaks {
		if c.Leaks == 0 {
			t.Errorf("%q is among the leaks and leaves none", c.Name)
		}
	}
	for _, c := range innocents {
		if c.Leaks > 0 || c.Lost {
			t.Errorf("%q is among the innocents and leaves %d", c.Name, c.Leaks)
		}
	}
}

func ExampleSow() {
	f := leakcorpus.Sow(leakcorpus.Leaks()[0])
	defer f.Clear()
	var left []uint64
	for _, g := range stacks.All() {
		if f.Owner(g.ID) != "" {
			left = append(left, g.ID)
		}
	}
	fmt.Println(f.Named(left))
	// Output: map[send that nobody receives:1]
}
