package signal_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/sleepless-go/sleepless/foundation/signal"
)

func TestBroadcastWakesEachWaiterUntilItStops(t *testing.T) {
	var s signal.Signal
	s.Broadcast() // to nobody
	ch := make(chan struct{}, 1)
	stop := s.Notify(ch)
	if len(ch) != 0 {
		t.Error("woken by what was before")
	}
	s.Broadcast()
	s.Broadcast()
	if len(ch) != 1 {
		t.Errorf("%d wake-ups pending, want 1", len(ch))
	}
	<-ch
	if s.Waiting() != 1 {
		t.Errorf("Waiting() = %d, want 1", s.Waiting())
	}
	stop()
	stop()
	s.Broadcast()
	if len(ch) != 0 {
		t.Error("woken after stop")
	}
}

func TestBroadcastFromOutsideABubbleIsToldOf(t *testing.T) {
	var s signal.Signal
	ask, done := make(chan struct{}), make(chan struct{})
	go func() {
		<-ask
		s.Broadcast()
		close(done)
	}()
	synctest.Test(t, func(t *testing.T) {
		defer s.Notify(make(chan struct{}, 1))()
		close(ask)
		<-done
	})
	if n, last := s.Outside(); n != 1 || !strings.Contains(last, "signal_test.go:") {
		t.Errorf("Outside() = %d, %q; want 1, from this file", n, last)
	}
}

// queue is a component that tells of its changes.
type queue struct {
	signal.Signal
	mu    sync.Mutex
	items []string
}

func (q *queue) Push(item string) {
	q.mu.Lock()
	q.items = append(q.items, item)
	q.mu.Unlock()
	q.Broadcast() // after the change and outside the lock
}

func (q *queue) Len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.items)
}

func ExampleSignal() {
	var q queue
	woken := make(chan struct{}, 1)
	stop := q.Notify(woken)
	defer stop()
	go q.Push("a")
	for q.Len() == 0 { // look, then block until told
		<-woken
	}
	fmt.Println(q.Len())
	// Output: 1
}

func BenchmarkBroadcastToNobody(b *testing.B) {
	var s signal.Signal
	b.ReportAllocs()
	for b.Loop() {
		s.Broadcast()
	}
}
