package matchers

import (
	"fmt"

	"github.com/onsi/gomega/types"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/matchers/internal/callsite"
)

// BeIdle matches an eventually.Idler that is idle: nothing is in flight, no
// timer is armed, no queue holds anything. Fake clocks are Idlers; so may
// components be. A failure says what the Idler is busy with.
func BeIdle() types.GomegaMatcher { return &idleMatcher{} }

type idleMatcher struct {
	busy string // as of the last Match
}

func (m *idleMatcher) Match(actual any) (bool, error) {
	i, ok := actual.(eventually.Idler)
	if !ok {
		return false, fmt.Errorf("BeIdle needs an eventually.Idler, with the methods Notify and Idle() (bool, string), and was given %T", actual)
	}
	idle := m.look(i)
	if idle || !mayBlock(callsite.Frames()) {
		return idle, nil
	}
	return blockFor(defaultSlice, []eventually.Source{i}, func() bool { return m.look(i) }), nil
}

func (m *idleMatcher) look(i eventually.Idler) (idle bool) {
	idle, m.busy = i.Idle()
	return idle
}

func (m *idleMatcher) FailureMessage(actual any) string {
	return fmt.Sprintf("Expected %s to be idle, and it is busy:\n    %s", nameOf(actual), m.busy)
}

func (m *idleMatcher) NegatedFailureMessage(actual any) string {
	return fmt.Sprintf("Expected %s not to be idle, and it is", nameOf(actual))
}

// state is what a report shows of a check.
func (m *idleMatcher) state() string { return m.busy }

func (*idleMatcher) name() string { return "BeIdle" }

// nameOf names a value without looking through pointers.
func nameOf(v any) string {
	if s, ok := v.(fmt.Stringer); ok {
		return s.String()
	}
	return fmt.Sprintf("%T", v)
}
