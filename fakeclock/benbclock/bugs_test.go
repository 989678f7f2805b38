package benbclock

import (
	"context"
	"crypto/sha256"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	benb "github.com/benbjohnson/clock"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/fakeclock"
)

// Each test here runs one scenario on the plain Mock, where it shows the bug,
// and on ours, where it shows that the bug is gone. In a bubble the sleeps of
// the plain Mock are virtual, and a call that hangs is seen to be blocked.

// hangs reports whether call has not returned when every goroutine of the bubble
// is blocked. It is called in a bubble; returned is closed when call returns.
func hangs(call func()) (hung bool, returned <-chan struct{}) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		call()
	}()
	synctest.Wait()
	return !ended(done), done
}

func TestResetOfAnUnreadTimerDeadlocksThePlainMockOnly(t *testing.T) {
	scenario := func(c movable) (benbTimer *benb.Timer, hung bool, returned <-chan struct{}) {
		timer := c.Timer(time.Second)
		c.Add(time.Second)
		timer.Reset(time.Second)
		hung, returned = hangs(func() { c.Add(time.Second); c.Now() })
		if hung {
			eventually.Advance(time.Minute) // it is not the millisecond that it sleeps
			hung = !ended(returned)
		}
		return timer, hung, returned
	}
	synctest.Test(t, func(t *testing.T) {
		timer, hung, returned := scenario(benb.NewMock())
		mustEqual(t, "the plain Mock hangs", hung, true)
		<-timer.C // lets it go on
		<-returned
	})
	synctest.Test(t, func(t *testing.T) {
		timer, hung, _ := scenario(New(fakeclock.New()))
		mustEqual(t, "ours hangs", hung, false)
		mustEqual(t, "fired again", ready(timer.C), true)
		mustEqual(t, "a second value", ready(timer.C), false)
	})
}

// Err of the plain Mock's context reads what cancel writes, without the lock
// under which it is written.
func TestContextErrRacesWithTheDeadlineOfThePlainMockOnly(t *testing.T) {
	t.Run("plain", func(t *testing.T) {
		ctx, cancel := benb.NewMock().WithTimeout(t.Context(), time.Second)
		defer cancel()
		lock, ok := ctx.(sync.Locker)
		mustEqual(t, "the context shows its lock", ok, true)
		lock.Lock()
		mustEqual(t, "Err while the lock is held", ctx.Err(), nil) // would block if it used the lock
		lock.Unlock()
		if raceEnabled {
			mustContain(t, child(t, "race"), "WARNING: DATA RACE", "timerCtx", "Err()")
		}
	})
	t.Run("ours", func(t *testing.T) {
		everywhere(t, func(t *testing.T) { readErrWhileItEnds(t.Context(), New(fakeclock.New())) })
	})
}

// readErrWhileItEnds is a race if Err and the deadline do not synchronise.
func readErrWhileItEnds(parent context.Context, c movable) error {
	ctx, cancel := c.WithTimeout(parent, time.Second)
	defer cancel()
	result := make(chan error)
	go func() {
		for range 100 {
			_ = ctx.Err()
		}
		<-ctx.Done()
		result <- ctx.Err()
	}()
	c.Add(time.Second)
	return <-result
}

// roleVariable makes this test binary play a part that cannot be played in the
// process of the tests.
const roleVariable = "BENBCLOCK_ROLE"

func TestMain(m *testing.M) {
	switch os.Getenv(roleVariable) {
	case "race":
		readErrWhileItEnds(context.Background(), benb.NewMock())
	case "fallback":
		becomePlainTwice()
	default:
		os.Exit(m.Run())
	}
}

// child returns the output of this test binary in that role.
func child(t *testing.T, role string) string {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleVariable+"="+role, "GORACE=atexit_sleep_ms=0 exitcode=0")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", role, err, out)
	}
	return string(out)
}

func TestZeroTickerMakesAddOfThePlainMockEndlessAndPanicsInOurs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := benb.NewMock()
		ticker := m.Ticker(0)
		_, returned := hangs(func() { m.Add(time.Nanosecond) })
		eventually.Advance(time.Second) // a thousand ticks at one instant
		mustEqual(t, "Add returned", ended(returned), false)
		ticker.Stop()
		<-returned
	})
	everywhere(t, func(t *testing.T) {
		m := New(fakeclock.New())
		mustContain(t, panicText(t, func() { m.Ticker(0) }), "benbclock: Ticker(0s): the period must be positive")
		ticker := m.Ticker(time.Second)
		ticker.Reset(-time.Second)
		mustContain(t, panicText(t, func() { m.Add(0) }), "a ticker was Reset(-1s): the period must be positive")
		m.Add(time.Minute) // it is stopped, and all goes on
		mustEqual(t, "tick of a ticker without a period", ready(ticker.C), false)
		mustEqual(t, "live timers", len(m.Fake().Timers()), 0)
	})
}

