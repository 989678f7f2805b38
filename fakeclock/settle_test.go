package fakeclock_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/sleepless-go/sleepless/fakeclock"
	"github.com/sleepless-go/sleepless/internal/notify"
)

// worker receives ticks in a goroutine and acts on them; it is idle when it has
// acted on all that it was sent.
type worker struct {
	hub notify.Hub

	mu      sync.Mutex
	want    int
	handled []time.Time
}

func (w *worker) Notify(ch chan<- struct{}) func() { return w.hub.Notify(ch) }

func (w *worker) Idle() (bool, string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.handled) >= w.want, fmt.Sprintf("worker handled %d of %d", len(w.handled), w.want)
}

func (w *worker) expect() {
	w.mu.Lock()
	w.want++
	w.mu.Unlock()
	w.hub.Broadcast()
}

func (w *worker) run(in <-chan time.Time, now func() time.Time) {
	for range in {
		w.mu.Lock()
		w.handled = append(w.handled, now())
		w.mu.Unlock()
		w.hub.Broadcast()
	}
}

// TestAdvanceSettlesWithIdlersBetweenInstants has callbacks that hand work to a
// goroutine. With SettleWith the goroutine has done it, and read the clock, before
// the next instant.
func TestAdvanceSettlesWithIdlersBetweenInstants(t *testing.T) {
	w, v := &worker{}, &worker{}
	f := fakeclock.New(fakeclock.SettleWith(w, v))
	first, second := make(chan time.Time, 100), make(chan time.Time, 100)
	done := make(chan struct{}, 2)
	go func() {
		defer func() { done <- struct{}{} }()
		w.run(first, func() time.Time {
			v.expect()
			second <- f.Now()
			return f.Now()
		})
	}()
	go func() {
		defer func() { done <- struct{}{} }()
		v.run(second, f.Now)
	}()
	start := f.Now()
	for i := range 100 {
		f.AfterFunc(time.Duration(i+1)*time.Second, func() {
			w.expect()
			first <- f.Now()
		})
	}
	f.Advance(time.Hour)
	close(first)
	close(second)
	<-done
	<-done
	for i, at := range v.handled {
		mustEqual(t, "time at which the work was done", at.Sub(start), time.Duration(i+1)*time.Second)
	}
	mustEqual(t, "works done", len(v.handled), 100)
}
