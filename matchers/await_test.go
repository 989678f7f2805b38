package matchers_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/sleepless-go/sleepless/eventually"
	. "github.com/sleepless-go/sleepless/matchers"
)

func TestAwaitIsWokenByItsSource(t *testing.T) {
	var v eventually.Var[int]
	go v.Set(7)
	AwaitWith(NewWithT(t), v.Load, &v).Should(Equal(7))
}

func TestAwaitTakesAnActualThatIsASourceForItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec, g := newRecorder(t), newFailures()
		AwaitWith(g, rec, rec).Should(ReceiveEvent(put))
		mustContain(t, g.text(t), "sources: recorder of events\n")
	})
}

func TestAwaitTakesTheSourcesOfItsMatcher(t *testing.T) {
	var flag atomic.Bool
	var changed eventually.Signal
	synctest.Test(t, func(t *testing.T) {
		time.AfterFunc(eventAt, func() { flag.Store(true); changed.Broadcast() })
		began := time.Now()
		AwaitWith(NewWithT(t), &flag).Should(BecomeTrue(&changed))
		AwaitWith(NewWithT(t), flag.Load, &changed).Should(BecomeTrue(&changed))
		if took := time.Since(began); took != eventAt {
			t.Errorf("took %v, want %v", took, eventAt)
		}
	})
}

// anySource has a type whose values cannot be compared.
type anySource struct {
	*eventually.Signal
	_ []int
}

func TestAwaitTakesSourcesThatCannotBeCompared(t *testing.T) {
	s := anySource{Signal: new(eventually.Signal)}
	AwaitWith(NewWithT(t), true, s, s).Should(BeTrue())
}

func TestAwaitShouldNotWaitsUntilTheMatcherFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var v eventually.Var[int]
		time.AfterFunc(eventAt, func() { v.Set(1) })
		began, g := time.Now(), NewWithT(t)
		AwaitWith(g, v.Load, &v).ShouldNot(Equal(0))
		AwaitWith(g, v.Load, &v).NotTo(Equal(0))
		AwaitWith(g, v.Load, &v).ToNot(Equal(0))
		if took := time.Since(began); took != eventAt {
			t.Errorf("took %v, want %v", took, eventAt)
		}
	})
}

func TestAwaitReportsTheLineOfItsCall(t *testing.T) {
	never := func(g Gomega) types.AsyncAssertion { return AwaitWith(g, 1).WithTimeout(0) }
	helper := func(g Gomega) { never(g).WithOffset(1).Should(Equal(2)) }
	for name, call := range map[string]func(Gomega) string{
		"Should":     func(g Gomega) string { never(g).Should(Equal(2)); return here() },
		"To":         func(g Gomega) string { never(g).To(Equal(2)); return here() },
		"ShouldNot":  func(g Gomega) string { never(g).ShouldNot(Equal(1)); return here() },
		"NotTo":      func(g Gomega) string { never(g).NotTo(Equal(1)); return here() },
		"ToNot":      func(g Gomega) string { never(g).ToNot(Equal(1)); return here() },
		"WithOffset": func(g Gomega) string { helper(g); return here() },
		"misuse":     func(g Gomega) string { AwaitWith(g, func() {}).Should(Equal(1)); return here() },
	} {
		for kind, g := range map[string]func(*failures) Gomega{
			"own":     func(f *failures) Gomega { return f.WithT },
			"wrapped": func(f *failures) Gomega { return wrapper{f} },
			"foreign": func(f *failures) Gomega { return f },
		} {
			t.Run(name+" "+kind, func(t *testing.T) {
				f := newFailures()
				if want := call(g(f)); len(f.sites) != 1 || f.sites[0] != want {
					t.Errorf("reported at %v, want %s", f.sites, want)
				}
			})
		}
	}
}

// wrapper is a Gomega that has another inside, as Gomega allows.
type wrapper struct{ *failures }

func (w wrapper) Inner() types.Gomega { return w.WithT }

// markedT notes that it was told of helpers.
type markedT struct {
	helpers int
	failed  []string
}

func (m *markedT) Helper() { m.helpers++ }
func (m *markedT) Fatalf(format string, args ...any) {
	m.failed = append(m.failed, fmt.Sprintf(format, args...))
}

func TestAwaitMarksItsFramesAsHelpers(t *testing.T) {
	var m markedT
	AwaitWith(NewWithT(&m), 1).WithTimeout(0).Should(Equal(2))
	if len(m.failed) != 1 || m.helpers < 3 {
		t.Errorf("%d failures and %d helpers, want 1 and at least 3", len(m.failed), m.helpers)
	}
}

