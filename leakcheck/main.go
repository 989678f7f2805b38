package leakcheck

import (
	"fmt"
	"io"
	"os"

	"github.com/sleepless-go/sleepless/internal/stacks"
)

// TestingM is the part of a testing.M that Main needs.
type TestingM interface{ Run() int }

// Main runs the tests of a package and then looks for what they have left
// behind and no Check has reported. It returns the exit code:
//
//	func TestMain(m *testing.M) { os.Exit(leakcheck.Main(m)) }
//
// The code is that of the tests, or 1 if they passed and something leaked. The
// report goes to standard error. It comes also if tests failed, and says so:
// leaks are often the reason, or the consequence. Goroutines that existed before
// the tests are none of theirs.
func Main(m TestingM, opts ...Option) int { return mainTo(os.Stderr, m, opts) }

func mainTo(out io.Writer, m TestingM, opts []Option) int {
	before := TakeBaseline()
	code := m.Run()
	c := configure(append([]Option{Since(before)}, opts...))
	r := newCheck(c, unreported{}).run()
	r.TestFailed = code != 0
	r.collect(c, func(owner) bool { return true })
	if !r.Leaked() {
		return code
	}
	noteReported(r.charged())
	fmt.Fprintln(out, r)
	if len(r.Goroutines) > 0 && !checked() {
		fmt.Fprintln(out, "which test it was: leakcheck.Check(t), first in each test, would say")
	}
	if code == 0 {
		return 1
	}
	return code
}

// checked reports whether any test has called Check, outside of bubbles.
func checked() bool {
	ledger.Lock()
	defer ledger.Unlock()
	return ledger.next > 0
}

// unreported is the scope of Main.
type unreported struct{}

func (unreported) clean() bool { return false }

func (unreported) has(g stacks.Goroutine, _ family) bool { return !reported(g) }

// reported reports whether a Check or Main has reported a goroutine.
func reported(g stacks.Goroutine) bool {
	ledger.Lock()
	defer ledger.Unlock()
	return ledger.reported[g.ID]
}

func noteReported(goroutines []Goroutine) {
	ledger.Lock()
	defer ledger.Unlock()
	for _, g := range goroutines {
		ledger.reported[g.ID] = true
	}
}
