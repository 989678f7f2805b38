package gleak

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/onsi/gomega/format"
	"github.com/onsi/gomega/types"
)

// IgnoringTopFunction matches a goroutine by the innermost function of its
// stack, in one of three forms:
//
//	"foo.bar"                 that function
//	"foo.bar..."              any function whose name begins with "foo.bar."
//	"foo.bar [chan receive]"  that function, in a state that begins so
//
// It is, like the other Ignoring matchers, meant as an argument of HaveLeaked,
// holds no state and may be shared. None of them matches anything but a
// Goroutine or *Goroutine.
func IgnoringTopFunction(topfname string) types.GomegaMatcher {
	if name, state, ok := strings.Cut(topfname, " ["); ok {
		name, state = strings.Trim(name, " "), strings.Trim(state, "[]")
		if state == "" {
			return topFunction(name)
		}
		return &ignoring{
			matcher: "IgnoringTopFunction",
			wants:   []any{fmt.Sprintf("to have the topmost function %q and the state %q", name, state)},
			fits:    func(g Goroutine) bool { return g.TopFunction == name && strings.HasPrefix(g.State, state) },
		}
	}
	if prefix, ok := below(topfname); ok {
		return &ignoring{
			matcher: "IgnoringTopFunction",
			wants:   []any{fmt.Sprintf("to have the prefix %q for its topmost function", prefix)},
			fits:    func(g Goroutine) bool { return strings.HasPrefix(g.TopFunction, prefix) },
		}
	}
	return topFunction(topfname)
}

func topFunction(name string) *ignoring {
	return &ignoring{
		matcher: "IgnoringTopFunction",
		wants:   []any{fmt.Sprintf("to have the topmost function %q", name)},
		fits:    func(g Goroutine) bool { return g.TopFunction == name },
	}
}

// IgnoringCreator matches a goroutine by the function that has its go statement:
// "foo.bar" is that function, "foo.bar..." any whose name begins with "foo.bar.".
func IgnoringCreator(creatorfname string) types.GomegaMatcher {
	if prefix, ok := below(creatorfname); ok {
		return &ignoring{
			matcher: "IgnoringCreator",
			wants:   []any{fmt.Sprintf("to be created by a function with prefix %q", prefix)},
			fits:    func(g Goroutine) bool { return strings.HasPrefix(g.CreatorFunction, prefix) },
		}
	}
	return &ignoring{
		matcher: "IgnoringCreator",
		wants:   []any{fmt.Sprintf("to be created by %q", creatorfname)},
		fits:    func(g Goroutine) bool { return g.CreatorFunction == creatorfname },
	}
}

// IgnoringInBacktrace matches a goroutine whose backtrace contains the text. As
// in Gomega's gleak that is any text: the line of the go statement and the names
// of files count.
func IgnoringInBacktrace(fname string) types.GomegaMatcher {
	return &ignoring{
		matcher: "IgnoringInBacktrace",
		wants:   []any{fmt.Sprintf("to contain %q in the goroutine's backtrace", fname)},
		fits:    func(g Goroutine) bool { return strings.Contains(g.Backtrace, fname) },
	}
}

// IgnoringGoroutines matches the goroutines of a snapshot, by their numbers,
// which the runtime never uses twice.
func IgnoringGoroutines(goroutines []Goroutine) types.GomegaMatcher {
	known := make(map[uint64]bool, len(goroutines))
	for _, g := range goroutines {
		known[g.ID] = true
	}
	return &ignoring{
		matcher: "IgnoringGoroutines",
		wants:   []any{"to be contained in the list of expected goroutine IDs", slices.Sorted(maps.Keys(known))},
		fits:    func(g Goroutine) bool { return known[g.ID] },
	}
}

// below returns "foo.bar." for "foo.bar...".
func below(pattern string) (prefix string, ok bool) {
	prefix, ok = strings.CutSuffix(pattern, "...")
	return prefix + ".", ok
}

// ignoring is a matcher that tells expected goroutines.
type ignoring struct {
	matcher string
	wants   []any // the message: a text, and maybe an object to show
	fits    func(Goroutine) bool
}

// Match is part of types.GomegaMatcher.
func (m *ignoring) Match(actual any) (bool, error) {
	g, err := G(actual, m.matcher)
	return err == nil && m.fits(g), err
}

// FailureMessage is part of types.GomegaMatcher.
func (m *ignoring) FailureMessage(actual any) string {
	return format.Message(actual, m.wants[0].(string), m.wants[1:]...)
}

// NegatedFailureMessage is part of types.GomegaMatcher.
func (m *ignoring) NegatedFailureMessage(actual any) string {
	return format.Message(actual, "not "+m.wants[0].(string), m.wants[1:]...)
}
