package matchers

import (
	"fmt"
	"strings"
	"time"

	"github.com/onsi/gomega/types"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/fakeclock"
	"github.com/sleepless-go/sleepless/matchers/internal/callsite"
)

// HaveArmedTimer matches a *fakeclock.Fake, or a *fakeclock.View of one, on
// which a timer or ticker is armed that satisfies everything given:
//
//   - a time.Duration: it fires in exactly that time, or is a ticker with that
//     period;
//   - a string: it was made through a view with that tag;
//   - a fakeclock.Kind: it is of that kind;
//   - a func(fakeclock.TimerInfo) bool, or a Gomega matcher on the TimerInfo.
//
// Without arguments any armed timer will do. A failure lists the timers that are
// armed, with the lines that armed them.
func HaveArmedTimer(args ...any) types.GomegaMatcher {
	m := &armedTimerMatcher{}
	for i, arg := range args {
		a, err := acceptTimer(arg)
		if err != nil {
			m.err = fmt.Errorf("HaveArmedTimer: argument %d %w", i+1, err)
			return m
		}
		m.accept = append(m.accept, a)
	}
	return m
}

type armedTimerMatcher struct {
	accept []acceptor[fakeclock.TimerInfo]
	err    error
	timers []fakeclock.TimerInfo // as of the last Match
	found  fakeclock.TimerInfo
}

func acceptTimer(arg any) (acceptor[fakeclock.TimerInfo], error) {
	plain := func(text string, f func(fakeclock.TimerInfo) bool) (acceptor[fakeclock.TimerInfo], error) {
		return acceptor[fakeclock.TimerInfo]{wanted: text, judge: func(i fakeclock.TimerInfo) (bool, error) { return f(i), nil }}, nil
	}
	switch arg := arg.(type) {
	case time.Duration:
		return plain(fmt.Sprintf("due in %v, or every %v", arg, arg), func(i fakeclock.TimerInfo) bool {
			return i.In == arg || i.Period == arg && arg > 0
		})
	case string:
		return plain(fmt.Sprintf("tagged %q", arg), func(i fakeclock.TimerInfo) bool { return i.Tag == arg })
	case fakeclock.Kind:
		return plain(fmt.Sprintf("of kind %v", arg), func(i fakeclock.TimerInfo) bool { return i.Kind == arg })
	}
	a, err := accept[fakeclock.TimerInfo](arg)
	if err != nil {
		return a, fmt.Errorf("is a %T; give a time.Duration, a tag, a fakeclock.Kind, a func(fakeclock.TimerInfo) bool or a Gomega matcher", arg)
	}
	return a, nil
}

func (m *armedTimerMatcher) Match(actual any) (bool, error) {
	if m.err != nil {
		return false, m.err
	}
	f, err := clockOf(actual)
	if err != nil {
		return false, err
	}
	found, err := m.look(f)
	if found || err != nil || !mayBlock(callsite.Frames()) {
		return found, err
	}
	blockFor(defaultSlice, []eventually.Source{f}, func() bool {
		found, err = m.look(f)
		return found || err != nil
	})
	return found, err
}

func clockOf(actual any) (*fakeclock.Fake, error) {
	switch c := actual.(type) {
	case *fakeclock.Fake:
		if c != nil {
			return c, nil
		}
	case *fakeclock.View:
		if c != nil {
			return c.Fake(), nil
		}
	}
	return nil, fmt.Errorf("HaveArmedTimer needs a *fakeclock.Fake or *fakeclock.View, not nil, and was given %T", actual)
}

func (m *armedTimerMatcher) look(f *fakeclock.Fake) (bool, error) {
	m.timers = f.Timers()
	for _, t := range m.timers {
		ok, err := m.takes(t)
		if err != nil {
			return false, fmt.Errorf("HaveArmedTimer: a nested matcher could not judge %s: %w", t, err)
		}
		if ok {
			m.found = t
			return true, nil
		}
	}
	return false, nil
}

func (m *armedTimerMatcher) takes(t fakeclock.TimerInfo) (bool, error) {
	for _, a := range m.accept {
		if ok, err := a.judge(t); !ok || err != nil {
			return false, err
		}
	}
	return true, nil
}

func (m *armedTimerMatcher) expectation() string {
	if len(m.accept) == 0 {
		return "an armed timer"
	}
	var wants []string
	for _, a := range m.accept {
		wants = append(wants, a.wanted)
	}
	return "an armed timer that is " + strings.Join(wants, " and ")
}

func (m *armedTimerMatcher) FailureMessage(any) string {
	text := "Expected the fake clock to have " + m.expectation() + "\n"
	if len(m.timers) == 0 {
		return text + "No timer is armed."
	}
	text += "Armed are:"
	for _, t := range m.timers {
		text += "\n    " + t.String()
	}
	return text
}

func (m *armedTimerMatcher) NegatedFailureMessage(any) string {
	return "Expected the fake clock not to have " + m.expectation() + "\nIt has:\n    " + m.found.String()
}

func (*armedTimerMatcher) name() string { return "HaveArmedTimer" }