func TestAwaitFailsThroughTheRegisteredHandler(t *testing.T) {
	RegisterTestingT(t)
	texts := InterceptGomegaFailures(func() {
		Await(1).WithTimeout(0).Should(Equal(2))
	})
	if len(texts) != 1 || !strings.Contains(texts[0], "to equal") {
		t.Errorf("got %q", texts)
	}
}

func TestAwaitPutsTheDescriptionFirst(t *testing.T) {
	said := func(description ...any) string {
		g := newFailures()
		AwaitWith(g, 1).WithTimeout(0).Should(Equal(2), description...)
		return strings.SplitN(g.text(t), "\n", 2)[0]
	}
	if got := said("box %d", 7); got != "box 7" {
		t.Errorf("with a format: %q", got)
	}
	calls := 0
	describe := func() string { calls++; return "late" }
	if got := said(describe); got != "late" || calls != 1 {
		t.Errorf("with a function: %q, called %d times", got, calls)
	}
	AwaitWith(newFailures(), 1).Should(Equal(1), describe)
	if calls != 1 {
		t.Error("a wait that succeeded asked for its description")
	}
	defer func() {
		if p := recover(); p == nil || !strings.Contains(fmt.Sprint(p), "And or Or") {
			t.Errorf("a matcher for a description: %v", p)
		}
	}()
	said(Equal(3))
}

func TestAwaitHasALimit(t *testing.T) {
	ctx := context.Background()
	took := func(t *testing.T, adjust func(g *WithT) types.AsyncAssertion) time.Duration {
		began, g := time.Now(), newFailures()
		adjust(g.WithT).Should(Equal(2))
		g.text(t)
		return time.Since(began)
	}
	var s eventually.Signal
	for name, c := range map[string]struct {
		want   time.Duration
		adjust func(g *WithT) types.AsyncAssertion
	}{
		"by default": {eventually.DefaultLimit, func(g *WithT) types.AsyncAssertion { return AwaitWith(g, 1, &s) }},
		"by default without sources": {eventually.DefaultLimit, func(g *WithT) types.AsyncAssertion {
			return AwaitWith(g, 1)
		}},
		"WithTimeout": {time.Minute, func(g *WithT) types.AsyncAssertion { return AwaitWith(g, 1, &s).WithTimeout(time.Minute) }},
		"Within":      {time.Minute, func(g *WithT) types.AsyncAssertion { return AwaitWith(g, 1, &s).Within(time.Minute) }},
		"of the suite": {3 * time.Second, func(g *WithT) types.AsyncAssertion {
			g.SetDefaultEventuallyTimeout(3 * time.Second)
			return AwaitWith(g, 1, &s)
		}},
		"of the suite with a context": {3 * time.Second, func(g *WithT) types.AsyncAssertion {
			g.SetDefaultEventuallyTimeout(3 * time.Second)
			g.EnforceDefaultTimeoutsWhenUsingContexts()
			return AwaitWith(g, 1, &s).WithContext(ctx)
		}},
		"of the context": {time.Hour, func(g *WithT) types.AsyncAssertion {
			ctx, cancel := context.WithTimeout(ctx, time.Hour)
			time.AfterFunc(time.Hour, cancel)
			return AwaitWith(g, 1, &s).WithContext(ctx)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got := took(t, c.adjust)
				if got < c.want || got > c.want+c.want/50 {
					t.Errorf("took %v, want %v", got, c.want)
				}
			})
		})
	}
}

func TestWithPollingIsTheIntervalOfAWaitWithoutSources(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at []time.Duration
		began := time.Now()
		AwaitWith(NewWithT(t), func() int { at = append(at, time.Since(began)); return len(at) }).ProbeEvery(time.Minute).WithTimeout(time.Hour).Should(Equal(3))
		if fmt.Sprint(at) != "[0s 1m0s 2m0s]" {
			t.Errorf("looked at %v", at)
		}
	})
}

func TestTryAgainAfterIsHeededByAWaitWithSources(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var changed eventually.Signal
		var at []time.Duration
		began := time.Now()
		time.AfterFunc(time.Second, changed.Broadcast) // comes during the rest, and starts no look
		AwaitWith(NewWithT(t), func() (int, error) {
			at = append(at, time.Since(began))
			if len(at) < 3 {
				return 0, TryAgainAfter(2 * time.Second)
			}
			return 1, nil
		}, &changed).WithTimeout(time.Minute).Should(Equal(1))
		if fmt.Sprint(at) != "[0s 2s 4s]" {
			t.Errorf("looked at %v", at)
		}
	})
}

