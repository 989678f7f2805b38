package matchers

import (
	"fmt"
	"sync/atomic"

	"github.com/onsi/gomega/types"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/matchers/internal/callsite"
)

// BecomeTrue matches what is true: a func() bool, *atomic.Bool,
// *eventually.Var[bool] or bool. The sources are what can change it; Await
// blocks on them, so they can be named where the condition is:
//
//	Await(&ready).Should(BecomeTrue(recorder))
//
// Under Gomega's own Eventually a function is called before the matcher is
// asked, so only the pointers can be waited for there without polling.
func BecomeTrue(on ...eventually.Source) types.GomegaMatcher { return &trueMatcher{on: on} }

type trueMatcher struct{ on []eventually.Source }

func (m *trueMatcher) Match(actual any) (bool, error) {
	load, err := loader(actual)
	if err != nil {
		return false, err
	}
	sources := m.on
	if s, ok := actual.(eventually.Source); ok {
		sources = append(sources[:len(sources):len(sources)], s)
	}
	if load() {
		return true, nil
	}
	if _, fixed := actual.(bool); fixed || len(sources) == 0 || !mayBlock(callsite.Frames()) {
		return false, nil
	}
	return blockFor(defaultSlice, sources, load), nil
}

func loader(actual any) (func() bool, error) {
	switch a := actual.(type) {
	case bool:
		return func() bool { return a }, nil
	case func() bool:
		if a != nil {
			return a, nil
		}
	case *atomic.Bool:
		if a != nil {
			return a.Load, nil
		}
	case *eventually.Var[bool]:
		if a != nil {
			return a.Load, nil
		}
	}
	return nil, fmt.Errorf("BecomeTrue needs a func() bool, *atomic.Bool, *eventually.Var[bool] or bool, not nil, and was given %T", actual)
}

func (m *trueMatcher) wakers(any) []eventually.Source { return m.on }

func (m *trueMatcher) FailureMessage(actual any) string {
	return fmt.Sprintf("Expected the %T to be true, and it is false", actual)
}

func (m *trueMatcher) NegatedFailureMessage(actual any) string {
	return fmt.Sprintf("Expected the %T to be false, and it is true", actual)
}

func (*trueMatcher) name() string { return "BecomeTrue" }
