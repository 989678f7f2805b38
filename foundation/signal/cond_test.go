package signal

import (
	"sync"
	"testing"
	"testing/synctest"
)

// gate counts who passed it.
type gate struct {
	mu     sync.Mutex
	turned *Cond
	open   int
	passed int
}

func newGate() *gate {
	g := &gate{}
	g.turned = NewCond(&g.mu)
	return g
}

func (g *gate) pass() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for g.open == 0 {
		g.turned.Wait()
	}
	g.open--
	g.passed++
}

func (g *gate) let(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open += n
}

func (g *gate) count() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.passed
}

func TestCondWakesTheGoroutinesThatSyncCondWould(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		var all sync.WaitGroup
		for range 3 {
			all.Go(g.pass)
		}
		synctest.Wait() // which returns because Wait blocks durably
		g.let(3)
		g.turned.Signal()
		synctest.Wait()
		if n := g.count(); n != 1 {
			t.Errorf("%d were woken by Signal, want 1", n)
		}
		g.turned.Broadcast()
		all.Wait()
		if n := g.count(); n != 3 {
			t.Errorf("%d were woken in all, want 3", n)
		}
	})
}

func TestSignalAndBroadcastOfACondWakeWhoeverListens(t *testing.T) {
	g := newGate()
	ch := make(chan struct{}, 1)
	stop := g.turned.Notify(ch)
	for name, announce := range map[string]func(){"Signal": g.turned.Signal, "Broadcast": g.turned.Broadcast} {
		announce()
		if len(ch) != 1 {
			t.Errorf("%s reported nothing", name)
			continue
		}
		<-ch
		g.mu.Lock() // as much existing code does it
		announce()
		g.mu.Unlock()
		if len(ch) != 1 {
			t.Errorf("%s under the lock reported nothing", name)
			continue
		}
		<-ch
	}
	stop()
	stop()
	g.turned.Broadcast()
	if len(ch) != 0 {
		t.Error("a listener that has stopped was woken")
	}
	if g.turned.String() != "condition variable" {
		t.Error(g.turned.String())
	}
}

// A listener must not take a Signal that is meant for a goroutine in Wait.
func TestAListenerTakesNoSignalAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		defer g.turned.Notify(make(chan struct{}, 1))()
		var one sync.WaitGroup
		one.Go(g.pass)
		synctest.Wait()
		g.let(1)
		g.turned.Signal()
		one.Wait() // a deadlock, if the Signal went elsewhere
	})
}

func TestAnnouncementsFromOutsideABubbleAreCounted(t *testing.T) {
	g := newGate()
	ask, answered := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(answered)
		<-ask
		g.turned.Broadcast()
	}()
	synctest.Test(t, func(t *testing.T) {
		ch := make(chan struct{}, 1)
		defer g.turned.Notify(ch)()
		close(ask)
		<-answered
		if n, last := g.turned.Outside(); n != 1 || last == "" || len(ch) != 0 {
			t.Errorf("Outside() = %d, %q", n, last)
		}
	})
}

func TestACondMayBeUsedWithAnyLocker(t *testing.T) {
	var mu sync.RWMutex
	c := NewCond(mu.RLocker())
	mu.RLock()
	done := make(chan struct{})
	go func() {
		defer close(done)
		mu.Lock() // only while c.Wait has let go
		defer mu.Unlock()
		c.Broadcast()
	}()
	c.Wait()
	mu.RUnlock()
	<-done
}

func BenchmarkCondBroadcastToNobody(b *testing.B) {
	c := NewCond(&sync.Mutex{})
	b.ReportAllocs()
	for b.Loop() {
		c.Broadcast()
	}
}

func BenchmarkSyncCondBroadcastToNobody(b *testing.B) {
	c := sync.NewCond(&sync.Mutex{})
	b.ReportAllocs()
	for b.Loop() {
		c.Broadcast()
	}
}
