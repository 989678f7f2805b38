package matchers

import (
	"context"
	"fmt"
	"strings"

	"github.com/onsi/gomega/types"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/matchers/internal/callsite"
)

// Leaser is something that knows how many of its resources are lent out.
type Leaser interface{ Leases() int }

// EventuallyCleanedUp matches a component that has come to its end. It asks all
// of these that the actual has:
//
//   - Stopped() <-chan struct{} or Done() <-chan struct{}, closed at the end;
//   - Closed() bool, true at the end;
//   - Idle() (bool, string) of an eventually.Idler, idle at the end;
//   - Leases() int of a Leaser, 0 at the end.
//
// It is the one matcher that waits by itself: Expect(x).To(EventuallyCleanedUp())
// waits for up to eventually.DefaultLimit, woken by the actual if it is an
// eventually.Source, by its channel, and by the sources given with On; where
// there is none of these it polls. Under Await, which waits already, and under
// Expect(x).NotTo it asks once; under Gomega's own Eventually it blocks like the
// other matchers, for a slice.
func EventuallyCleanedUp(on ...eventually.Source) types.GomegaMatcher {
	return &cleanedUpMatcher{on: on}
}

type cleanedUpMatcher struct {
	on     []eventually.Source
	left   []string           // what is not at its end, as of the last Match
	report *eventually.Report // of the wait, if it waited
}

// facet is one way in which a component shows its end: why not yet, or "".
type facet func() (why string)

func (m *cleanedUpMatcher) Match(actual any) (bool, error) {
	m.report = nil
	facets, _ := facetsOf(actual)
	if len(facets) == 0 {
		return false, fmt.Errorf("EventuallyCleanedUp cannot tell when a %T is cleaned up; it needs one of the methods Stopped() <-chan struct{}, Done() <-chan struct{}, Closed() bool, Leases() int, or Idle() (bool, string) with Notify", actual)
	}
	look := func() bool { return m.look(facets) }
	if look() {
		return true, nil
	}
	sources := m.wakers(actual)
	frames := callsite.Frames()
	switch situationOf(frames) {
	case negated:
		return false, nil
	case polled:
		if mayBlock(frames) && len(sources) > 0 {
			return blockFor(defaultSlice, sources, look), nil
		}
		return false, nil
	}
	var opts []eventually.Option
	if len(sources) > 0 {
		opts = append(opts, eventually.On(sources...))
	}
	m.report, _ = eventually.Wait(context.Background(), nameOf(actual)+" is cleaned up", func() (bool, string, error) {
		done := look()
		return done, strings.Join(m.left, "; "), nil
	}, opts...)
	return m.report.Err == nil, nil
}

func (m *cleanedUpMatcher) look(facets []facet) bool {
	m.left = nil
	for _, f := range facets {
		if why := f(); why != "" {
			m.left = append(m.left, why)
		}
	}
	return len(m.left) == 0
}

// facetsOf finds out how an actual shows its end, and what can wake a wait.
func facetsOf(actual any) (facets []facet, sources []eventually.Source) {
	if s, ok := actual.(eventually.Source); ok {
		sources = append(sources, s)
	}
	ended := func(name string, ch <-chan struct{}) {
		sources = append(sources, endOf(ch))
		facets = append(facets, func() string {
			select {
			case <-ch:
				return ""
			default:
				return name + "() is not closed"
			}
		})
	}
	if a, ok := actual.(interface{ Stopped() <-chan struct{} }); ok {
		ended("Stopped", a.Stopped())
	}
	if a, ok := actual.(interface{ Done() <-chan struct{} }); ok {
		ended("Done", a.Done())
	}
	if a, ok := actual.(interface{ Closed() bool }); ok {
		facets = append(facets, unless(a.Closed, "Closed() is false"))
	}
	if a, ok := actual.(eventually.Idler); ok {
		facets = append(facets, func() string {
			if idle, why := a.Idle(); !idle {
				return "not idle: " + why
			}
			return ""
		})
	}
	if a, ok := actual.(Leaser); ok {
		facets = append(facets, func() string {
			if n := a.Leases(); n != 0 {
				return fmt.Sprintf("Leases() is %d", n)
			}
			return ""
		})
	}
	return facets, sources
}

// mute reports whether the actual has a state that no source tells of.
func mute(actual any) bool {
	if _, ok := actual.(eventually.Source); ok {
		return false
	}
	_, closes := actual.(interface{ Closed() bool })
	_, lends := actual.(Leaser)
	return closes || lends
}

// asking makes a wait look again from time to time though it has sources.
type asking struct{}

func (asking) Notify(chan<- struct{}) (stop func()) { return func() {} }
func (asking) Poll() bool                           { return true }
func (asking) String() string                       { return "its state" }

func unless(done func() bool, why string) facet {
	return func() string {
		if done() {
			return ""
		}
		return why
	}
}

// closing is a Source for the closing of a channel, on which nothing is sent.
type closing struct{ ch <-chan struct{} }

func endOf(ch <-chan struct{}) eventually.Source { return closing{ch} }

// Notify starts a goroutine that stop waits for.
func (c closing) Notify(ch chan<- struct{}) (stop func()) {
	return eventually.Chan(c.ch).Notify(ch)
}

func (c closing) String() string { return "the closing of its channel" }

func (m *cleanedUpMatcher) FailureMessage(actual any) string {
	text := fmt.Sprintf("Expected %s to be cleaned up\n    %s", nameOf(actual), strings.Join(m.left, "\n    "))
	if m.report != nil {
		text += "\n\n" + m.report.String()
	}
	return text
}

func (m *cleanedUpMatcher) NegatedFailureMessage(actual any) string {
	return fmt.Sprintf("Expected %s not to be cleaned up, and it is", nameOf(actual))
}

func (m *cleanedUpMatcher) wakers(actual any) []eventually.Source {
	_, sources := facetsOf(actual)
	sources = append(sources, m.on...)
	if len(m.on) == 0 && len(sources) > 0 && mute(actual) {
		sources = append(sources, asking{})
	}
	return sources
}

// state is what a report shows of a check.
func (m *cleanedUpMatcher) state() string { return strings.Join(m.left, "; ") }

func (*cleanedUpMatcher) name() string { return "EventuallyCleanedUp" }
