package matchers

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"time"

	"github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/sleepless-go/sleepless/eventually"
)

// Await is gomega.Eventually woken by events: it checks the matcher, blocks
// until one of the sources reports a change, and checks again. An actual that
// is itself a Source (a recorder, a bus, a fake clock, an eventually.Var) need
// not be named as one. With no source at all it polls with a growing pause from
// 50 µs to 5 ms, and a failure says so.
//
//	Await(rec).Should(ReceiveEvent(cache.Evicted, HaveField("Key", "a")))
//	Await(c.Len, rec).Should(Equal(2))
//
// The actual may be whatever Eventually takes: a value, a channel, a function
// of one or more results, a func(Gomega), with or without a context and
// arguments. Verdicts are those of Eventually: extra results must be zero,
// StopTrying and TryAgainAfter are heeded, a matcher that says that its verdict
// can not change any more ends the wait, and ShouldNot waits until the matcher
// does not match. MustPassRepeatedly counts checks that lie at least one polling
// interval apart; one in between that fails starts the count anew.
//
// The limit is WithTimeout or Within; else the default set with
// SetDefaultEventuallyTimeout, if the suite set one; else
// eventually.DefaultLimit. It is multiplied by EVENTUALLY_SCALE. As with
// Eventually, a wait with a context and without a limit lasts until the context
// ends, unless EnforceDefaultTimeoutsWhenUsingContexts is on. WithPolling is the
// interval of a wait without sources; with sources nothing is polled.
//
// A failure goes to the fail handler registered with Gomega. Its text is the
// optional description, the matcher's own failure message for the last actual,
// and the report of the wait: checks and what woke them, the values seen, the
// timeline of the sources, armed timers, goroutines, and a hint. Where
// EVENTUALLY_ARTEFACTS asks for artefacts they are written too (see
// eventually.ArtefactsVariable), and inside a Ginkgo spec the failure is added
// to its report: an entry "artefacts of a failed wait" with the directory and
// the text.
//
// The actual and the matcher run on the calling goroutine. Await itself does
// nothing until one of Should, To, ShouldNot, NotTo and ToNot is called.
func Await(actual any, sources ...eventually.Source) types.AsyncAssertion {
	return newAssertion(gomega.Default, gomega.Eventually(actual), actual, sources)
}

// AwaitWith is Await for a Gomega that is not the registered one: that of
// NewWithT(t), or the one a func(g Gomega) is given.
func AwaitWith(g types.Gomega, actual any, sources ...eventually.Source) types.AsyncAssertion {
	return newAssertion(g, g.Eventually(actual), actual, sources)
}

// unset marks a duration that nobody gave.
const unset = -1 * time.Nanosecond

// assertion is what Await returns. It embeds the stock assertion, so that it
// still compiles when a later Gomega adds methods to the interface; calling
// such a method falls back to the stock assertion, which polls.
type assertion struct {
	types.AsyncAssertion
	g       types.Gomega
	tHelper func()

	actual  any
	sources []eventually.Source
	timeout time.Duration
	polling time.Duration
	ctx     context.Context
	args    []any
	repeat  int
	offset  int
}

func newAssertion(g types.Gomega, stock types.AsyncAssertion, actual any, sources []eventually.Source) *assertion {
	a := &assertion{
		AsyncAssertion: stock, g: g, tHelper: func() {},
		actual: actual, timeout: unset, polling: unset, repeat: 1,
	}
	if own := concrete(g); own != nil && own.THelper != nil {
		a.tHelper = own.THelper
	}
	if s, ok := actual.(eventually.Source); ok {
		a.sources = append(a.sources, s)
	}
	for _, s := range sources {
		if !contains(a.sources, s) {
			a.sources = append(a.sources, s)
		}
	}
	return a
}

// contains reports whether s is in list. Sources may be of types that cannot be
// compared; those are never found.
func contains(list []eventually.Source, s eventually.Source) bool {
	if s == nil || !reflect.TypeOf(s).Comparable() {
		return false
	}
	for _, other := range list {
		if reflect.TypeOf(other) == reflect.TypeOf(s) && other == s {
			return true
		}
	}
	return false
}

// concrete returns the Gomega that holds the defaults and the Helper method, or
// nil if g is of a foreign kind. Gomega allows wrappers that have an Inner.
func concrete(g types.Gomega) *gomega.WithT {
	if w, ok := g.(interface{ Inner() types.Gomega }); ok {
		g = w.Inner()
	}
	own, _ := g.(*gomega.WithT)
	return own
}

// Should waits until the matcher matches.
func (a *assertion) Should(m types.GomegaMatcher, description ...any) bool {
	a.tHelper()
	return a.await(m, true, description)
}

// To is Should.
func (a *assertion) To(m types.GomegaMatcher, description ...any) bool {
	a.tHelper()
	return a.await(m, true, description)
}

// ShouldNot waits until the matcher does not match.
func (a *assertion) ShouldNot(m types.GomegaMatcher, description ...any) bool {
	a.tHelper()
	return a.await(m, false, description)
}