func TestAfterFuncOfZeroWaitsForTheNextAddOfThePlainMockOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := benb.NewMock()
		ran := make(chan struct{}, 1)
		m.AfterFunc(0, func() { ran <- struct{}{} })
		synctest.Wait()
		mustEqual(t, "has run", ready(ran), false)
		m.Add(0)
		<-ran
	})
	everywhere(t, func(t *testing.T) {
		ran := make(chan struct{})
		timer := New(fakeclock.New()).AfterFunc(0, func() { close(ran) })
		<-ran
		mustEqual(t, "Stop after it ran", timer.Stop(), false)
	})
}

func TestNegativeAddGoesBackInThePlainMockAndPanicsInOurs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := benb.NewMock()
		before := m.Now()
		m.Add(-time.Hour)
		mustEqual(t, "moved by", m.Now().Sub(before), -time.Hour)
	})
	m := New(fakeclock.New())
	before := m.Now()
	mustContain(t, panicText(t, func() { m.Add(-time.Hour) }), "benbclock: Add(-1h0m0s): time does not go back")
	mustContain(t, panicText(t, func() { m.Set(before.Add(-time.Hour)) }), "is 1h0m0s before Now: time does not go back")
	mustEqual(t, "Now", m.Now(), before)
}

// countTicks counts what it receives, calling work after each, until quit is
// closed and all that was sent is received.
func countTicks(c <-chan time.Time, quit <-chan struct{}, work func()) (n int) {
	for {
		select {
		case <-c:
			n++
			work()
		case <-quit:
			if ready(c) {
				n++
			}
			return n
		}
	}
}

// tenTicks returns how many of ten ticks a reader receives that works after each.
func tenTicks(c movable, work func()) int {
	ticker := c.Ticker(time.Second)
	defer ticker.Stop()
	quit, received := make(chan struct{}), make(chan int)
	go func() { received <- countTicks(ticker.C, quit, work) }()
	c.Add(10 * time.Second)
	close(quit)
	return <-received
}

// Almost three milliseconds for each tick are more than the one that the plain
// Mock allows. A reader that sleeps misses ticks of any clock, but ours counts them.
func TestASlowReaderMissesTicksOfThePlainMockUnnoticed(t *testing.T) {
	nap := func() { eventually.Wait(context.Background(), "", never, eventually.Within(2700*time.Microsecond)) }
	synctest.Test(t, func(t *testing.T) {
		if seen := tenTicks(benb.NewMock(), nap); seen > 5 {
			t.Errorf("a reader of the plain Mock that sleeps saw %d of 10 ticks", seen)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		f := fakeclock.New()
		seen := tenTicks(New(f), nap)
		mustEqual(t, "ticks seen and ticks counted as dropped", seen+int(f.Dropped()), 10)
		if f.Dropped() == 0 {
			t.Fatal("a reader that sleeps has missed nothing; this test would prove nothing")
		}
	})
}

func never() (bool, string, error) { return false, "", nil }

// The reader works, together with another goroutine, until the clock has moved
// by three ticks, or until it has done much more than can be done in one
// millisecond: the plain Mock does not wait for it.
func TestAReaderThatWorksMissesTicksOfThePlainMockOnly(t *testing.T) {
	const ticks = 3
	scenario := func(c movable) int {
		ask, answer := make(chan []byte), make(chan [sha256.Size]byte)
		go func() {
			for piece := range ask {
				answer <- sha256.Sum256(piece)
			}
		}()
		defer close(ask)
		piece := make([]byte, 1<<16)
		ticker := c.Ticker(time.Second)
		defer ticker.Stop()
		quit, received := make(chan struct{}), make(chan int)
		go func() {
			received <- countTicks(ticker.C, quit, func() {
				for from, i := c.Now(), 0; i < 500 && c.Since(from) < ticks*time.Second; i++ {
					ask <- piece
					<-answer
				}
			})
		}()
		c.Add(ticks * time.Second)
		close(quit)
		return <-received
	}
	if seen := scenario(benb.NewMock()); seen >= ticks {
		t.Errorf("a reader of the plain Mock that works saw %d of %d ticks", seen, ticks)
	}
	f := fakeclock.New()
	mustEqual(t, "ticks seen of ours", scenario(New(f)), ticks)
	mustEqual(t, "dropped", f.Dropped(), 0)
}

func TestAChildOfAContextCostsAGoroutineWithThePlainMockOnly(t *testing.T) {
	scenario := func(c movable) (goroutines int) {
		ctx, cancel := c.WithTimeout(context.Background(), time.Second)
		defer cancel()
		synctest.Wait()
		before := goroutinesInBubble()
		for range 20 {
			_, cancelChild := context.WithCancel(ctx)
			defer cancelChild()
		}
		synctest.Wait()
		return goroutinesInBubble() - before
	}
	synctest.Test(t, func(t *testing.T) {
		mustEqual(t, "goroutines of 20 children, plain", scenario(benb.NewMock()), 20)
	})
	synctest.Test(t, func(t *testing.T) {
		mustEqual(t, "goroutines of 20 children, ours", scenario(New(fakeclock.New())), 0)
	})
}

// goroutinesInBubble counts goroutines of bubbles; no test here is parallel.
func goroutinesInBubble() int {
	buf := make([]byte, 1<<20)
	return strings.Count(string(buf[:runtime.Stack(buf, true)]), ", synctest bubble ")
}

func TestThePlainMockSleepsAMillisecondForEachTickAndOursNot(t *testing.T) {
	scenario := func(c movable) (slept time.Duration) {
		start := time.Now() // of the bubble
		ticker := c.Ticker(time.Millisecond)
		defer ticker.Stop()
		c.Add(time.Second)
		return time.Since(start)
	}
	synctest.Test(t, func(t *testing.T) {
		mustEqual(t, "the plain Mock slept", scenario(benb.NewMock()), 1001*time.Millisecond)
	})
	synctest.Test(t, func(t *testing.T) {
		mustEqual(t, "ours slept", scenario(New(fakeclock.New())), 0)
	})
}

// stoppedInBetween stands for a timer on the list of a plain Mock, and stops it
// at the point between being chosen and firing, where the Mock holds no lock and
// any goroutine may do so.
type stoppedInBetween struct {
	clockTimer
	stop func()
}

func (s stoppedInBetween) Tick(now time.Time) {
	s.stop()
	s.clockTimer.Tick(now)
}

func TestATimerFiresAfterStopReturnedTrueInThePlainMockOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := benb.NewMock()
		timer := m.Timer(time.Second)
		prevented := false
		registry := (*mockLayout)(unsafe.Pointer(m))
		registry.timers[0] = stoppedInBetween{registry.timers[0], func() {
			prevented = timer.Stop()
			registry.timers = nil // Stop did not find it under this disguise
		}}
		m.Add(time.Second)
		mustEqual(t, "Stop", prevented, true)
		mustEqual(t, "fired nevertheless", ready(timer.C), true)
	})
	m := New(fakeclock.New())
	timer := m.Timer(time.Second)
	r := m.mirrored.live[0]
	mustEqual(t, "Stop", timer.Stop(), true)
	// The Fake has chosen it already, and now asks.
	mustEqual(t, "fired", r.gate(int64(time.Second), func() { t.Error("it fires") }), false)
	m.Add(time.Hour)
	mustEqual(t, "fired later", ready(timer.C), false)
}

