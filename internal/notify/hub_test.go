package notify

import (
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/sleepless-go/sleepless/internal/goid"
)

func TestBroadcastWakesEveryWaiterOnceAndCoalesces(t *testing.T) {
	var h Hub
	a, b := make(chan struct{}, 1), make(chan struct{}, 1)
	stopA, stopB := h.Notify(a), h.Notify(b)
	defer stopB()
	for range 2 { // the second finds the first still unread
		h.Broadcast()
		if len(a) != 1 || len(b) != 1 {
			t.Fatalf("pending = %d, %d; want 1, 1", len(a), len(b))
		}
	}
	<-a
	stopA()
	stopA() // idempotent
	h.Broadcast()
	if len(a) != 0 {
		t.Error("a stopped waiter was woken")
	}
	if h.Waiting() != 1 {
		t.Errorf("Waiting() = %d, want 1", h.Waiting())
	}
}

func TestNoWakeUpIsLostWhateverTheInterleaving(t *testing.T) {
	const rounds = 2000
	for range rounds {
		var h Hub
		var mu sync.Mutex
		state := false
		go func() {
			mu.Lock()
			state = true
			mu.Unlock()
			h.Broadcast()
		}()
		ch := make(chan struct{}, 1)
		stop := h.Notify(ch)
		for {
			mu.Lock()
			done := state
			mu.Unlock()
			if done {
				break
			}
			<-ch // hangs for ever if the wake-up is lost
		}
		stop()
	}
}

func TestBroadcastFromOutsideABubbleIsCountedInsteadOfKillingTheProcess(t *testing.T) {
	var h Hub
	ask, answered := make(chan struct{}), make(chan struct{})
	go func() {
		<-ask
		h.Broadcast()
		close(answered)
	}()
	synctest.Test(t, func(t *testing.T) {
		ch := make(chan struct{}, 1)
		stop := h.Notify(ch)
		defer stop()
		ask <- struct{}{}
		<-answered
		if len(ch) != 0 {
			t.Error("an outside broadcast reached a bubbled channel")
		}
		h.Broadcast()
		if len(ch) != 1 {
			t.Error("a broadcast from inside did not arrive")
		}
	})
	f := h.Foreign()
	if f.Count != 1 || !strings.Contains(f.Last, "hub_test.go:") {
		t.Errorf("Foreign() = %+v; want one, from this file", f)
	}
}

func TestBroadcastFromAnotherBubbleIsCountedToo(t *testing.T) {
	var h Hub
	registered, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		<-registered
		synctest.Test(t, func(*testing.T) { h.Broadcast() })
	}()
	synctest.Test(t, func(t *testing.T) {
		ch := make(chan struct{}, 1)
		defer h.Notify(ch)()
		close(registered)
		<-done
		if len(ch) != 0 {
			t.Error("a broadcast from another bubble reached this one's channel")
		}
	})
	if f := h.Foreign(); f.Count != 1 {
		t.Errorf("Foreign().Count = %d, want 1", f.Count)
	}
}

func TestADeafWaiterIgnoresItsOwnGoroutineOnly(t *testing.T) {
	var h Hub
	deafened, hearing := make(chan struct{}, 1), make(chan struct{}, 1)
	defer h.Notify(deafened)()
	defer h.Notify(hearing)()
	hear := Deafen(deafened, goid.ID())
	h.Broadcast()
	if len(deafened) != 0 || len(hearing) != 1 {
		t.Fatalf("pending = %d, %d; want 0 for the deaf one, 1 for the other", len(deafened), len(hearing))
	}
	var other sync.WaitGroup
	other.Go(h.Broadcast)
	other.Wait()
	if len(deafened) != 1 {
		t.Error("a deaf waiter missed what another goroutine did")
	}
	<-deafened
	hear()
	h.Broadcast()
	if len(deafened) != 1 {
		t.Error("the waiter stayed deaf")
	}
}

func BenchmarkBroadcastToNobody(b *testing.B) {
	var h Hub
	for b.Loop() {
		h.Broadcast()
	}
}

func BenchmarkBroadcastToOne(b *testing.B) {
	var h Hub
	ch := make(chan struct{}, 1)
	defer h.Notify(ch)()
	for b.Loop() {
		h.Broadcast()
		<-ch
	}
}
