package benbclock

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	benb "github.com/benbjohnson/clock"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/fakeclock"
	"github.com/sleepless-go/sleepless/foundation/clock"
	"github.com/sleepless-go/sleepless/foundation/clock/clocktest"
)

// movable is what the plain Mock and ours have in common.
type movable interface {
	benb.Clock
	Add(time.Duration)
	Set(time.Time)
	WaitForAllTimers() time.Time
}

var (
	_ movable = (*benb.Mock)(nil)
	_ movable = (*Mock)(nil)
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

// mustContain fails unless text contains all parts.
func mustContain(t testing.TB, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Fatalf("%q lacks %q", text, part)
		}
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

// ready reports whether a value can be received, and receives it.
func ready[T any](c <-chan T) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// ended reports whether a channel is closed.
func ended(c <-chan struct{}) bool { return ready(c) }

func TestTheLayoutIsTrusted(t *testing.T) {
	if trusted != nil {
		t.Fatalf("the pinned version of benbjohnson/clock is not trusted: %v", trusted)
	}
	mustEqual(t, "Plain", New(fakeclock.New()).Plain(), false)
}

// The plain Mock conforms in a bubble only, where its sleeps give goroutines all
// the time they need.
func TestClocksFromBenbjohnsonConform(t *testing.T) {
	t.Run("real", func(t *testing.T) {
		clocktest.RunIn(t, synctest.Test, func(testing.TB) (clock.Clock, func(time.Duration)) {
			return From(benb.New()), func(d time.Duration) { eventually.Advance(d) }
		})
	})
	t.Run("mock", func(t *testing.T) {
		clocktest.RunIn(t, synctest.Test, func(testing.TB) (clock.Clock, func(time.Duration)) {
			m := benb.NewMock()
			return From(m), func(d time.Duration) {
				m.Add(d)
				synctest.Wait()
			}
		})
	})
}

// The timers of our Mock are held to the conformance of a clock by wrapping them
// as those of any other benbjohnson clock would be.
func TestTimersOfOurMockConform(t *testing.T) {
	newClock := func(testing.TB) (clock.Clock, func(time.Duration)) {
		m := New(fakeclock.New())
		return from{m}, m.Add
	}
	t.Run("outside", func(t *testing.T) { clocktest.Run(t, newClock) })
	t.Run("bubble", func(t *testing.T) { clocktest.RunIn(t, synctest.Test, newClock) })
}

func TestFromOfOurMockIsTheFake(t *testing.T) {
	f := fakeclock.New()
	mustEqual(t, "From(New(f))", From(New(f)), clock.Clock(f))
	mustEqual(t, "Fake", New(f).Fake(), f)
}
