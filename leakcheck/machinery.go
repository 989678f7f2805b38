package leakcheck

import (
	"strings"

	"github.com/sleepless-go/sleepless/internal/stacks"
)

// machinery tells goroutines that run tests, profiles and signals. They end when
// the process does, or when whoever started them says so, and a test cannot
// leak them.
func machinery(g stacks.Goroutine) bool {
	if g.Creator == (stacks.Frame{}) || len(g.Frames) == 0 {
		return true // the first goroutine, or one that C code lent a thread
	}
	if tester(g.Creator) {
		return true
	}
	for _, f := range g.Frames {
		if system[f.Function] {
			return true
		}
	}
	return over(g)
}

// over reports whether a goroutine has run its last statement, and only has not
// been taken off the list yet.
func over(g stacks.Goroutine) bool {
	for _, f := range g.Frames {
		switch f.Function {
		case "runtime.goexit", "runtime.goexit0", "runtime.goexit1":
		default:
			return false
		}
	}
	return true
}

// tester tells the go statements of packages that start what a test runs in, or
// that observe the process.
func tester(creator stacks.Frame) bool {
	switch pkg := creator.Package(); pkg {
	case "testing", "testing/synctest", "internal/synctest", "internal/fuzz",
		"runtime/trace", "runtime/pprof", "runtime/coverage":
		return true
	case "runtime":
		return true
	default:
		return strings.HasPrefix(pkg+"/", "github.com/onsi/ginkgo/v2/")
	}
}

// system are functions of goroutines whose go statement does not tell. That of
// package os/signal is either the one loop of the process or a NotifyContext,
// which a test can forget to stop.
var system = map[string]bool{
	"os/signal.signal_recv": true,
	"os/signal.loop":        true,
	"runtime.ensureSigM":    true,
	"runtime.ReadTrace":     true,
	"runtime.runFinalizers": true,
	"runtime.runfinq":       true,
	"runtime.runCleanups":   true,
	"internal/synctest.Run": true,
}
