package benbclock

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	benb "github.com/benbjohnson/clock"

	"github.com/sleepless-go/sleepless/fakeclock"
	"github.com/sleepless-go/sleepless/internal/follow"
)

func TestTheFakeFiresWhatTheMockArmed(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		f := fakeclock.New()
		m := New(f)
		timer, ticker := m.Timer(2*time.Second), m.Ticker(3*time.Second)
		called := false
		m.AfterFunc(time.Minute, func() { called = true })
		f.Advance(2 * time.Second)
		mustEqual(t, "time of the timer", (<-timer.C).Sub(m.Now()), 0)
		mustEqual(t, "ticked", ready(ticker.C), false)
		f.Advance(time.Second)
		mustEqual(t, "ticked", ready(ticker.C), true)
		ticker.Stop()
		f.Advance(time.Minute)
		mustEqual(t, "called", called, true)
		mustEqual(t, "ticked after Stop", ready(ticker.C), false)
	})
}

func TestTimersOfBothClocksFireInOneOrder(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		f := fakeclock.New()
		m, n := New(f), New(f)
		var order []string
		add := func(name string) func() { return func() { order = append(order, name) } }
		m.AfterFunc(3*time.Second, add("m3"))
		f.AfterFunc(2*time.Second, add("f2"))
		n.AfterFunc(time.Second, add("n1"))
		f.AfterFunc(4*time.Second, add("f4"))
		m.AfterFunc(4*time.Second, add("m4"))
		m.Add(time.Minute)
		mustEqual(t, "order", strings.Join(order, " "), "n1 f2 m3 f4 m4")
	})
}

func TestResetWhileTheClockMovesIsHeeded(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		m := New(fakeclock.New())
		n := 0
		var timer *benb.Timer
		timer = m.AfterFunc(time.Second, func() {
			if n++; n < 10 {
				timer.Reset(time.Second)
			}
		})
		m.Add(9 * time.Second)
		mustEqual(t, "calls after 9s", n, 9)
		m.Add(time.Hour)
		mustEqual(t, "calls", n, 10)
	})
}

// The instant that the clock is about to go to may turn out not to be the next.
func TestAResetInOneMockThatBringsAnEarlierInstantLeavesTheTimeOfOthersRight(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		f := fakeclock.New()
		m, n := New(f), New(f)
		m.Timer(10 * time.Second)
		later := m.Timer(time.Hour)
		n.AfterFunc(time.Minute, func() { later.Reset(time.Second) }).Reset(5 * time.Second)
		sixth := f.Now().Add(6 * time.Second)
		f.Advance(10 * time.Second)
		mustEqual(t, "fired", len(later.C), 1)
		mustEqual(t, "fired at", <-later.C, sixth)
	})
}

// slowTimer is told of a Reset, and does not do anything about it until it is
// let.
type slowTimer struct {
	follow.Timer
	told, let chan struct{}
}

func (s *slowTimer) ArmAt(when int64, period time.Duration) {
	close(s.told)
	<-s.let
	s.Timer.ArmAt(when, period)
}

// Idle, Timers and Arms of the Fake ask what was reset, as moving it does.
func TestTheClockDoesNotMoveWhileAnotherGoroutinePassesAResetOn(t *testing.T) {
	f := fakeclock.New()
	m := New(f)
	timer := m.Timer(time.Minute)
	r := m.mirrored.live[0]
	slow := &slowTimer{r.shadow, make(chan struct{}), make(chan struct{})}
	r.shadow = slow
	timer.Reset(time.Second)
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		f.Timers()
	}()
	<-slow.told
	mustEqual(t, "may move", m.mirrored.Hold(), false)
	close(slow.let)
	f.Advance(time.Second)
	mustEqual(t, "fired", ready(timer.C), true)
	<-asked
}

func TestResetOfARunningTimerMovesItBothWays(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		m := New(fakeclock.New())
		timer := m.Timer(time.Minute)
		mustEqual(t, "Reset to earlier", timer.Reset(time.Second), true)
		m.Add(time.Second)
		mustEqual(t, "fired earlier", ready(timer.C), true)
		mustEqual(t, "Reset after it fired", timer.Reset(time.Second), false)
		mustEqual(t, "Reset to later", timer.Reset(time.Minute), true)
		m.Add(time.Second)
		mustEqual(t, "fired as before", ready(timer.C), false)
		m.Add(59 * time.Second)
		mustEqual(t, "fired later", ready(timer.C), true)
		mustEqual(t, "Stop after it fired", timer.Stop(), false)
	})
}

