package bubble

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/foundation/cache"
)

func TestDropIn(t *testing.T) {
	// snippet:begin dropin
	eventually.Bubble(t, func(t *testing.T) { // was synctest.Test
		users, err := cache.New(cache.Options[int, string]{DefaultTTL: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		defer users.Close()
		users.Put(t.Context(), 1, "ann")
		eventually.Advance(time.Hour) // takes no time
		if _, ok := users.Get(t.Context(), 1); ok {
			t.Error("ann has not expired")
		}
	})
	// snippet:end dropin
}

func TestSubtests(t *testing.T) {
	// snippet:begin subtests
	for _, ttl := range []time.Duration{time.Second, time.Hour} {
		t.Run(ttl.String(), func(t *testing.T) {
			t.Parallel() // outside, like t.Run and t.Deadline
			eventually.Bubble(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), ttl) // inside, like all that waits
				defer cancel()
				<-ctx.Done()
			})
		})
	}
	// snippet:end subtests
}

// Pool hands jobs to a worker.
type Pool struct {
	jobs chan func()
	work sync.WaitGroup
}

// NewPool starts the worker.
func NewPool() *Pool {
	p := &Pool{jobs: make(chan func())}
	p.work.Go(func() {
		for job := range p.jobs {
			job()
		}
	})
	return p
}

// Go hands over a job.
func (p *Pool) Go(job func()) { p.jobs <- job }

// Close ends the worker.
func (p *Pool) Close() error {
	close(p.jobs)
	p.work.Wait()
	return nil
}

func TestOptions(t *testing.T) {
	// snippet:begin options
	var pool *Pool
	eventually.Bubble(t, func(t *testing.T) {
		pool = NewPool()
		done := make(chan struct{})
		pool.Go(func() { close(done) })
		<-done
	},
		eventually.Close(&pool),          // at the end; the variable, since the pool is made inside
		eventually.Drain(),               // then a virtual minute, for whoever waits for time
		eventually.Repeat(2),             // twice in this process
		eventually.Limit(10*time.Second), // of real time
	)
	// snippet:end options
}

func TestLock(t *testing.T) {
	eventually.Bubble(t, func(t *testing.T) {
		// snippet:begin lock
		lock := make(chan struct{}, 1) // instead of a sync.Mutex that is held over a wait
		deposit := func() {
			lock <- struct{}{}
			defer func() { <-lock }()
			eventually.Advance(time.Second) // the bank takes its time
		}
		// snippet:end lock
		done := make(chan struct{})
		go func() {
			defer close(done)
			lock <- struct{}{}
			<-lock
		}()
		deposit()
		<-done
	})
}
