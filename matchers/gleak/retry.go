package gleak

import (
	"runtime"
	"runtime/pprof"
	"strings"
	"time"

	"github.com/onsi/gomega"

	"github.com/sleepless-go/sleepless/leakcheck"
	"github.com/sleepless-go/sleepless/matchers/internal/callsite"
)

// patience paces the looks of an Eventually that is told of a leak: a goroutine
// that is about to end is mostly gone within microseconds.
//
// Gomega does not reset the count of MustPassRepeatedly when a matcher wants to
// be asked again, so the first leak after a clean verdict is told plainly.
type patience struct {
	looks   int
	passing bool // the last verdict was clean
}

const (
	firstPause = 20 * time.Microsecond
	shortLooks = 9 // until 10 ms have passed, when the stock interval takes over
)

func (p *patience) clean() { *p = patience{passing: true} }

// next returns how long to wait for the next look; ok is false when Gomega's own
// interval is to count.
func (p *patience) next() (pause time.Duration, ok bool) {
	if p.passing {
		*p = patience{}
		return 0, false
	}
	p.looks++
	if p.looks > shortLooks {
		return 0, false
	}
	return firstPause << (p.looks - 1), true
}

// last reports whether the short looks have just been used up.
func (p *patience) last() bool { return p.looks == shortLooks }

// retry returns what makes an assertion that will ask again do so earlier, or
// not at all, and nil for any other assertion. The frames are those above Match.
func (m *HaveLeakedMatcher) retry(frames []runtime.Frame) error {
	eventually := callsite.Retried(frames, callsite.NoMatch)
	if !eventually && !awaited(frames) {
		return nil
	}
	pause, ok := m.patience.next()
	if m.patience.last() {
		if m.proven = prove(m.leaked); len(m.proven) > 0 {
			return gomega.StopTrying(m.describe())
		}
	}
	if !ok || !eventually {
		return nil
	}
	return gomega.TryAgainAfter(pause).Wrap(notYet{m})
}

// notYet is what a time-out in between says. It renders its text when asked.
type notYet struct{ m *HaveLeakedMatcher }

func (e notYet) Error() string { return e.m.describe() }

const (
	trialPrefix  = "github.com/sleepless-go/sleepless/matchers.(*trial)."
	awaitsPrefix = "github.com/sleepless-go/sleepless/matchers.(*assertion)."
)

// awaited tells whether the matcher is asked by the wait of an
// Await(…).ShouldNot, with nothing between the two.
func awaited(frames []runtime.Frame) bool {
	if len(frames) == 0 || !strings.HasPrefix(frames[0].Function, trialPrefix) {
		return false
	}
	for _, f := range frames {
		switch method, ok := strings.CutPrefix(f.Function, awaitsPrefix); {
		case ok && (method == "ShouldNot" || method == "NotTo" || method == "ToNot"):
			return true
		case ok && (method == "Should" || method == "To"):
			return false
		}
	}
	return false
}

// prove asks the garbage collector which of the goroutines nothing can wake. In
// a bubble that cannot be asked.
func prove(leaked []Goroutine) map[uint64]bool {
	if pprof.Lookup("goroutineleak") == nil || ownBubble() != 0 {
		return nil
	}
	ids := map[uint64]bool{}
	for _, g := range leaked {
		ids[g.ID] = true
	}
	proven := map[uint64]bool{}
	report := leakcheck.Find(leakcheck.Within(0), leakcheck.GoroutinesOnly(), leakcheck.Ignore(func(g leakcheck.Goroutine) bool { return !ids[g.ID] }))
	for _, g := range report.Goroutines {
		if g.Verdict == leakcheck.Proven {
			proven[g.ID] = true
		}
	}
	return proven
}