// A timer that is stopped and reset to the instant at which it was due shows the
// same state as before; its value of then must be gone all the same.
func TestStopAndResetToTheSameInstantIsNoticed(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		m := New(fakeclock.New())
		timer := m.Timer(time.Second)
		mustEqual(t, "Stop", timer.Stop(), true)
		mustEqual(t, "Reset", timer.Reset(time.Second), false)
		m.Add(time.Second)
		mustEqual(t, "fired", ready(timer.C), true)
		mustEqual(t, "fired twice", ready(timer.C), false)
		ticker := m.Ticker(10 * time.Second)
		defer ticker.Stop()
		m.Add(5 * time.Second)
		ticker.Reset(5 * time.Second) // next tick when it was due anyway, but then every 5s
		m.Add(5 * time.Second)
		mustEqual(t, "first tick", ready(ticker.C), true)
		m.Add(5 * time.Second)
		mustEqual(t, "second tick", ready(ticker.C), true)
	})
}

func TestResetTakesAnUnreadValueBackWhenTheClockLooks(t *testing.T) {
	m := New(fakeclock.New())
	timer, ticker := m.Timer(time.Second), m.Ticker(time.Second)
	m.Add(time.Second)
	timer.Reset(time.Hour)
	ticker.Reset(time.Hour)
	m.Add(0)
	mustEqual(t, "value from before", ready(timer.C), false)
	mustEqual(t, "tick from before", ready(ticker.C), false)
}

// The idiom of before Go 1.23 must not hang.
func TestStopLeavesTheValueToTheOldIdiom(t *testing.T) {
	m := New(fakeclock.New())
	timer := m.Timer(time.Second)
	m.Add(time.Second)
	if !timer.Stop() {
		m.Add(time.Second)
		<-timer.C
	}
	timer.Reset(time.Second)
	m.Add(time.Second)
	mustEqual(t, "fired", ready(timer.C), true)
}

func TestDurationsOfZeroOrLessAreDueAtOnce(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		m := New(fakeclock.New())
		m.AfterFunc(0, func() {}) // must not be taken for the timer, as the plain Mock may
		for _, d := range []time.Duration{0, -time.Hour} {
			timer := m.Timer(d)
			mustEqual(t, "fired", ready(timer.C), true)
			mustEqual(t, "Stop", timer.Stop(), false)
			mustEqual(t, "After", ready(m.After(d)), true)
			m.Sleep(d)
			mustEqual(t, "Tick", m.Tick(d) == nil, true)
		}
		timer := m.Timer(time.Hour)
		timer.Reset(0)
		m.Add(0)
		mustEqual(t, "fired after Reset(0)", ready(timer.C), true)
	})
}

func TestSleepersAndChannelsWakeWhenTheClockMoves(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		m := New(fakeclock.New())
		start := m.Now()
		after, tick := m.After(time.Second), m.Tick(time.Second)
		woke := make(chan time.Duration)
		go func() {
			m.Sleep(time.Second)
			woke <- m.Since(start)
		}()
		if err := m.Fake().AwaitTimers(t.Context(), 3); err != nil {
			t.Fatal(err)
		}
		m.Set(start.Add(time.Second))
		mustEqual(t, "woke after", <-woke, time.Second)
		mustEqual(t, "After", (<-after).Sub(start), time.Second)
		mustEqual(t, "Tick", (<-tick).Sub(start), time.Second)
		mustEqual(t, "Until", m.Until(start), -time.Second)
	})
}

func TestContextsEndAsThoseOfPackageContext(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		m := New(fakeclock.New())
		ctx, cancel := m.WithDeadline(t.Context(), m.Now().Add(time.Second))
		defer cancel()
		child, cancelChild := context.WithCancel(ctx)
		defer cancelChild()
		m.Add(time.Second - 1)
		mustEqual(t, "Err before", ctx.Err(), nil)
		m.Add(1)
		mustEqual(t, "Err", ctx.Err(), context.DeadlineExceeded)
		mustEqual(t, "Err of a child", child.Err(), context.DeadlineExceeded)
		passed, cancelPassed := m.WithTimeout(t.Context(), 0)
		defer cancelPassed()
		mustEqual(t, "Err of a deadline in the past", passed.Err(), context.DeadlineExceeded)
	})
}

