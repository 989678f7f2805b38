package fakeclock

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sleepless-go/sleepless/internal/notify"
)

// spoken is a stopper whose watchdog has spoken already.
type spoken struct{}

func (spoken) Stop() bool { return false }

// logTB hands out what is logged.
type logTB struct {
	TB
	lines chan string
}

func (l logTB) Helper()                         {}
func (l logTB) Cleanup(func())                  {}
func (l logTB) Logf(format string, args ...any) { l.lines <- fmt.Sprintf(format, args...) }
func mustHold(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Fatalf("%q lacks %q", text, part)
		}
	}
}

// impatient makes f's watchdog speak when speak is closed instead of after two
// seconds.
func impatient(f *Fake, speak <-chan struct{}) {
	f.after = func(_ time.Duration, fn func()) stopper {
		go func() {
			<-speak
			fn()
		}()
		return spoken{}
	}
}

func TestWatchdogNamesTheCallbackAndItsStack(t *testing.T) {
	log := logTB{lines: make(chan string)}
	f := New(WithT(log))
	entered, gate := make(chan struct{}), make(chan struct{})
	impatient(f, entered)
	f.Tagged("flush").AfterFunc(time.Second, func() { hang(entered, gate) })
	done := make(chan struct{})
	go func() {
		defer close(done)
		f.Advance(time.Minute)
	}()
	mustHold(t, <-log.lines, "fakeclock: Advance has been waiting for 2s, for the callback of afterfunc (1s, tag \"flush\") armed by fakeclock.TestWatchdogNamesTheCallbackAndItsStack watchdog_test.go:",
		"arm it through Detached", "fakeclock.hang(") // which may be about to block only
	close(gate)
	<-done
}

func hang(entered chan<- struct{}, gate <-chan struct{}) {
	close(entered)
	<-gate
}

func TestWatchdogNamesTheTrapThatHoldsTheCallback(t *testing.T) {
	log := logTB{lines: make(chan string)}
	f := New(WithT(log))
	trap := f.Trap(Op(OpStop))
	defer trap.Close()
	caught := make(chan struct{})
	impatient(f, caught)
	timer := f.NewTimer(time.Hour)
	f.AfterFunc(time.Second, func() { timer.Stop() })
	done := make(chan struct{})
	go func() {
		defer close(done)
		f.Advance(time.Second)
	}()
	call, err := trap.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	close(caught)
	mustHold(t, <-log.lines, "which a trap holds in Stop() by ", "release it")
	call.Release()
	<-done
}

// gated is an Idler that is busy until it is told otherwise.
type gated struct {
	hub  notify.Hub
	idle chan struct{}
}

func (g *gated) Notify(ch chan<- struct{}) func() { return g.hub.Notify(ch) }

func (g *gated) Idle() (bool, string) {
	select {
	case <-g.idle:
		return true, ""
	default:
		return false, "3 requests in flight"
	}
}

func TestWatchdogNamesTheIdlerThatStaysBusy(t *testing.T) {
	log := logTB{lines: make(chan string)}
	g := &gated{idle: make(chan struct{})}
	f := New(WithT(log), SettleWith(g))
	speak := make(chan struct{})
	close(speak)
	impatient(f, speak)
	f.NewTimer(time.Second)
	done := make(chan struct{})
	go func() {
		defer close(done)
		f.Advance(time.Second)
	}()
	mustHold(t, <-log.lines, "an idler given to SettleWith: 3 requests in flight")
	close(g.idle)
	g.hub.Broadcast()
	<-done
}

func TestGoroutineStackOfAnEndedGoroutineIsEmpty(t *testing.T) {
	if got := goroutineStack(1 << 60); got != "" {
		t.Fatalf("stack = %q", got)
	}
}

func TestHeapKeepsPlacesThroughRemovals(t *testing.T) {
	var h timerHeap
	all := make([]*timer, 200)
	for i := range all {
		all[i] = &timer{when: int64(i * 7919 % 101), seq: uint64(i)}
		h.push(all[i])
	}
	for i := 0; i < len(all); i += 3 {
		h.remove(all[i])
		if all[i].place != dormant {
			t.Fatalf("place of a removed timer = %d", all[i].place)
		}
	}
	for i, x := range h {
		if x.place != i {
			t.Fatalf("place = %d, want %d", x.place, i)
		}
	}
	last := &timer{when: -1}
	for len(h) > 0 {
		next := h[0]
		if next.before(last) {
			t.Fatalf("(%d, %d) after (%d, %d)", next.when, next.seq, last.when, last.seq)
		}
		last = next
		h.remove(next)
	}
}
