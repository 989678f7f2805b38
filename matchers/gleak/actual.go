package gleak

import (
	"fmt"

	"github.com/onsi/gomega/format"
)

// G returns an actual that is a Goroutine or a non-nil *Goroutine, and an error
// that names the matcher for anything else. It is meant for matchers that judge
// one goroutine.
func G(actual any, matchername string) (Goroutine, error) {
	switch g := actual.(type) {
	case Goroutine:
		return g, nil
	case *Goroutine:
		if g != nil {
			return *g, nil
		}
	}
	return Goroutine{}, fmt.Errorf("%s matcher expects a Goroutine or *Goroutine.  Got:\n%s", matchername, format.Object(actual, 1))
}

// Uint64Slice sorts numbers of goroutines in increasing order; it is there for
// code that uses it. New code has slices.Sort.
type Uint64Slice []uint64

// Len is part of sort.Interface.
func (s Uint64Slice) Len() int { return len(s) }

// Less is part of sort.Interface.
func (s Uint64Slice) Less(a, b int) bool { return s[a] < s[b] }

// Swap is part of sort.Interface.
func (s Uint64Slice) Swap(a, b int) { s[a], s[b] = s[b], s[a] }
