package leakcheck

import (
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/sleepless-go/sleepless/internal/bubble"
	"github.com/sleepless-go/sleepless/internal/stacks"
)

// TB is the part of a test that this package needs. *testing.T, *testing.B,
// *testing.F, GinkgoT() and the T() of a testify suite satisfy it. Name and
// Failed are found by assertion and used where present.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
	Cleanup(func())
}

var _ TB = testing.TB(nil)

// Check makes the test fail at its end if it leaks: goroutines that it started
// after the call, resources that it opened with Resource and did not close, and
// objects that it tracked with Track and that are still reachable. Call it
// first: cleanups run last to first, so the check comes after all others.
//
// It is right under t.Parallel, whether called before or after it. Goroutines
// are told apart by a runtime/pprof label, which a test's goroutine gets from
// Check and passes on to all that it starts, and where code replaces the labels
// by the ancestry of goroutines. A subtest with a Check of its own accounts for
// itself; one without is part of its parent. What neither label nor ancestry
// ties to a test (a function of time.AfterFunc, or something started under
// pprof.Do with a context of its own) is reported once, by Main; option Strict
// gives it to the test.
//
// In a bubble Check looks at that bubble only: t is the one that synctest.Test
// gives to its function. It waits with synctest.Wait, and the grace is virtual
// time.
//
// A second call for the same test adds its options to the first. Check must be
// called on the goroutine of the test.
func Check(t TB, opts ...Option) {
	t.Helper()
	s := newSession(t, opts)
	if s == nil {
		return
	}
	t.Cleanup(func() {
		t.Helper()
		if r := s.finish(); r.Leaked() {
			t.Errorf("%s", r)
		}
	})
}

// session is one test that is being checked.
type session struct {
	t        TB
	owner    owner
	opts     []Option
	claim    *ownership // nil in a bubble, and in Ginkgo
	baseline *Baseline  // of a test that has all that is new to itself
	token    string     // of the goroutines of such a test: its own or an inherited one
}

// newSession begins a check, or returns nil if t has one already.
func newSession(t TB, opts []Option) *session {
	s := &session{t: t, owner: ownerOf(t), opts: slices.Clip(opts)}
	if !handles.begin(s) {
		return nil
	}
	c := configure(opts)
	switch {
	case bubble.Inside(), ginkgo(t):
		// Each node of a spec runs on a goroutine of its own, so a label would
		// not be passed on; but there is only one spec at a time, and one test
		// in a bubble. A check around them may have labelled this goroutine.
		s.baseline, s.token = TakeBaseline(), own().Labels[labelKey]
	default:
		if c.strict {
			s.baseline = TakeBaseline()
		}
		s.claim = claim(s.owner.name)
		s.token = s.claim.token
	}
	return s
}

// ginkgo reports whether Ginkgo runs the test: t is a GinkgoT, or a node of a
// spec is calling.
func ginkgo(t TB) bool {
	if ofGinkgo(t) {
		return true
	}
	var pcs [64]uintptr
	for frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])]); ; {
		f, more := frames.Next()
		if strings.HasPrefix(f.Function, ginkgoPath+"/internal.") {
			return true
		}
		if !more {
			return false
		}
	}
}

const ginkgoPath = "github.com/onsi/ginkgo/v2"

// ofGinkgo reports whether t is a GinkgoT.
func ofGinkgo(t TB) bool { return strings.HasPrefix(typeOf(t).PkgPath(), ginkgoPath) }

// finish looks what the test has left behind.
func (s *session) finish() *Report {
	c := configure(s.opts)
	if _, in := whereabouts(); in != s.owner.bubble {
		c.misuse("Check was called in a bubble with the t of a test that goes on after it; pass the t which synctest.Test gives to its function, or call it before the bubble")
	}
	r := newCheck(c, s.scope()).run()
	r.Test = s.owner.name
	if s.claim == nil { // labels and ancestry name a test around the spec
		for i := range r.Goroutines {
			r.Goroutines[i].Test = r.Test
		}
	}
	if f, ok := s.t.(interface{ Failed() bool }); ok {
		r.TestFailed = f.Failed()
	}
	handles.end(s)
	if s.claim != nil {
		s.claim.release()
	}
	r.collect(c, handles.leftTo(s.owner))
	noteReported(r.charged())
	return r
}

func (s *session) scope() scope {
	if s.baseline != nil {
		return newcomers{s.baseline, s.token}
	}
	return s.claim
}

// newcomers is the scope of a test that runs alone: all that is new and does
// not belong to another test.
type newcomers struct {
	since *Baseline
	token string
}

func (n newcomers) clean() bool { return n.since.unchanged() }

func (n newcomers) has(g stacks.Goroutine, f family) bool {
	if n.since.has(g) || reported(g) {
		return false
	}
	token := f.token(g)
	return token == "" || token == n.token
}
