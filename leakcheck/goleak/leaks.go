package goleak

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sleepless-go/sleepless/internal/stacks"
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
// want: the full ones. What waits inside the standard library is named by its
// own function: an option for time.Sleep would ignore all that sleeps.
func remedy(left []leakcheck.Goroutine) string {
	const most = 3
	var cures []string
	for _, g := range left {
		if one := option(g); one != "" && !slices.Contains(cures, one) {
			cures = append(cures, one)
		}
	}
	var b strings.Builder
	for i, one := range cures {
		if i == most {
			fmt.Fprintf(&b, "\n  … and %d more functions", len(cures)-i)
			break
		}
		b.WriteString("\nif it is meant to stay: goleak." + one)
	}
	return b.String()
}

func option(g leakcheck.Goroutine) string {
	top := g.Top()
	if top == "" {
		return ""
	}
	for _, f := range g.Stack {
		if !stacks.Frame(f).Standard() {
			if f.Function == top {
				break
			}
			return fmt.Sprintf("IgnoreAnyFunction(%q)", f.Function)
		}
	}
	return fmt.Sprintf("IgnoreTopFunction(%q)", top)
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