func TestTheFakeKnowsTheTimersAndWhoArmedThem(t *testing.T) {
	f := fakeclock.New()
	m := New(f)
	mustEqual(t, "Idle", idle(f), true)
	timer := m.Timer(time.Minute)
	ticker := m.Ticker(time.Second)
	mustEqual(t, "Arms", f.Arms(), 2)
	mustEqual(t, "Idle", idle(f), false)
	pending := strings.Join(f.Pending(), "\n")
	mustContain(t, pending, "ticker in 1s, every 1s, armed by benbclock.TestTheFakeKnowsTheTimersAndWhoArmedThem mock_test.go:",
		"timer in 1m0s, armed by benbclock.TestTheFakeKnowsTheTimersAndWhoArmedThem mock_test.go:")
	ticker.Reset(time.Hour)
	mustEqual(t, "Arms after Reset", f.Arms(), 3)
	timer.Stop()
	ticker.Stop()
	mustEqual(t, "live timers", len(f.Timers()), 0)
	mustEqual(t, "Idle", idle(f), true)
}

func idle(f *fakeclock.Fake) bool {
	idle, _ := f.Idle()
	return idle
}

func TestAJumpOfTheWallClockMovesNoTimer(t *testing.T) {
	f := fakeclock.New(fakeclock.AllowRewind())
	m := New(f)
	timer, start := m.Timer(time.Second), m.Now()
	f.Set(start.Add(-time.Hour))
	m.Add(time.Second - 1)
	mustEqual(t, "fired", ready(timer.C), false)
	timer.Reset(2)
	m.Add(1)
	mustEqual(t, "fired after Reset", ready(timer.C), false)
	m.Add(1)
	mustEqual(t, "fired", ready(timer.C), true)
	mustEqual(t, "Now", m.Now().Sub(start), -time.Hour+time.Second+1)
}

func TestACallbackThatResetsItselfToZeroIsStoppedAfterALimit(t *testing.T) {
	m := New(fakeclock.New(fakeclock.LoopLimit(1000)))
	mustEqual(t, "limit", m.mirrored.limit, 100_000)
	m.mirrored.limit = 1000
	var timer *benb.Timer
	timer = m.AfterFunc(time.Second, func() { timer.Reset(0) })
	mustContain(t, panicText(t, func() { m.Add(time.Second) }), "1000 timers were reset to fire at once while the clock stood still")
	m.Add(time.Hour)
	var again func()
	again = func() { m.AfterFunc(time.Second, again) }
	again()
	mustContain(t, panicText(t, func() { m.WaitForAllTimers() }), "benbclock: WaitForAllTimers: fakeclock: loop")
}

func TestAThousandTicksReachAReader(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		f := fakeclock.New()
		m := New(f)
		ticker := m.Ticker(time.Millisecond)
		defer ticker.Stop()
		quit, received := make(chan struct{}), make(chan int)
		go func() { received <- countTicks(ticker.C, quit, func() {}) }()
		m.Add(time.Second)
		close(quit)
		mustEqual(t, "received", <-received, 1000)
		mustEqual(t, "dropped", f.Dropped(), 0)
	})
}

// The race detector and checkptr watch this: goroutines arm, stop and reset
// while others move the clock and ask it.
func TestTimersMayBeUsedByGoroutinesWhileTheClockMoves(t *testing.T) {
	f := fakeclock.New()
	m := New(f)
	done := make(chan struct{})
	for range 4 {
		go func() {
			defer func() { done <- struct{}{} }()
			timer, ticker := m.Timer(time.Second), m.Ticker(3*time.Second)
			defer ticker.Stop()
			for i := range 300 {
				timer.Reset(time.Duration(i%7) * time.Second)
				ready(timer.C)
				ready(ticker.C)
				if i%3 == 0 {
					timer.Stop()
					ticker.Reset(time.Duration(1+i%5) * time.Second)
				}
				ctx, cancel := m.WithTimeout(context.Background(), time.Second)
				_ = ctx.Err()
				cancel()
			}
			timer.Stop()
		}()
	}
	for range 2 {
		go func() {
			defer func() { done <- struct{}{} }()
			for range 200 {
				m.Add(time.Second)
				f.Timers()
				idle(f)
			}
		}()
	}
	for range 6 {
		<-done
	}
	mustEqual(t, "live timers", len(f.Timers()), 0)
}

