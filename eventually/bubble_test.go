package eventually

import (
	"sync/atomic"
	"testing"
	"time"
)

func TestInABubbleAWaitWithASourceEndsAtTheVeryInstant(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		const at = 123456789 * time.Nanosecond
		var c Counter
		start := time.Now()
		time.AfterFunc(at, func() { c.Add(1) })
		Until(t, "counted", func() bool { return c.Load() == 1 }, On(&c))
		if d := time.Since(start); d != at {
			t.Errorf("took %v, want %v", d, at)
		}
	})
}

func TestInABubbleAWaitWithoutASourceIsAtMostTenMillisecondsLate(t *testing.T) {
	for _, at := range []time.Duration{1, time.Millisecond, 123456789, time.Minute, 10 * time.Minute} {
		inBubble(t, func(t *testing.T) {
			happened := make(chan struct{})
			start := time.Now()
			time.AfterFunc(at, func() { close(happened) })
			Until(t, "closed", func() bool {
				select {
				case <-happened:
					return true
				default:
					return false
				}
			}, Within(2*time.Hour))
			if late := time.Since(start) - at; late < 0 || late > 10*time.Millisecond || late > max(at/64, time.Microsecond) {
				t.Errorf("%v: %v late", at, late)
			}
		})
	}
}

// synctest.Wait panics where two goroutines call it at once; a wait must not
// bring that about.
func TestWaitsWithoutASourceDoNotDisturbOneAnotherNorTheTestsOwnSettling(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var done [4]chan struct{}
		var stop atomic.Bool
		time.AfterFunc(time.Second, func() { stop.Store(true) })
		for i := range done {
			done[i] = make(chan struct{})
			go func() {
				defer close(done[i])
				Until(t, "stopped", stop.Load, PollEvery(10*time.Millisecond))
			}()
		}
		for range 200 {
			Advance(10 * time.Millisecond)
		}
		for _, d := range done {
			<-d
		}
	})
}

func TestNeverWatchesForTheWholeWindow(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		start := time.Now()
		Never(t, "x", func() bool { return false })
		if d := time.Since(start); d != DefaultWindow {
			t.Errorf("watched for %v, want %v", d, DefaultWindow)
		}
		var c Counter // no Idler
		Never(t, "x", func() bool { return false }, Within(time.Hour), On(&c))
		if d := time.Since(start); d != DefaultWindow+time.Hour {
			t.Errorf("watched for %v, want an hour more", d)
		}
	})
}

func TestNeverSeesWhatHappensInTheWindow(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var changed atomic.Bool
		time.AfterFunc(50*time.Millisecond, func() { changed.Store(true) })
		text := failure(func(s *spy) { Never(s, "x", changed.Load, On(&Counter{})) }) // by the last check
		mustContain(t, text, "was never to happen, and it happened after 100ms (virtual)")
	})
}

func TestNeverReturnsAtOnceWhenEverySourceIsIdle(t *testing.T) {
	idle := &tap{}
	checks := 0
	Never(t, "x", func() bool { checks++; return false }, On(idle), Within(time.Hour))
	if checks != 1 {
		t.Errorf("%d checks, want 1", checks)
	}
	inBubble(t, func(t *testing.T) {
		busy := &tap{busy: "a lookup"}
		start := time.Now()
		time.AfterFunc(time.Second, func() { busy.setBusy("") })
		Never(t, "x", func() bool { return false }, On(idle, busy), Within(time.Hour))
		if d := time.Since(start); d != time.Second {
			t.Errorf("took %v, want until the last source was idle", d)
		}
	})
}

// Had the source become idle and the answer true between the check and the
// question, one check would have seen neither.
func TestIdlenessCountsOnlyIfNothingWasReportedAroundTheCheck(t *testing.T) {
	s := &tap{}
	first := true
	text := failure(func(spy *spy) {
		changed := false
		Never(spy, "x", func() bool {
			defer func() {
				if first {
					first, changed = false, true
					s.Broadcast()
				}
			}()
			return changed
		}, On(s), Within(time.Hour))
	})
	mustContain(t, text, "was never to happen, and it happened")
}

func TestSettleWaitsForEverySourceAtTheSameTime(t *testing.T) {
	idle, busy := &tap{}, &tap{busy: "a lookup"}
	go busy.setBusy("")
	Settle(t, idle, busy)
	inBubble(t, func(t *testing.T) {
		done := false
		go func() { done = true }()
		Settle(t)
		if !done {
			t.Error("a goroutine of the bubble could still run")
		}
		late := &tap{busy: "a lookup"}
		time.AfterFunc(time.Second, func() { late.setBusy("") })
		Settle(t, late)
	})
}

func TestAdvanceMovesVirtualTimeAndLetsOthersRun(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		start, ticks := time.Now(), 0
		time.AfterFunc(time.Minute, func() { ticks++ })
		Advance(time.Minute)
		if d := time.Since(start); d != time.Minute || ticks != 1 {
			t.Errorf("advanced %v, %d ticks", d, ticks)
		}
	})
	mustPanic(t, "Advance outside a synctest bubble would really sleep", func() { Advance(time.Hour) })
}

func TestARecorderMadeOutsideTheBubbleCountsFromItsFirstEvent(t *testing.T) {
	rec := NewRecorder[int](nil)
	inBubble(t, func(t *testing.T) {
		rec.Emit(1)
		Advance(time.Second)
		rec.Emit(2)
		moments, _ := rec.Timeline(2)
		if moments[0].At != 0 || moments[1].At != time.Second {
			t.Errorf("moments = %v, want +0s and +1s", moments)
		}
	})
}