func TestMustPassRepeatedlyWithSourcesCountsChecksAnIntervalApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var v eventually.Var[int]
		v.Set(1)
		broken := time.AfterFunc(25*time.Millisecond, func() { v.Set(0) })
		mended := time.AfterFunc(28*time.Millisecond, func() { v.Set(1) })
		defer broken.Stop()
		defer mended.Stop()
		began := time.Now()
		AwaitWith(NewWithT(t), v.Load, &v).MustPassRepeatedly(4).Should(Equal(1))
		if took := time.Since(began); took != 58*time.Millisecond {
			t.Errorf("took %v, want 28 ms until it was mended and three intervals of 10 ms", took)
		}
	})
}

func TestMustPassRepeatedlySaysHowFarItCame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var v eventually.Var[int]
		g := newFailures()
		AwaitWith(g, v.Load, &v).WithPolling(time.Second).WithTimeout(2500 * time.Millisecond).MustPassRepeatedly(9).Should(Equal(0))
		mustContain(t, g.text(t), "only 3 of the 9 times in a row")
	})
}

func TestAVerdictThatIsFinalPassesForAnyNumberOfTimes(t *testing.T) {
	AwaitWith(NewWithT(t), 1).MustPassRepeatedly(1000).Should(fixed(true))
}

func TestAPanicOfTheActualOrTheMatcherPassesThrough(t *testing.T) {
	boom := errors.New("boom")
	for name, call := range map[string]func(){
		"actual":        func() { AwaitWith(newFailures(), func() int { panic(boom) }).Should(Equal(1)) },
		"matcher":       func() { AwaitWith(newFailures(), 1).Should(faulty{err: boom, panic: true}) },
		"func(Gomega)":  func() { AwaitWith(newFailures(), func(Gomega) { panic(boom) }).Should(Succeed()) },
		"panic(string)": func() { AwaitWith(newFailures(), func() int { panic("boom") }).Should(Equal(1)) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if p := recover(); fmt.Sprint(p) != "boom" {
					t.Errorf("recovered %v", p)
				}
			}()
			call()
		})
	}
}

func TestAwaitSaysWhatIsWrongWithAFunction(t *testing.T) {
	for want, a := range map[string]func(g Gomega) types.AsyncAssertion{
		"must return a value":          func(g Gomega) types.AsyncAssertion { return AwaitWith(g, func() {}) },
		"asks for a context":           func(g Gomega) types.AsyncAssertion { return AwaitWith(g, func(context.Context) int { return 1 }) },
		"takes 1 arguments, and 0":     func(g Gomega) types.AsyncAssertion { return AwaitWith(g, func(int) int { return 1 }) },
		"argument 1 of WithArguments":  func(g Gomega) types.AsyncAssertion { return AwaitWith(g, func() int { return 1 }).WithArguments(nil) },
		"the count must be at least 1": func(g Gomega) types.AsyncAssertion { return AwaitWith(g, 1).MustPassRepeatedly(0) },
		"nil Source":                   func(g Gomega) types.AsyncAssertion { return AwaitWith(g, 1, nil) },
	} {
		g := newFailures()
		if a(g).Should(Equal(1)) {
			t.Errorf("%s: it passed", want)
		}
		mustContain(t, g.text(t), want)
	}
}

func TestANilArgumentIsPassedOn(t *testing.T) {
	AwaitWith(NewWithT(t), func(err error) bool { return err == nil }).WithArguments(nil).Should(BeTrue())
}

func TestAFailureInsideAFunctionNamesItsLine(t *testing.T) {
	for _, g := range []struct {
		name string
		of   func(*failures) Gomega
	}{{"own", func(f *failures) Gomega { return f.WithT }}, {"foreign", func(f *failures) Gomega { return f }}} {
		t.Run(g.name, func(t *testing.T) {
			f, line := newFailures(), ""
			AwaitWith(g.of(f), func(g Gomega) { line = here(); g.Expect(1).To(Equal(2)) }).WithTimeout(0).Should(Succeed())
			mustContain(t, f.text(t), line, "The function passed to Await failed at", "to equal")
		})
	}
}

func TestAnAssertionOnAGoroutineOfAFunctionTellsWhatToDo(t *testing.T) {
	defer func() {
		if p := recover(); p != nil {
			t.Errorf("panicked with %v", p)
		}
	}()
	f := newFailures()
	AwaitWith(f, func(g Gomega) {
		done := make(chan any)
		go func() {
			defer func() { done <- recover() }()
			g.Expect(1).To(Equal(2))
		}()
		mustContain(t, fmt.Sprint(<-done), "defer GinkgoRecover()")
	}).WithTimeout(0).Should(Succeed())
	mustContain(t, f.text(t), "to equal")
}