func TestNilClocksAreRefused(t *testing.T) {
	mustContain(t, panicText(t, func() { New(nil) }), "benbclock: New(nil): make the clock with fakeclock.New")
	mustContain(t, panicText(t, func() { From(nil) }), "benbclock: From(nil): use clock.System")
}

// The plain Mock goes to the instant of a timer that is due, also back.
func TestATimerThatIsOverdueDoesNotTurnAClockFromAMockBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := benb.NewMock()
		m.Add(time.Hour)
		c := From(m)
		start := c.Now()
		timer := c.NewTimer(-time.Minute)
		mustEqual(t, "time", c.Now(), start)
		mustEqual(t, "time of the timer", <-timer.C, start)
		timer.Reset(-time.Minute)
		m.Add(0)
		mustEqual(t, "time", c.Now(), start)
		mustEqual(t, "time of the timer after Reset", <-timer.C, start)
	})
}

func TestAClockFromAMockRefusesPeriodsThatAreNotPositive(t *testing.T) {
	c := From(benb.NewMock())
	mustContain(t, panicText(t, func() { c.NewTicker(0) }), "benbclock: non-positive interval (0s) for NewTicker")
}

// A Mock may fire an AfterFunc that was stopped a moment ago; what it then calls
// is not what the user gave it.
func TestAFiredAfterFuncThatWasStoppedMeanwhileDoesNotRun(t *testing.T) {
	c := &afterFuncControl{c: benb.NewMock(), fn: func() { t.Error("it ran") }}
	c.Reset(time.Second)
	mustEqual(t, "Stop", c.Stop(), true)
	mustEqual(t, "claim of the arming that was stopped", c.claim(1), false)
	c.Reset(time.Second)
	mustEqual(t, "claim of the old arming", c.claim(1), false)
	mustEqual(t, "claim of the new one", c.claim(2), true)
	mustEqual(t, "Stop", c.Stop(), false)
}

func TestTheLayoutCheckFindsEveryDifference(t *testing.T) {
	type original struct {
		A int64
		B []error
		C *int
	}
	check := func(mirror any, want string) {
		t.Helper()
		err := checkLayout(reflect.TypeFor[original](), reflect.TypeOf(mirror))
		if err == nil {
			t.Fatalf("no difference found; want %q", want)
		}
		mustContain(t, err.Error(), want)
	}
	if err := checkLayout(reflect.TypeFor[original](), reflect.TypeFor[original]()); err != nil {
		t.Errorf("a struct differs from itself: %v", err)
	}
	check(struct{ A int64 }{}, "is not a struct of 1 fields")
	check(struct {
		X int64
		B []error
		C *int
	}{}, "field 0 of benbclock.original is A, not X")
	check(struct {
		A int32
		B []error
		C *int
	}{}, "field benbclock.original.A has 8 bytes, not 4")
	check(struct {
		A uint64
		B []error
		C *int
	}{}, "field benbclock.original.A is a int64, not a uint64")
	check(struct {
		A int64
		B []any
		C *int
	}{}, "field benbclock.original.B is a []error, which is not like []interface {}")
	check(struct {
		A int64
		B []error
		C *string
	}{}, "field benbclock.original.C is a *int, which is not like *string")
	type padded struct {
		A int64
		_ [0]func()
		B []error
	}
	if err := checkLayout(reflect.TypeFor[padded](), reflect.TypeFor[struct {
		A int64
		_ [8]byte
		B []error
	}]()); err == nil {
		t.Error("another offset or size is not noticed")
	}
	if err := checkLayout(reflect.TypeFor[struct {
		A byte
		B int32
	}](), reflect.TypeFor[struct {
		A byte
		B byteAligned
	}]()); err == nil || !strings.Contains(err.Error(), "lies at offset 4, not 1") {
		t.Errorf("another offset: %v", err)
	}
}

type byteAligned [4]byte

func TestAMockWithALayoutOfItsOwnIsNotTrusted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := benb.NewMock()
		m.Timer(time.Second) // a list that is not empty stands for one that is kept otherwise
		if err := tryOut(m); err == nil || !strings.Contains(err.Error(), "does not put it on the list") {
			t.Errorf("err = %v", err)
		}
	})
}
