package eventually_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/sleepless-go/sleepless/eventually"
)

// In a bubble a wait with a source ends at the very instant of the event.
func TestExampleOfABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var done eventually.Counter
		time.AfterFunc(time.Hour, func() { done.Add(1) })
		eventually.Advance(59 * time.Minute)
		if done.Load() != 0 {
			t.Error("it fired early")
		}
		start := time.Now()
		eventually.Until(t, "it fires", func() bool { return done.Load() == 1 }, eventually.On(&done), eventually.Within(time.Hour))
		if d := time.Since(start); d != time.Minute {
			t.Errorf("took %v, want 1m", d)
		}
	})
}

// session is a component that keeps a goroutine until it is closed.
type session struct {
	stop, ended chan struct{}
	beats       eventually.Counter
}

func newSession() *session {
	s := &session{stop: make(chan struct{}), ended: make(chan struct{})}
	go func() {
		defer close(s.ended)
		for {
			beat := make(chan struct{})
			timer := time.AfterFunc(time.Minute, func() { close(beat) })
			select {
			case <-beat:
				s.beats.Add(1)
			case <-s.stop:
				timer.Stop()
				return
			}
		}
	}()
	return s
}

func (s *session) Close() error {
	close(s.stop)
	<-s.ended
	return nil
}

// Bubble is synctest.Test with an account of what went wrong. Its options make
// goroutines end that would be left.
func TestExampleOfBubbleAndItsOptions(t *testing.T) {
	var s *session
	retried := false
	eventually.Bubble(t, func(t *testing.T) {
		s = newSession()
		go func() { // retries once, long after the test has seen enough
			eventually.Advance(10 * time.Second)
			retried = true
		}()
		eventually.Until(t, "the session lives for an hour", func() bool { return s.beats.Load() == 60 },
			eventually.On(&s.beats), eventually.Within(2*time.Hour))
	},
		eventually.Close(&s),             // made inside, so it is given by its variable
		eventually.Drain(),               // a virtual minute for whoever only waits for time
		eventually.Repeat(2),             // what outlives a bubble shows in the second one
		eventually.Limit(30*time.Second), // of real time
	)
	if !retried {
		t.Error("the goroutine has not ended")
	}
}
