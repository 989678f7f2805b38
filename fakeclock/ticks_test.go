package fakeclock_test

import (
	"testing"
	"time"

	"github.com/sleepless-go/sleepless/fakeclock"
)

func TestLostTicksAreCountedAndReported(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		tb := &recordingTB{}
		f := fakeclock.New(fakeclock.WithT(tb))
		ticker := f.Tagged("janitor").NewTicker(time.Second)
		defer ticker.Stop()
		f.Advance(5 * time.Second)
		mustEqual(t, "dropped", f.Dropped(), 4)
		mustEqual(t, "log lines", len(tb.logs), 1)
		mustContain(t, tb.logs[0], "fakeclock: Advance(5s): ticker armed at ticks_test.go:",
			`(1s, tag "janitor") delivered 1 of 5 ticks: its reader was still busy`, "use Next to hand over one tick at a time")
		<-ticker.C
		f.Advance(time.Second)
		mustEqual(t, "log lines when the tick was received", len(tb.logs), 1)
	})
}

// TestReceivedAndDroppedTicksAddUp has a reader that is busy most of the time:
// each of its rounds lasts until the test has advanced by several ticks.
func TestReceivedAndDroppedTicksAddUp(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		f := fakeclock.New()
		ticker := f.NewTicker(time.Second)
		round, quit := make(chan struct{}), make(chan struct{})
		n, done := 0, make(chan struct{})
		go func() {
			defer close(done)
			for {
				select {
				case <-round:
				case <-quit:
					countTicks(ticker.C, quit, &n)
					return
				}
				<-ticker.C
				n++
			}
		}()
		for range 50 {
			f.Advance(7 * time.Second)
			round <- struct{}{}
		}
		f.Advance(7 * time.Second)
		close(quit)
		<-done
		mustEqual(t, "received and dropped", uint64(n)+f.Dropped(), 51*7)
		mustEqual(t, "some were dropped", f.Dropped() > 0, true)
	})
}

func TestNextHandsOverOneTickAtATime(t *testing.T) {
	f := fakeclock.New(fakeclock.WithT(t))
	ticker := f.NewTicker(time.Second)
	defer ticker.Stop()
	got, done := make(chan time.Time), make(chan struct{})
	go func() {
		defer close(done)
		for range 10 {
			got <- <-ticker.C
		}
	}()
	for range 10 {
		f.Next()
		mustEqual(t, "tick", (<-got).Equal(f.Now()), true)
	}
	<-done
	mustEqual(t, "dropped", f.Dropped(), 0)
}

func TestLogAfterTheTestHasEndedIsNoPanic(t *testing.T) {
	tb := &recordingTB{}
	f := fakeclock.New(fakeclock.WithT(tb))
	f.NewTicker(time.Second)
	tb.end()
	f.Advance(2 * time.Second)
	mustEqual(t, "dropped", f.Dropped(), 1)
}

func TestTickerResetWhileItsReaderIsWaitedForTicksAnew(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		f := fakeclock.New()
		ticker := f.NewTicker(time.Second)
		done := make(chan struct{})
		go func() {
			defer close(done)
			<-ticker.C
			ticker.Reset(time.Hour)
		}()
		f.Advance(time.Second)
		<-done
		f.Advance(time.Minute)
		mustEqual(t, "tick before the new period", ready(ticker.C), false)
		f.Advance(time.Hour)
		mustEqual(t, "tick after the new period", ready(ticker.C), true)
		ticker.Stop()
	})
}
