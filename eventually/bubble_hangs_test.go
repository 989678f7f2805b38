package eventually

import (
	"context"
	"net"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// What follows is written as its users write it: each function is a test that a
// bubble does not let end, or does not let pass.

// account holds its lock while it sleeps.
type account struct {
	mu      sync.Mutex
	balance int
}

func (a *account) Deposit(amount int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	time.Sleep(time.Second) // the bank takes its time
	a.balance += amount
}

func (a *account) Balance() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.balance
}

func hangOnMutex(t *testing.T) {
	Bubble(t, func(t *testing.T) {
		var a account
		go a.Deposit(10)
		synctest.Wait()
		if a.Balance() != 10 {
			t.Error("not deposited")
		}
	})
}

func hangOnRWMutex(t *testing.T) {
	Bubble(t, func(t *testing.T) {
		var mu sync.RWMutex
		mu.Lock()
		go func() {
			mu.RLock()
			defer mu.RUnlock()
		}()
		time.Sleep(time.Second)
		mu.Unlock()
	})
}

// lazy connects once, slowly.
type lazy struct {
	once sync.Once
	up   bool
}

//go:noinline
func (l *lazy) connect() { // so that its frames are the same however it is compiled
	l.once.Do(func() {
		time.Sleep(time.Second)
		l.up = true
	})
}

func hangOnOnce(t *testing.T) {
	Bubble(t, func(t *testing.T) {
		var l lazy
		go l.connect()
		synctest.Wait()
		l.connect()
	})
}

var background sync.WaitGroup

func hangOnPackageWaitGroup(t *testing.T) {
	Bubble(t, func(t *testing.T) {
		background.Go(func() { time.Sleep(time.Second) })
		background.Wait()
	})
}

// pool is a pool of workers, of which there is a default one for the package.
type pool struct {
	jobs chan func()
	done chan struct{}
}

func newPool() *pool {
	p := &pool{make(chan func()), make(chan struct{})}
	go func() {
		for job := range p.jobs {
			job()
			p.done <- struct{}{}
		}
	}()
	return p
}

func hangOnPackagePool(t *testing.T) {
	defaultPool := newPool()
	Bubble(t, func(t *testing.T) {
		time.AfterFunc(time.Second, func() { defaultPool.jobs <- func() {} })
		<-defaultPool.done
	})
}

func hangOnOuterContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := ctx.Done() // whoever asks first makes the channel: a component of the suite
	go func() { <-done }()
	Bubble(t, func(t *testing.T) {
		select {
		case <-ctx.Done():
		case <-time.After(time.Minute):
		}
	})
}

func hangOnTicker(t *testing.T) {
	Bubble(t, func(t *testing.T) {
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		go func() {
			for range ticker.C {
			}
		}()
		answer := make(chan int)
		<-answer
	}, Limit(time.Second))
}

func hangInLoop(t *testing.T) {
	Bubble(t, func(t *testing.T) {
		var ready atomic.Bool
		time.AfterFunc(time.Second, func() { ready.Store(true) })
		for !ready.Load() {
		}
	}, Limit(time.Second))
}

func hangInLoopOfAnother(t *testing.T) {
	Bubble(t, func(t *testing.T) {
		var ready atomic.Bool
		done := make(chan struct{})
		go func() {
			for !ready.Load() {
			}
			close(done)
		}()
		time.AfterFunc(time.Second, func() { ready.Store(true) })
		<-done
	}, Limit(time.Second))
}

func hangInGosched(t *testing.T) {
	Bubble(t, func(t *testing.T) {
		var ready atomic.Bool
		time.AfterFunc(time.Second, func() { ready.Store(true) })
		for !ready.Load() {
			runtime.Gosched()
		}
	}, Limit(time.Second))
}

func hangInSelectDefault(t *testing.T) {
	Bubble(t, func(t *testing.T) {
		ready := make(chan struct{})
		time.AfterFunc(time.Second, func() { close(ready) })
		for start := time.Now(); time.Since(start) < time.Minute; {
			select {
			case <-ready:
				return
			default:
			}
		}
	}, Limit(time.Second))
}

func hangNearTheDeadline(t *testing.T) {
	Bubble(t, func(t *testing.T) {
		var ready atomic.Bool
		for !ready.Load() {
		}
	})
}

func hangOnNetwork(t *testing.T) {
	Bubble(t, func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		go func() {
			conn, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				return
			}
			defer conn.Close()
			time.Sleep(time.Second) // a slow client
			conn.Write([]byte("hello"))
		}()
		conn, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conn.Read(make([]byte, 5))
	}, Limit(time.Second))
}

func hangInProcess(t *testing.T) {
	Bubble(t, func(t *testing.T) {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), roleVariable+"=serve")
		if _, err := cmd.StdinPipe(); err != nil { // it ends with this process, whose pipe that is
			t.Fatal(err)
		}
		cmd.Run()
	}, Limit(time.Second))
}

// janitor sweeps every minute, for ever.
func janitor() {
	for {
		time.Sleep(time.Minute)
	}
}

func leaveGoroutines(t *testing.T) {
	Bubble(t, func(t *testing.T) {
		never := make(chan struct{})
		for range 3 {
			go func() { <-never }()
		}
		go janitor()
		synctest.Wait()
	})
}

func leaveATicker(t *testing.T) {
	Bubble(t, func(t *testing.T) {
		ticker := time.NewTicker(time.Second)
		go func() {
			for range ticker.C {
			}
		}()
		time.Sleep(time.Minute)
		ticker.Stop() // ends no loop
	}, Drain())
}

func waitForEver(t *testing.T) {
	Bubble(t, func(t *testing.T) {
		t.Cleanup(func() { panic("cleanups do not run") })
		var replies chan int
		go func() { replies <- 1 }()
		<-replies
	})
}

func waitForEverInClose(t *testing.T) {
	Bubble(t, func(t *testing.T) {}, Close(func() { <-make(chan int) }))
}

// withTransports is a helper that calls t.Run, as suites have them.
func withTransports(t *testing.T, test func(t *testing.T, transport string)) {
	for _, transport := range []string{"tcp", "udp"} {
		t.Run(transport, func(t *testing.T) { test(t, transport) })
	}
}

func runInside(t *testing.T) {
	Bubble(t, func(t *testing.T) { withTransports(t, func(t *testing.T, _ string) { t.Log("never called") }) })
}

func parallelInside(t *testing.T) { Bubble(t, func(t *testing.T) { t.Parallel() }) }

func deadlineInside(t *testing.T) { Bubble(t, func(t *testing.T) { t.Deadline() }) }

func bubbleInside(t *testing.T) {
	Bubble(t, func(t *testing.T) { synctest.Test(t, func(*testing.T) {}) })
}

func ourBubbleInside(t *testing.T) {
	Bubble(t, func(t *testing.T) { Bubble(t, func(*testing.T) {}) })
}

func bubbleInCleanup(t *testing.T) {
	t.Cleanup(func() { Bubble(t, func(*testing.T) {}) })
}

func simple(t *testing.T) { Bubble(t, func(*testing.T) {}) }

// theFuture is made by whoever asks first, and then belongs to that one's bubble.
var theFuture = sync.OnceValue(func() chan int { return make(chan int) })

func useAnotherBubblesChannel(t *testing.T) {
	Bubble(t, func(t *testing.T) {
		select {
		case <-theFuture():
		case <-time.After(time.Second):
		}
	}, Repeat(2))
}