// ToNot is ShouldNot.
func (a *assertion) ToNot(m types.GomegaMatcher, description ...any) bool {
	a.tHelper()
	return a.await(m, false, description)
}

// NotTo is ShouldNot.
func (a *assertion) NotTo(m types.GomegaMatcher, description ...any) bool {
	a.tHelper()
	return a.await(m, false, description)
}

// WithOffset moves the reported call site up the stack.
func (a *assertion) WithOffset(offset int) types.AsyncAssertion {
	a.offset = offset
	return a
}

// WithTimeout limits the wait.
func (a *assertion) WithTimeout(limit time.Duration) types.AsyncAssertion {
	a.timeout = limit
	return a
}

// Within is WithTimeout.
func (a *assertion) Within(limit time.Duration) types.AsyncAssertion { return a.WithTimeout(limit) }

// WithPolling sets the interval of checks where no source is given.
func (a *assertion) WithPolling(interval time.Duration) types.AsyncAssertion {
	a.polling = interval
	return a
}

// ProbeEvery is WithPolling.
func (a *assertion) ProbeEvery(interval time.Duration) types.AsyncAssertion {
	return a.WithPolling(interval)
}

// WithContext ends the wait, as a failure, when ctx ends, and passes ctx to a
// function that takes one.
func (a *assertion) WithContext(ctx context.Context) types.AsyncAssertion {
	a.ctx = ctx
	return a
}

// WithArguments passes args to a function that takes them.
func (a *assertion) WithArguments(args ...any) types.AsyncAssertion {
	a.args = args
	return a
}

// MustPassRepeatedly asks for count checks in a row that pass.
func (a *assertion) MustPassRepeatedly(count int) types.AsyncAssertion {
	a.repeat = count
	return a
}

const (
	stockTimeout = time.Second // what Gomega starts with
	stockPolling = 10 * time.Millisecond

	// noLimit is longer than any test binary runs, and leaves EVENTUALLY_SCALE
	// room before it overflows.
	noLimit = time.Duration(math.MaxInt64 / 1_000_000)
)

// limit works out how long a wait may last before scaling.
func (a *assertion) limit() time.Duration {
	standard, enforced := stockTimeout, false
	if own := concrete(a.g); own != nil {
		standard = own.DurationBundle.EventuallyTimeout
		enforced = own.DurationBundle.EnforceDefaultTimeoutsWhenUsingContexts
	}
	switch {
	case a.timeout > 0:
		return a.timeout
	case a.timeout == 0:
		return 1 // one check, like Eventually
	case a.ctx != nil && !enforced:
		return noLimit
	case standard != stockTimeout:
		return max(standard, 1)
	default:
		return eventually.DefaultLimit
	}
}

// interval is how far apart the checks of MustPassRepeatedly lie.
func (a *assertion) interval() time.Duration {
	if a.polling >= 0 {
		return a.polling
	}
	if own := concrete(a.g); own != nil {
		return own.DurationBundle.EventuallyPollingInterval
	}
	return stockPolling
}

// await runs the wait. It is called by the method that the test calls, and
// calls fail itself: the call site is found by counting frames.
func (a *assertion) await(m types.GomegaMatcher, want bool, description []any) bool {
	a.tHelper()
	vet(description)
	poll, err := a.poller()
	if err == nil {
		err = a.refuseSpecContext()
	}
	if err != nil {
		a.fail(describe(description) + err.Error())
		return false
	}
	t := &trial{assertion: a, matcher: m, want: want, poll: poll}
	report := t.run()
	if report.Err == nil {
		return true
	}
	text := describe(description) + t.failure(report)
	addEntry(report, text)
	a.fail(text)
	return false
}

// framesToCaller counts fail, await and the method that the test called.
const framesToCaller = 3

// fail hands text to the fail handler by way of an assertion that always fails,
// the one door that every Gomega has.
func (a *assertion) fail(text string) {
	a.tHelper()
	a.g.ExpectWithOffset(framesToCaller+a.offset, nil).To(failing(text))
}

// failing is a matcher that never matches.
type failing string

func (failing) Match(any) (bool, error)            { return false, nil }
func (f failing) FailureMessage(any) string        { return string(f) }
func (f failing) NegatedFailureMessage(any) string { return string(f) }

// vet refuses a matcher in the place of a description, as Gomega does: it is
// nearly always a second matcher that would silently be ignored.
func vet(description []any) {
	if len(description) == 0 {
		return
	}
	switch description[0].(type) {
	case string, func() string:
	default:
		panic(fmt.Sprintf("matchers: the description of an assertion is a %T; give a format string with arguments or a func() string, and combine matchers with And or Or", description[0]))
	}
}

// describe renders a description, when the wait has failed and not before.
func describe(description []any) string {
	switch len(description) {
	case 0:
		return ""
	case 1:
		if f, ok := description[0].(func() string); ok {
			return f() + "\n"
		}
	}
	format, ok := description[0].(string)
	if !ok {
		return fmt.Sprint(description[1:]...) + "\n"
	}
	return fmt.Sprintf(format, description[1:]...) + "\n"
}
