package telemetrytest_test

import (
	"fmt"
	"strings"
	"testing"
)

// spy is a TB whose failures can be looked at.
type spy struct {
	texts    []string
	cleanups []func()
}

type failedNow struct{}

func (*spy) Helper()                     {}
func (s *spy) Errorf(f string, a ...any) { s.texts = append(s.texts, fmt.Sprintf(f, a...)) }
func (*spy) FailNow()                    { panic(failedNow{}) }
func (s *spy) Cleanup(f func())          { s.cleanups = append(s.cleanups, f) }

func (s *spy) end() {
	for i := len(s.cleanups) - 1; i >= 0; i-- {
		s.cleanups[i]()
	}
}

// failure returns what f fails its test with, or "".
func failure(f func(t *spy)) string {
	s := &spy{}
	func() {
		defer func() {
			if p := recover(); p != nil && p != any(failedNow{}) {
				panic(p)
			}
		}()
		f(s)
	}()
	s.end()
	return strings.Join(s.texts, "\n")
}

func mustContain(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("text lacks %q:\n%s", p, text)
		}
	}
}
