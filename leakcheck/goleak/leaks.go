package goleak

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sleepless-go/sleepless/leakcheck"
)

// TestingT is the part of testing.TB that VerifyNone needs.
type TestingT interface {
	Error(...interface{})
}

// Find returns nil if there are no goroutines but the calling one, those that run
// the tests, and those that the options ignore; else an error that describes
// the others and wraps leakcheck.ErrLeak. It waits for goroutines that may still
// end, for at most 431 ms, and not at all for those that are proven leaked.
func Find(options ...Option) error {
	s := settle(options)
	if s.cleanup != nil {
		return errors.New("Cleanup can only be passed to VerifyNone or VerifyTestMain")
	}
	return find(s)
}

func find(s settings) error {
	report := look(s)
	if err := report.Err(); err != nil {
		return fmt.Errorf("found unexpected goroutines:\n%w%s", err, remedy(report.Goroutines))
	}
	return nil
}

// remedy shows how to ignore the first goroutines, by the names that the options
// want: the full ones.
func remedy(left []leakcheck.Goroutine) string {
	const most = 3
	var names []string
	for _, g := range left {
		if name := g.Top(); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	var b strings.Builder
	for i, name := range names {
		if i == most {
			fmt.Fprintf(&b, "\n  … and %d more functions", len(names)-i)
			break
		}
		fmt.Fprintf(&b, "\nif it is meant to stay: goleak.IgnoreTopFunction(%q)", name)
	}
	return b.String()
}

// look reports goroutines and nothing else, as goleak does.
func look(s settings) *leakcheck.Report {
	return leakcheck.Find(append(s.check, leakcheck.GoroutinesOnly())...)
}

// VerifyNone fails the test if Find finds something. Put it at the start of the
// test:
//
//	defer goleak.VerifyNone(t)
//
// It looks at all goroutines of the process. In tests that call t.Parallel,
// those of other tests are among them; use leakcheck.Check there, which knows
// whose they are, or VerifyTestMain.
func VerifyNone(t TestingT, options ...Option) {
	if h, ok := t.(interface{ Helper() }); ok {
		h.Helper()
	}
	s := settle(options)
	if err := find(s); err != nil {
		t.Error(err)
	}
	if s.cleanup != nil {
		s.cleanup(0)
	}
}
