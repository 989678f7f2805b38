package matchers_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	. "github.com/sleepless-go/sleepless/matchers"
)

// fixed is a matcher whose verdict never changes, and that says so.
type fixed bool

func (f fixed) Match(any) (bool, error)            { return bool(f), nil }
func (f fixed) FailureMessage(any) string          { return "fixed" }
func (f fixed) NegatedFailureMessage(any) string   { return "fixed" }
func (f fixed) MatchMayChangeInTheFuture(any) bool { return false }

// faulty is a matcher that cannot judge, or answers with a signal.
type faulty struct {
	err   error
	panic bool
}

func (f faulty) Match(any) (bool, error) {
	if f.panic {
		panic(f.err)
	}
	return false, f.err
}
func (f faulty) FailureMessage(any) string        { return "faulty" }
func (f faulty) NegatedFailureMessage(any) string { return "faulty" }

// counting returns a function that counts its calls.
func counting() func() int {
	var n atomic.Int64
	return func() int { return int(n.Add(1)) }
}

// differentialCases make a fresh actual, a matcher and arguments for each run.
var differentialCases = []struct {
	name    string
	actual  func() any
	matcher func() types.GomegaMatcher
	adjust  func(types.AsyncAssertion) types.AsyncAssertion
}{
	{name: "value that matches", actual: func() any { return 1 }, matcher: equal(1)},
	{name: "value that does not", actual: func() any { return 1 }, matcher: equal(2)},
	{name: "nil", actual: func() any { return nil }, matcher: gomega.BeNil},
	{name: "nil against Equal", actual: func() any { return nil }, matcher: equal(nil)},
	{name: "closed channel", actual: func() any { c := make(chan int); close(c); return c }, matcher: func() types.GomegaMatcher { return gomega.BeClosed() }},
	{name: "channel with a value", actual: func() any { c := make(chan int, 1); c <- 7; return c }, matcher: func() types.GomegaMatcher { return gomega.Receive(gomega.Equal(7)) }},
	{name: "closed channel against Receive", actual: func() any { c := make(chan int); close(c); return c }, matcher: func() types.GomegaMatcher { return gomega.Receive() }},
	{name: "function becoming right", actual: func() any { return counting() }, matcher: equal(3)},
	{name: "function passing by", actual: func() any { return counting() }, matcher: func() types.GomegaMatcher { return gomega.BeNumerically("<", 3) }},
	{name: "function with nil error", actual: func() any { return func() (int, error) { return 1, nil } }, matcher: equal(1)},
	{name: "function with error", actual: func() any { return func() (int, error) { return 1, errors.New("no") } }, matcher: equal(1)},
	{name: "function with extra value", actual: func() any { return func() (int, string) { return 1, "x" } }, matcher: equal(1)},
	{name: "function with extra zero value", actual: func() any { return func() (int, string) { return 1, "" } }, matcher: equal(1)},
	{name: "function that returns an error only", actual: func() any { return func() error { return errors.New("no") } }, matcher: succeed},
	{name: "function without results", actual: func() any { return func() {} }, matcher: succeed},
	{name: "func(Gomega) passing", actual: func() any { return func(g gomega.Gomega) { g.Expect(1).To(gomega.Equal(1)) } }, matcher: succeed},
	{name: "func(Gomega) failing", actual: func() any { return func(g gomega.Gomega) { g.Expect(1).To(gomega.Equal(2)) } }, matcher: succeed},
	{name: "func(Gomega) with result", actual: func() any { return func(g gomega.Gomega) int { g.Expect(1).To(gomega.Equal(1)); return 4 } }, matcher: equal(4)},
	{name: "func(Gomega) with result failing", actual: func() any { return func(g gomega.Gomega) int { g.Expect(1).To(gomega.Equal(2)); return 4 } }, matcher: equal(4)},
	{name: "func(Gomega) that recovers", actual: func() any {
		return func(g gomega.Gomega) { defer func() { _ = recover() }(); g.Expect(1).To(gomega.Equal(2)) }
	}, matcher: succeed},
	{name: "context without one", actual: func() any { return func(context.Context) int { return 1 } }, matcher: equal(1)},
	{name: "arguments", actual: func() any { return func(a, b int) int { return a + b } }, matcher: equal(3), adjust: arguments(1, 2)},
	{name: "too few arguments", actual: func() any { return func(a, b int) int { return a + b } }, matcher: equal(3), adjust: arguments(1)},
	{name: "too many arguments", actual: func() any { return func(a int) int { return a } }, matcher: equal(1), adjust: arguments(1, 2)},
	{name: "variadic arguments", actual: func() any { return func(a ...int) int { return len(a) } }, matcher: equal(3), adjust: arguments(1, 2, 3)},
	{name: "no variadic arguments", actual: func() any { return func(a ...int) int { return len(a) } }, matcher: equal(0)},
	{name: "Gomega and arguments", actual: func() any { return func(g gomega.Gomega, a int) { g.Expect(a).To(gomega.Equal(5)) } }, matcher: succeed, adjust: arguments(5)},
	{name: "StopTrying returned", actual: func() any { return func() (int, error) { return 0, gomega.StopTrying("stop") } }, matcher: equal(1)},
	{name: "StopTrying wrapped", actual: func() any { return func() (int, error) { return 0, fmt.Errorf("so: %w", gomega.StopTrying("stop")) } }, matcher: equal(1)},
	{name: "StopTrying as value", actual: func() any { return func() error { return gomega.StopTrying("stop") } }, matcher: succeed},
	{name: "StopTrying panicked", actual: func() any { return func() int { gomega.StopTrying("stop").Now(); return 1 } }, matcher: equal(1)},
	{name: "StopTrying successfully", actual: func() any { return func() (int, error) { return 1, gomega.StopTrying("stop").Successfully() } }, matcher: equal(1)},
	{name: "StopTrying in func(Gomega)", actual: func() any { return func(gomega.Gomega) { gomega.StopTrying("stop").Now() } }, matcher: succeed},
	{name: "TryAgainAfter then right", actual: func() any {
		next := counting()
		return func() (int, error) {
			if n := next(); n < 3 {
				return n, gomega.TryAgainAfter(10 * time.Millisecond)
			}
			return 3, nil
		}
	}, matcher: equal(3)},
	{name: "TryAgainAfter for ever", actual: func() any { return func() (int, error) { return 0, gomega.TryAgainAfter(time.Millisecond) } }, matcher: equal(1)},
	{name: "TryAgainAfter beyond the limit", actual: func() any {
		next := counting()
		return func() (int, error) {
			if next() == 1 {
				return 0, gomega.TryAgainAfter(time.Hour)
			}
			return 1, nil
		}
	}, matcher: equal(1)},
	{name: "matcher error", actual: func() any { return 1 }, matcher: func() types.GomegaMatcher { return faulty{err: errors.New("cannot")} }},
	{name: "matcher StopTrying", actual: func() any { return 1 }, matcher: func() types.GomegaMatcher { return faulty{err: gomega.StopTrying("stop")} }},
	{name: "matcher panics StopTrying", actual: func() any { return 1 }, matcher: func() types.GomegaMatcher { return faulty{err: gomega.StopTrying("stop"), panic: true} }},
	{name: "oracle, true", actual: func() any { return 1 }, matcher: func() types.GomegaMatcher { return fixed(true) }},
	{name: "oracle, false", actual: func() any { return 1 }, matcher: func() types.GomegaMatcher { return fixed(false) }},
	{name: "oracle on a function", actual: func() any { return counting() }, matcher: func() types.GomegaMatcher { return fixed(false) }},
	{name: "Not", actual: func() any { return counting() }, matcher: func() types.GomegaMatcher { return gomega.Not(gomega.Equal(1)) }},
	{name: "And", actual: func() any { return counting() }, matcher: func() types.GomegaMatcher {
		return gomega.And(gomega.BeNumerically(">", 2), gomega.BeNumerically("<", 5))
	}},
	{name: "Or", actual: func() any { return counting() }, matcher: func() types.GomegaMatcher { return gomega.Or(gomega.Equal(9), gomega.Equal(4)) }},
	{name: "MustPassRepeatedly met", actual: func() any { return counting() }, matcher: func() types.GomegaMatcher { return gomega.BeNumerically(">", 2) }, adjust: repeatedly(3)},
	{name: "MustPassRepeatedly broken", actual: func() any { n := counting(); return func() int { return n() % 3 } }, matcher: func() types.GomegaMatcher { return gomega.BeNumerically(">", 0) }, adjust: repeatedly(3)},
	{name: "MustPassRepeatedly of a function below 1", actual: func() any { return counting() }, matcher: equal(1), adjust: repeatedly(0)},
	{name: "no time", actual: func() any { return 1 }, matcher: equal(1), adjust: func(a types.AsyncAssertion) types.AsyncAssertion { return a.WithTimeout(0) }},
	{name: "no time and wrong", actual: func() any { return 1 }, matcher: equal(2), adjust: func(a types.AsyncAssertion) types.AsyncAssertion { return a.Within(0) }},
	{name: "context that has ended", actual: func() any { return 1 }, matcher: equal(2), adjust: func(a types.AsyncAssertion) types.AsyncAssertion {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		return a.WithContext(ctx)
	}},
	{name: "context passed on", actual: func() any { return func(ctx context.Context) error { return ctx.Err() } }, matcher: succeed, adjust: func(a types.AsyncAssertion) types.AsyncAssertion {
		return a.WithContext(context.Background())
	}},
	{name: "Gomega, context and arguments", actual: func() any { return func(g gomega.Gomega, _ context.Context, n int) { g.Expect(n).To(gomega.Equal(1)) } }, matcher: succeed, adjust: func(a types.AsyncAssertion) types.AsyncAssertion {
		return a.WithContext(context.Background()).WithArguments(1)
	}},
	{name: "context as an argument", actual: func() any { return func(ctx context.Context) error { return ctx.Err() } }, matcher: succeed, adjust: arguments(context.Background())},
}