// attached is a context like Ginkgo's, which asks how a wait goes.
type attached struct {
	context.Context
	report   func() string
	detached bool
}

func (a *attached) Value(key any) any {
	if key == "GINKGO_SPEC_CONTEXT" {
		return a
	}
	return nil
}

func (a *attached) AttachProgressReporter(f func() string) (detach func()) {
	a.report = f
	return func() { a.detached = true }
}

func TestAwaitTellsASpecContextHowItGoes(t *testing.T) {
	ctx := &attached{Context: context.Background()}
	said, looks := "", 0
	AwaitWith(NewWithT(t), func() int {
		if looks++; looks == 3 {
			said = ctx.report()
		}
		return looks
	}).WithContext(ctx).Should(Equal(3))
	mustContain(t, said, "Await(func() int).Should(Equal)", "2 checks so far, the last saw: 2")
	if !ctx.detached {
		t.Error("the reporter was left attached")
	}
}

func TestAwaitEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(eventAt, func() { cancel(errors.New("the server has gone")) })
		g := newFailures()
		AwaitWith(g, 1, eventually.Ctx(ctx)).WithContext(ctx).Should(Equal(2))
		mustContain(t, g.text(t), "to equal", "stopped by its context: the server has gone")
	})
}

func TestAwaitRefusesASpecContextInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newFailures()
		AwaitWith(g, 1).WithContext(&attached{Context: t.Context()}).Should(Equal(1))
		mustContain(t, g.text(t), "use t.Context() of the bubble")
	})
}

func TestManyWaitsAtOnce(t *testing.T) {
	rec := newRecorder(t)
	g := NewWithT(t)
	done := make(chan bool)
	for i := range 8 {
		go func() {
			done <- AwaitWith(g, rec).Should(And(ReceiveEvent(put, HaveField("Key", fmt.Sprint(i))), ReceiveEvent(evicted)))
		}()
	}
	for i := range 8 {
		go emitPut(rec, fmt.Sprint(i))
	}
	go emitEvicted(rec, "x", "ttl")
	for range 8 {
		if !<-done {
			t.Error("a wait failed")
		}
	}
}

func TestAFailureShowsWhatTheFunctionReturnedBeforeItFailed(t *testing.T) {
	for want, m := range map[string]func() (types.GomegaMatcher, bool){
		"Then the matcher was satisfied.":                 func() (types.GomegaMatcher, bool) { return Equal(3), true },
		"Then the matcher was not satisfied:\nExpected\n": func() (types.GomegaMatcher, bool) { return Equal(4), true },
		"not to equal": func() (types.GomegaMatcher, bool) { return Equal(3), false },
		"Then the matcher returned the following error:\n    <*": func() (types.GomegaMatcher, bool) { return HaveLen(1), true },
	} {
		synctest.Test(t, func(t *testing.T) {
			g, looks := newFailures(), 0
			a := AwaitWith(g, func() (int, error) {
				if looks++; looks > 1 {
					return 0, errors.New("gone")
				}
				return 3, nil
			}).MustPassRepeatedly(2).WithTimeout(time.Second)
			matcher, positive := m()
			if positive {
				a.Should(matcher)
			} else {
				a.ShouldNot(matcher)
			}
			mustContain(t, g.text(t), "<*errors.errorString", "gone", want)
		})
	}
}

func TestAwaitShowsValuesInAFewWords(t *testing.T) {
	var nothing any
	flagged := &atomic.Bool{}
	for want, actual := range map[string]any{
		`"text"`:               "text",
		"2.5":                  2.5,
		"[]int of length 2":    []int{1, 2},
		"map[int]int of leng":  map[int]int{1: 1},
		"nil":                  func() any { return nothing },
		"counter = 4":          func() *eventually.Counter { var c eventually.Counter; c.Add(4); return &c }(),
		"struct {}":            struct{}{},
		"false":                flagged,
		"variable = true":      func() *eventually.Var[bool] { var v eventually.Var[bool]; v.Set(true); return &v }(),
		"matchers_test.worker": worker{},
	} {
		g := newFailures()
		AwaitWith(g, actual).WithTimeout(0).Should(Equal('x'))
		mustContain(t, g.text(t), "last check: "+want)
	}
	g := newFailures()
	AwaitWith(g, (*atomic.Bool)(nil)).WithTimeout(0).ShouldNot(BeNil())
	mustContain(t, g.text(t), "last check: nil")
}
