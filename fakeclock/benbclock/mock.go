package benbclock

import (
	"context"
	"fmt"
	"time"

	benb "github.com/benbjohnson/clock"

	"github.com/sleepless-go/sleepless/fakeclock"
	"github.com/sleepless-go/sleepless/foundation/clock"
)

// Mock is a [fakeclock.Fake] in the form of github.com/benbjohnson/clock: it
// implements that package's Clock, with genuine *clock.Timer and *clock.Ticker,
// and has the Add, Set and WaitForAllTimers of its Mock. Make one with [New].
//
// All methods may be called from any goroutine. A Mock owns no goroutine.
type Mock struct {
	fake *fakeclock.Fake
	// One of the two is nil.
	mirrored *mirrored
	plain    *benb.Mock
	std      clock.Clock // the clock that timers of this Mock go by
}

var _ benb.Clock = (*Mock)(nil)

// New returns f as a clock of github.com/benbjohnson/clock. Whoever moves one of
// the two, f.Advance or Add, moves both, and fires the timers of both in the
// order of their instants. Several Mocks of one Fake are allowed.
//
// If the structs of that package are not those of v1.3.5 the Mock falls back to
// the plain one, which sleeps, and says so once on standard error; [Mock.Plain]
// tells. It panics if f is nil.
func New(f *fakeclock.Fake) *Mock { return newMock(f, trusted, &degraded) }

func newMock(f *fakeclock.Fake, distrust error, n *notice) *Mock {
	if f == nil {
		panic("benbclock: New(nil): make the clock with fakeclock.New")
	}
	if distrust == nil {
		return &Mock{fake: f, mirrored: newMirrored(f), std: f}
	}
	n.say(distrust)
	plain := newPlain(f)
	return &Mock{fake: f, plain: plain, std: From(plain)}
}

// Fake returns the clock that m was made from.
func (m *Mock) Fake() *fakeclock.Fake { return m.fake }

// Plain reports whether m has fallen back to the Mock of benbjohnson/clock,
// which sleeps.
func (m *Mock) Plain() bool { return m.plain != nil }

// Now returns the clock's time.
func (m *Mock) Now() time.Time { return m.std.Now() }

// Since returns the time passed since t.
func (m *Mock) Since(t time.Time) time.Duration { return m.Now().Sub(t) }

// Until returns the time until t.
func (m *Mock) Until(t time.Time) time.Duration { return t.Sub(m.Now()) }

// Timer returns a timer that fires d from now, and at once if d ≤ 0; the plain
// Mock fires any one timer that is due then.
//
// Stop and Reset are those of benbjohnson/clock and do what the mechanism of its
// types allows. After Stop nothing is sent any more. Reset takes a value back
// that was not received, but only when the clock is next moved, or asked with
// Timers, Idle or Arms of the Fake: until then it can still be received. For a
// timer that has fired both report false, received or not. Reset(d) with d ≤ 0
// fires when the clock is next moved, if only by Add(0).
func (m *Mock) Timer(d time.Duration) *benb.Timer {
	if m.plain != nil {
		return m.plain.Timer(d)
	}
	return m.mirrored.timer(d)
}

// AfterFunc calls f in a goroutine of its own d from now, and at once if d ≤ 0;
// the plain Mock leaves that to the next Add. Whoever moves the clock waits for
// f to return.
func (m *Mock) AfterFunc(d time.Duration, f func()) *benb.Timer {
	if m.plain != nil {
		return m.plain.AfterFunc(d, f)
	}
	return m.mirrored.afterFunc(d, f)
}

// Ticker returns a ticker with the period d. A tick is not dropped while its
// reader runs or could run; the Fake counts those that are. It panics if d ≤ 0,
// where Add of the plain Mock never returns. For a Reset(d) with d ≤ 0 the call
// panics that next moves the clock.
func (m *Mock) Ticker(d time.Duration) *benb.Ticker {
	if d <= 0 {
		panic(fmt.Sprintf("benbclock: Ticker(%s): the period must be positive, as for package time", d))
	}
	if m.plain != nil {
		return m.plain.Ticker(d)
	}
	return m.mirrored.ticker(d)
}

// Tick returns the channel of a ticker that cannot be stopped, or nil if d ≤ 0,
// as [time.Tick] does.
func (m *Mock) Tick(d time.Duration) <-chan time.Time {
	if d <= 0 {
		return nil
	}
	return m.Ticker(d).C
}

// After returns the channel of a timer; with d ≤ 0 the value is there at once.
func (m *Mock) After(d time.Duration) <-chan time.Time { return clock.After(m.std, d) }

// Sleep blocks until the clock has moved by d. With d ≤ 0 it returns at once.
func (m *Mock) Sleep(d time.Duration) { clock.Sleep(m.std, d) }

// WithTimeout returns a context that ends d from now on this clock. It behaves as
// one of package context, which that of the plain Mock does not: its Err races
// with the deadline, and a child costs a goroutine.
func (m *Mock) WithTimeout(parent context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return clock.WithTimeout(parent, m.std, d)
}

// WithDeadline is [Mock.WithTimeout] with an instant of this clock.
func (m *Mock) WithDeadline(parent context.Context, deadline time.Time) (context.Context, context.CancelFunc) {
	return clock.WithDeadline(parent, m.std, deadline)
}

// Add moves the clock by d, as [fakeclock.Fake.Advance] does, with its
// guarantees and panics: all that was due has happened when it returns. It panics
// if d is negative, where the plain Mock silently goes back.
func (m *Mock) Add(d time.Duration) {
	if d < 0 {
		panic(fmt.Sprintf("benbclock: Add(%s): time does not go back; to move the wall clock use Set of the Fake", d))
	}
	if m.plain != nil {
		m.plain.Add(d)
	}
	m.fake.Advance(d)
}

// Set lets time pass until the clock shows t, and fires what is due on the way.
// It is not [fakeclock.Fake.Set], which lets the wall clock jump. It panics if t
// is before Now, where the plain Mock silently goes back.
func (m *Mock) Set(t time.Time) {
	d := m.Until(t)
	if d < 0 {
		panic(fmt.Sprintf("benbclock: Set(%s) is %s before Now: time does not go back; to move the wall clock use Set of the Fake", t, -d))
	}
	m.Add(d)
}

// WaitForAllTimers moves the clock from timer to timer until none is left, and
// returns its time then. Tickers tick on the way but keep it from ending no
// more, as they do the plain Mock, which never returns while one runs. It
// panics if timers are armed again and again (see fakeclock.LoopLimit).
func (m *Mock) WaitForAllTimers() time.Time {
	if m.plain != nil {
		now := m.plain.WaitForAllTimers()
		m.fake.Advance(now.Sub(m.fake.Now()))
		return now
	}
	if _, err := m.fake.AdvanceUntilIdle(); err != nil {
		panic(fmt.Sprintf("benbclock: WaitForAllTimers: %v", err))
	}
	return m.Now()
}
