package bubblewatch

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// hasty looks as often as it can.
var hasty = plan{patience: 1, between: 1, round: 5, pause: 1}

// The watch is told to end a process that goes on, so that the rest can be seen.
func TestAWatchEndsTheProcessOnceAndWithItsReason(t *testing.T) {
	var out bytes.Buffer
	release, codes := make(chan struct{}), make(chan int, 10)
	w := start("TestX", hasty, &out, func(code int) {
		codes <- code
		close(release)
	})
	synctest.Test(t, func(t *testing.T) {
		w.Enter()
		<-release // from outside the bubble, so its time cannot pass
	})
	w.Stop()
	if n := len(codes); n != 1 || <-codes != 2 {
		t.Errorf("the process was ended %d times, want once with status 2", n)
	}
	if text := out.String(); !strings.Contains(text, "the bubble of TestX hangs: a channel from outside") || !strings.Contains(text, "watch_test.go:") {
		t.Errorf("it said\n%s", text)
	}
}

func TestAWatchNotesABubbleThatRunsAndLetsItGoOn(t *testing.T) {
	var out bytes.Buffer
	noted := make(chan struct{})
	var once sync.Once
	w := start("TestX", hasty, writerFunc(func(text []byte) (int, error) {
		defer once.Do(func() { close(noted) }) // what is noted of it may change
		return out.Write(text)
	}), func(int) { t.Error("it was ended") })
	synctest.Test(t, func(t *testing.T) {
		w.Enter()
		for running := true; running; {
			select {
			case <-noted:
				running = false
			default:
			}
		}
	})
	w.Stop()
	if text := out.String(); !strings.Contains(text, "the bubble of TestX has run for") || !strings.Contains(text, "eventually.Limit(d) would end it.") {
		t.Errorf("it said\n%s", text)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(text []byte) (int, error) { return f(text) }

func TestAWatchEndsABubbleAtItsLimit(t *testing.T) {
	p := hasty
	p.end, p.limited, p.round = 1, true, 2
	ended := make(chan struct{})
	var out bytes.Buffer
	w := start("TestX", p, &out, func(int) { close(ended) })
	synctest.Test(t, func(t *testing.T) {
		w.Enter()
		for running := true; running; {
			select {
			case <-ended:
				running = false
			default:
			}
		}
	})
	w.Stop()
	if text := out.String(); !strings.Contains(text, "has not ended within its Limit of 1ns of real time") {
		t.Errorf("it said\n%s", text)
	}
}

func TestNothingIsLookedAtBeforeTheBubbleHasBegun(t *testing.T) {
	p := hasty
	p.end, p.round = 1, 2
	ended := make(chan struct{})
	w := start("TestX", p, writerFunc(func(text []byte) (int, error) { return len(text), nil }), func(int) { close(ended) })
	<-ended // the plan goes on without a bubble, and comes to its end
	w.Stop()
}

func TestAStoppedWatchSaysNothing(t *testing.T) {
	for range 200 { // so that Stop meets every moment of a look
		w := start("TestX", plan{patience: 1, between: 1, round: 1 << 30}, writerFunc(func([]byte) (int, error) {
			t.Error("something was said")
			return 0, nil
		}), func(int) { t.Error("it was ended") })
		synctest.Test(t, func(t *testing.T) {
			w.Enter()
			time.AfterFunc(time.Hour, func() {})
		})
		w.Stop()
		select {
		case <-w.through:
		default:
			if w.timer.Stop() {
				t.Fatal("the timer is still armed")
			}
		}
	}
}