// The same for a timer that is reset when the Fake has chosen it already.
func TestATimerThatIsPostponedAtTheLastMomentFiresLater(t *testing.T) {
	m := New(fakeclock.New())
	timer := m.Timer(time.Second)
	r := m.mirrored.live[0]
	mustEqual(t, "Reset", timer.Reset(time.Minute), true)
	mustEqual(t, "fired", r.gate(int64(time.Second), func() { t.Error("it fires") }), false)
	m.Add(time.Minute - 1)
	mustEqual(t, "fired early", ready(timer.C), false)
	m.Add(1)
	mustEqual(t, "fired", ready(timer.C), true)
}

// TestStopAndFireAgree stops timers while another goroutine fires them: each is
// either stopped or fired, never both or neither.
func TestStopAndFireAgree(t *testing.T) {
	const n = 500
	m := New(fakeclock.New())
	fired := make([]bool, n)
	timers := make([]*benb.Timer, 2*n)
	for i := range n {
		timers[i] = m.AfterFunc(time.Duration(i+1)*time.Millisecond, func() { fired[i] = true })
		timers[n+i] = m.Timer(time.Duration(i+1) * time.Millisecond)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		m.Add(time.Minute)
	}()
	stopped := make([]bool, 2*n)
	for i := n - 1; i >= 0; i-- {
		stopped[i], stopped[n+i] = timers[i].Stop(), timers[n+i].Stop()
	}
	<-done
	for i := range n {
		if stopped[i] == fired[i] {
			t.Fatalf("AfterFunc %d: stopped %v, fired %v", i, stopped[i], fired[i])
		}
		if got := ready(timers[n+i].C); stopped[n+i] == got {
			t.Fatalf("timer %d: stopped %v, fired %v", i, stopped[n+i], got)
		}
	}
}

func TestATickerMakesWaitForAllTimersOfThePlainMockEndless(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := benb.NewMock()
		ticker := m.Ticker(time.Second)
		_, returned := hangs(func() { m.WaitForAllTimers() })
		eventually.Advance(time.Second)
		mustEqual(t, "returned", ended(returned), false)
		ticker.Stop()
		<-returned
	})
	everywhere(t, func(t *testing.T) {
		m := New(fakeclock.New())
		ticker := m.Ticker(time.Second)
		defer ticker.Stop()
		timer, start := m.Timer(time.Minute), m.Now()
		mustEqual(t, "moved by", m.WaitForAllTimers().Sub(start), time.Minute)
		mustEqual(t, "timer fired", ready(timer.C), true)
		mustEqual(t, "ticked", ready(ticker.C), true)
	})
}