func equal(v any) func() types.GomegaMatcher {
	return func() types.GomegaMatcher { return gomega.Equal(v) }
}
func succeed() types.GomegaMatcher { return gomega.Succeed() }

func arguments(args ...any) func(types.AsyncAssertion) types.AsyncAssertion {
	return func(a types.AsyncAssertion) types.AsyncAssertion { return a.WithArguments(args...) }
}

func repeatedly(n int) func(types.AsyncAssertion) types.AsyncAssertion {
	return func(a types.AsyncAssertion) types.AsyncAssertion { return a.MustPassRepeatedly(n) }
}

func TestAwaitHasTheVerdictOfEventually(t *testing.T) {
	for _, c := range differentialCases {
		for _, want := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s/%t", c.name, want), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					verdict := func(make func(g gomega.Gomega) types.AsyncAssertion) (bool, int) {
						g := newFailures()
						a := make(g).WithTimeout(200 * time.Millisecond).WithPolling(5 * time.Millisecond)
						if c.adjust != nil {
							a = c.adjust(a)
						}
						if want {
							return a.Should(c.matcher()), len(g.texts)
						}
						return a.ShouldNot(c.matcher()), len(g.texts)
					}
					ours, failed := verdict(func(g gomega.Gomega) types.AsyncAssertion { return AwaitWith(g, c.actual()) })
					theirs, _ := verdict(func(g gomega.Gomega) types.AsyncAssertion { return g.Eventually(c.actual()) })
					if ours != theirs {
						t.Errorf("Await says %t, Eventually says %t", ours, theirs)
					}
					if ours != (failed == 0) {
						t.Errorf("Await says %t, and reports %d failures", ours, failed)
					}
				})
			})
		}
	}
}
