package fakeclock_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sleepless-go/sleepless/fakeclock"
	"github.com/sleepless-go/sleepless/foundation/clock"
	"github.com/sleepless-go/sleepless/foundation/clock/clocktest"
)

// everywhere runs a test outside bubbles and in one.
func everywhere(t *testing.T, body func(*testing.T)) {
	t.Helper()
	t.Run("outside", body)
	t.Run("bubble", func(t *testing.T) { synctest.Test(t, body) })
}

// mustEqual fails unless got is want.
func mustEqual[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("%s = %v, want %v", what, got, want)
	}
}

// ready reports whether a value can be received, and receives it.
func ready[T any](c <-chan T) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// panicText returns what f panics with.
func panicText(t testing.TB, f func()) (text string) {
	t.Helper()
	defer func() {
		t.Helper()
		r := recover()
		if r == nil {
			t.Fatal("no panic")
		}
		text = fmt.Sprint(r)
	}()
	f()
	return ""
}

// mustContain fails unless text contains all parts.
func mustContain(t testing.TB, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Fatalf("%q lacks %q", text, part)
		}
	}
}

// recordingTB is a fakeclock.TB whose end the test decides.
type recordingTB struct {
	mu       sync.Mutex
	logs     []string
	errors   []string
	cleanups []func()
	over     bool
}

func (r *recordingTB) Helper() {}

func (r *recordingTB) Logf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over {
		panic("Log in goroutine after the test has completed")
	}
	r.logs = append(r.logs, fmt.Sprintf(format, args...))
}

func (r *recordingTB) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

func (r *recordingTB) Cleanup(f func()) { r.cleanups = append(r.cleanups, f) }

func (r *recordingTB) end() {
	for _, f := range r.cleanups {
		f()
	}
	r.over = true
}

func TestFakeConforms(t *testing.T) {
	newFake := func(tb testing.TB) (clock.Clock, func(time.Duration)) {
		f := fakeclock.New()
		return f, f.Advance
	}
	t.Run("outside", func(t *testing.T) { clocktest.Run(t, newFake) })
	t.Run("bubble", func(t *testing.T) { clocktest.RunIn(t, synctest.Test, newFake) })
	t.Run("view", func(t *testing.T) {
		clocktest.Run(t, func(tb testing.TB) (clock.Clock, func(time.Duration)) {
			f := fakeclock.New()
			return f.Tagged("view").Background(""), f.Advance
		})
	})
}
