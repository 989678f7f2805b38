package leakcheck

import (
	"context"
	"fmt"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
)

// spy stands in for a failing test.
type spy struct {
	mu       sync.Mutex
	name     string
	failed   bool
	errors   []string
	cleanups []func()
}

func (s *spy) Helper()      {}
func (s *spy) Name() string { return s.name }
func (s *spy) Failed() bool { return s.failed }

func (s *spy) Errorf(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.errors = append(s.errors, fmt.Sprintf(format, args...))
}

func (s *spy) Cleanup(f func()) { s.cleanups = append(s.cleanups, f) }

// finish runs the cleanups, last first, as the end of a test does, and returns
// what failed it.
func (s *spy) finish() string {
	for len(s.cleanups) > 0 {
		last := len(s.cleanups) - 1
		f := s.cleanups[last]
		s.cleanups = s.cleanups[:last]
		f()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.errors, "\n")
}

// during runs a test with a spy in place of its t and returns what failed it.
func during(name string, f func(s *spy)) string {
	s := &spy{name: name}
	f(s)
	return s.finish()
}

// plant starts a goroutine that blocks until the test t is over, and waits until
// it runs.
func plant(t *testing.T) {
	t.Helper()
	release, started, ended := make(chan struct{}), make(chan struct{}), make(chan struct{})
	t.Cleanup(func() {
		close(release)
		<-ended
	})
	go func() {
		defer close(ended)
		close(started)
		<-release
	}()
	<-started
}

func TestACheckReportsWhatTheTestLeavesBehind(t *testing.T) {
	text := during("TestX", func(s *spy) {
		Check(s, Within(0))
		plant(t)
	})
	if !strings.Contains(text, "TestX leaked 1 goroutine") {
		t.Errorf("text: %s", text)
	}
}

func TestACheckPassesWhenAllHasEnded(t *testing.T) {
	text := during("TestX", func(s *spy) {
		Check(s)
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {})
		}
		all.Wait()
	})
	if text != "" {
		t.Error(text)
	}
}

func TestACheckSparesWhatWasThereBefore(t *testing.T) {
	plant(t)
	text := during("TestX", func(s *spy) {
		Check(s, Within(0))
		var other sync.WaitGroup
		other.Go(func() {})
		other.Wait()
	})
	if text != "" {
		t.Error(text)
	}
}

func TestALeakUnderLabelsOfItsOwnIsKnownByItsAncestry(t *testing.T) {
	text := during("TestX", func(s *spy) {
		Check(s, Within(0))
		pprof.Do(context.Background(), pprof.Labels("user", "x"), func(context.Context) { plant(t) })
	})
	if !strings.Contains(text, "TestX leaked 1 goroutine") {
		t.Errorf("text: %s", text)
	}
}

func TestACheckInABubbleSeesOnlyThatBubble(t *testing.T) {
	plant(t)
	synctest.Test(t, func(t *testing.T) {
		text := during("TestX", func(s *spy) { Check(s); plant(t) })
		if !strings.Contains(text, "TestX leaked 1 goroutine") {
			t.Errorf("text: %s", text)
		}
	})
}
