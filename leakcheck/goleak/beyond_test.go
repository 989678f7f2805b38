package goleak

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sleepless-go/sleepless/internal/leakcorpus"
	"github.com/sleepless-go/sleepless/leakcheck"
)

// What goleak cannot do.

type spy struct{ texts []string }

func (s *spy) Error(args ...any) { s.texts = append(s.texts, fmt.Sprint(args...)) }

func TestInABubbleOnlyItsOwnGoroutinesCount(t *testing.T) {
	outside := make(chan struct{})
	var kept sync.WaitGroup
	kept.Go(func() { <-outside })
	defer kept.Wait()
	defer close(outside)
	synctest.Test(t, func(t *testing.T) {
		VerifyNone(t)
		stop := make(chan struct{})
		var inside sync.WaitGroup
		inside.Go(func() { <-stop })
		began := time.Now()
		err := Find()
		if !errors.Is(err, leakcheck.ErrLeak) || strings.Count(err.Error(), "IgnoreTopFunction") != 1 {
			t.Errorf("the leak of the bubble: %v", err)
		}
		if took := time.Since(began); took != grace {
			t.Errorf("took %v of virtual time, want the grace of %v", took, grace)
		}
		close(stop)
		inside.Wait()
		VerifyNone(t)
	})
}

// goleak lets goroutines end for 431 ms, and so must we: a suite that passes
// there passes here.
func TestAGoroutineThatEndsWithinTheRetriesOfGoleakIsNoLeak(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, c := range []struct {
			ends  time.Duration
			leaks bool
		}{{0, false}, {time.Millisecond, false}, {430 * time.Millisecond, false}, {grace, false}, {grace + time.Millisecond, true}} {
			ended := make(chan struct{})
			over := time.NewTimer(c.ends)
			go func() {
				defer close(ended)
				<-over.C
			}()
			if err := Find(); (err != nil) != c.leaks {
				t.Errorf("one that ends after %v: %v", c.ends, err)
			}
			<-ended
			synctest.Wait()
		}
	})
}

func TestResourcesAndObjectsAreNoneOfItsBusiness(t *testing.T) {
	var tracked struct{ a, b, c [16]byte }
	var file *leakcheck.Handle
	t.Run("opens and tracks", func(t *testing.T) {
		file = leakcheck.Resource(t, "file")
		leakcheck.Track(t, &tracked, "tracked")
		if err := Find(IgnoreCurrent()); err != nil {
			t.Error(err)
		}
		// They are still there for the check that they belong to.
		if r := leakcheck.Find(leakcheck.IgnoreCurrent()); len(r.Resources) != 1 || len(r.Objects) != 1 {
			t.Errorf("%d resources and %d objects are left, want 1 of each", len(r.Resources), len(r.Objects))
		}
		file.Close()
	})
	tracked.a[0]++
}

func TestAProvenLeakIsToldWithoutAGrace(t *testing.T) {
	if pprof.Lookup("goroutineleak") == nil {
		return // tested where the toolchain has the profile
	}
	current := IgnoreCurrent()
	var lost []leakcorpus.Case
	for _, c := range leakcorpus.Leaks() {
		if c.Lost {
			lost = append(lost, c)
		}
	}
	field := leakcorpus.Sow(lost...)
	report := look(settle([]Option{current}))
	named := field.Named(namedByUs(report))
	for _, c := range lost {
		if named[c.Name] != c.Leaks {
			t.Errorf("%s: found %d, want %d", c.Name, named[c.Name], c.Leaks)
		}
	}
	if report.Proven() != len(report.Goroutines) || report.Took >= grace {
		t.Errorf("%d of %d proven, after %v", report.Proven(), len(report.Goroutines), report.Took)
	}
}

func TestTheErrorShowsHowToIgnoreEachFunction(t *testing.T) {
	var left []leakcheck.Goroutine
	for _, name := range []string{"a.f", "a.f", "b.g", "", "c.h", "d.i", "e.j"} {
		g := leakcheck.Goroutine{}
		if name != "" {
			g.Stack = []leakcheck.Frame{{Function: name}}
		}
		left = append(left, g)
	}
	const want = `
if it is meant to stay: goleak.IgnoreTopFunction("a.f")
if it is meant to stay: goleak.IgnoreTopFunction("b.g")
if it is meant to stay: goleak.IgnoreTopFunction("c.h")
  … and 2 more functions`
	if got := remedy(left); got != want {
		t.Errorf("got %s", got)
	}
}

type passOrFail int

func (code passOrFail) Run() int { return int(code) }

// The suites below internal/twin cannot tell: if VerifyTestMain hid failures, it
// would hide theirs.
func TestVerifyTestMainKeepsTheExitCodeOfTheTests(t *testing.T) {
	for _, code := range []int{0, 1, 2, 7} {
		var got []int
		VerifyTestMain(passOrFail(code), IgnoreCurrent(), Cleanup(func(code int) { got = append(got, code) }))
		if len(got) != 1 || got[0] != code {
			t.Errorf("tests that end with %d: exit codes %v", code, got)
		}
	}
}

func TestANilOptionIsNone(t *testing.T) {
	var e spy
	current := IgnoreCurrent()
	VerifyNone(&e, nil, current)
	if err := Find(nil, current); err != nil || len(e.texts) > 0 {
		t.Errorf("%v, %v", err, e.texts)
	}
}

func TestTheErrorIgnoresNoFunctionOfTheStandardLibraryThatHasACaller(t *testing.T) {
	file, _ := runtime.FuncForPC(reflect.ValueOf(io.Copy).Pointer()).FileLine(0)
	inside := leakcheck.Frame{Function: "io.Copy", File: file}
	own := leakcheck.Frame{Function: "example.com/shop.poll"}
	for want, stack := range map[string][]leakcheck.Frame{
		`IgnoreAnyFunction("example.com/shop.poll")`: {inside, own},
		`IgnoreTopFunction("example.com/shop.poll")`: {own, own},
		`IgnoreTopFunction("io.Copy")`:               {inside}, // the go statement names it
		"":                                           nil,
	} {
		if got := option(leakcheck.Goroutine{Stack: stack}); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
