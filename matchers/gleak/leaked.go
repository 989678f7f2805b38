package gleak

import (
	"fmt"
	"reflect"

	"github.com/onsi/gomega/format"
	"github.com/onsi/gomega/types"

	"github.com/sleepless-go/sleepless/internal/goid"
	"github.com/sleepless-go/sleepless/matchers/internal/callsite"
)

// HaveLeaked matches a snapshot of goroutines in which some are left that nobody
// expects. It stands in a negative assertion:
//
//	before := Goroutines()
//	…
//	Eventually(Goroutines).ShouldNot(HaveLeaked(before)) // Goroutines, not Goroutines()
//
// Expected are the calling goroutine, what runs the tests, and what the arguments
// say: a string is an IgnoringTopFunction, a []Goroutine an IgnoringGoroutines,
// and any Gomega matcher is asked about each goroutine. HaveLeaked panics if an
// argument is anything else. Inside a synctest bubble the goroutines of that
// bubble count, outside those that are in none.
//
// The matcher looks at the snapshot only and does not wait. Under Eventually,
// which is going to ask again, it asks to be asked after 20 µs and then at
// growing distances, instead of every 10 ms; from 10 ms on the polling interval
// counts. Where the toolchain has the goroutineleak profile, a goroutine that it
// proves leaked ends Eventually and Await at once.
//
// One matcher may be used for several assertions, one after the other.
func HaveLeaked(ignoring ...any) types.GomegaMatcher {
	m := &HaveLeakedMatcher{}
	for _, ign := range ignoring {
		switch ign := ign.(type) {
		case string:
			m.expected = append(m.expected, IgnoringTopFunction(ign))
		case []Goroutine:
			m.expected = append(m.expected, IgnoringGoroutines(ign))
		case types.GomegaMatcher:
			m.expected = append(m.expected, ign)
		default:
			panic(fmt.Sprintf("HaveLeaked expected a string, []Goroutine, or GomegaMatcher, but got:\n%s", format.Object(ign, 1)))
		}
	}
	return m
}

// HaveLeakedMatcher is what HaveLeaked returns.
type HaveLeakedMatcher struct {
	expected []types.GomegaMatcher

	patience patience
	seen     int         // goroutines in the last snapshot
	leaked   []Goroutine // and those of them that nobody expects
	proven   map[uint64]bool
}

// Match is part of types.GomegaMatcher. The actual is a []Goroutine, or an array
// of them.
func (m *HaveLeakedMatcher) Match(actual any) (bool, error) {
	all, err := snapshot(actual)
	if err != nil {
		return false, err
	}
	m.seen, m.proven = len(all), nil
	if m.leaked, err = m.unexpected(all); err != nil {
		return false, err
	}
	if len(m.leaked) == 0 {
		m.patience.clean()
		return false, nil
	}
	return true, m.retry(callsite.Frames())
}

func snapshot(actual any) ([]Goroutine, error) {
	switch v := reflect.ValueOf(actual); v.Kind() {
	case reflect.Slice, reflect.Array:
		if v.Type().Elem() != reflect.TypeFor[Goroutine]() {
			break
		}
		all := make([]Goroutine, v.Len())
		reflect.Copy(reflect.ValueOf(all), v)
		return all, nil
	case reflect.Func:
		return nil, fmt.Errorf("HaveLeaked matcher expects an array or slice of goroutines, and got a function; Expect takes its result: Expect(Goroutines())")
	}
	return nil, fmt.Errorf("HaveLeaked matcher expects an array or slice of goroutines.  Got:\n%s", format.Object(actual, 1))
}

// unexpected returns the goroutines that neither we nor the test expect.
func (m *HaveLeakedMatcher) unexpected(all []Goroutine) ([]Goroutine, error) {
	var left []Goroutine
	self, bubble := goid.ID(), ownBubble()
next:
	for _, g := range all {
		if g.ID == self || bubbleOf(g) != bubble || background(g) || ofParallelClient(g) {
			continue
		}
		for _, e := range m.expected {
			ok, err := e.Match(g)
			if err != nil {
				return nil, err
			}
			if ok {
				continue next
			}
		}
		left = append(left, g)
	}
	return left, nil
}

// FailureMessage is part of types.GomegaMatcher: a leak was wanted.
func (m *HaveLeakedMatcher) FailureMessage(any) string {
	return fmt.Sprintf("Expected goroutines to have leaked, and none has. The snapshot holds %s, and each runs the test or fits an argument of HaveLeaked.\nfix: take the snapshot that is the argument before the leak, and the one that is judged after it", count(m.seen, "goroutine"))
}

// NegatedFailureMessage is part of types.GomegaMatcher: it describes the leak
// that the last Match found.
func (m *HaveLeakedMatcher) NegatedFailureMessage(any) string {
	if len(m.leaked) == 0 {
		return "Expected goroutines not to have leaked, and none has."
	}
	return m.describe()
}
