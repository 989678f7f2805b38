package leakcorpus

import (
	"context"
	"iter"
	"os"
	"os/signal"
	"runtime"
	"sync"
	"time"
	"unique"
)

// endedInnocents had goroutines, and these have ended or are about to.
var endedInnocents = []Case{
	{Name: "goroutine that signalled its end", Plant: func() func() {
		done := make(chan struct{})
		go func() { close(done) }()
		<-done
		return nil
	}},
	{Name: "hundred that a WaitGroup waited for", Plant: func() func() {
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {})
		}
		wg.Wait()
		return nil
	}},
	{Name: "goroutine that nobody waited for", Plant: func() func() {
		go func() {}()
		return nil
	}},
	{Name: "relay that ends after two thousand hand-overs", Plant: func() func() {
		c := make(chan int)
		go func() {
			defer close(c)
			for i := range 2000 {
				c <- i
			}
		}()
		go func() {
			for range c {
			}
		}()
		return nil
	}},
	{Name: "goroutine that collects garbage and ends", Plant: func() func() {
		go runtime.GC()
		return nil
	}},
	{Name: "goroutine that computes and ends", Plant: func() func() {
		go func() {
			sum := 0
			for i := range 1_000_000 {
				sum ^= i * i
			}
			runtime.KeepAlive(sum)
		}()
		return nil
	}},
	{Name: "chain of fifty, each started by the one before", Plant: func() func() {
		var link func(n int)
		link = func(n int) {
			if n > 0 {
				go link(n - 1)
			}
		}
		go link(50)
		return nil
	}},
	{Name: "workers that were dismissed", Plant: func() func() {
		jobs := make(chan int)
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				for range jobs {
				}
			})
		}
		for i := range 10 {
			jobs <- i
		}
		close(jobs)
		wg.Wait()
		return nil
	}},
	{Name: "watcher whose context was cancelled", Plant: func() func() {
		ctx, cancel := context.WithCancel(context.Background())
		var c crew
		c.run(func() { <-ctx.Done() })
		cancel()
		c.join()
		return nil
	}},
	{Name: "child of a foreign context that was cancelled", Plant: func() func() {
		_, cancel := context.WithCancel(foreign{context.Background(), make(chan struct{})})
		cancel()
		return nil
	}},
	{Name: "loop over a ticker that was stopped", Plant: func() func() {
		stop := make(chan struct{})
		var c crew
		c.run(func() {
			ticker := time.NewTicker(time.Hour)
			defer ticker.Stop()
			select {
			case <-ticker.C:
			case <-stop:
			}
		})
		close(stop)
		c.join()
		return nil
	}},
	{Name: "goroutine that panicked and was recovered", Plant: func() func() {
		go func() {
			defer func() { _ = recover() }()
			panic("on purpose")
		}()
		return nil
	}},
	{Name: "goroutine that left by Goexit", Plant: func() func() {
		go runtime.Goexit()
		return nil
	}},
	{Name: "iterator that was stopped", Plant: func() func() {
		next, stop := iter.Pull(func(yield func(int) bool) {
			for yield(1) {
			}
		})
		next()
		stop()
		return nil
	}},
	{Name: "iterator that was exhausted", Plant: func() func() {
		next, _ := iter.Pull(func(yield func(int) bool) { yield(1) })
		next()
		next()
		return nil
	}},
	{Name: "Cond that was signalled", Plant: func() func() {
		var mu sync.Mutex
		cond, done := sync.NewCond(&mu), false
		var c crew
		c.run(func() {
			mu.Lock()
			defer mu.Unlock()
			for !done {
				cond.Wait()
			}
		})
		mu.Lock()
		done = true
		mu.Unlock()
		cond.Broadcast()
		c.join()
		return nil
	}},
	{Name: "process that was waited for", Plant: func() func() {
		cmd, stdin := child()
		stdin.Close()
		if err := cmd.Wait(); err != nil {
			panic(err)
		}
		return nil
	}},
}

// runtimeInnocents leave something, but no goroutine of theirs.
var runtimeInnocents = []Case{
	{Name: "nothing", Plant: func() func() { return nil }},
	{Name: "timer of an hour", Plant: func() func() {
		time.NewTimer(time.Hour)
		return nil
	}},
	{Name: "channel of time.After", Plant: func() func() {
		time.After(time.Hour)
		return nil
	}},
	{Name: "AfterFunc of an hour", Plant: func() func() {
		timer := time.AfterFunc(time.Hour, func() {})
		return func() { timer.Stop() }
	}},
	{Name: "AfterFunc that has run", Plant: func() func() {
		done := make(chan struct{})
		time.AfterFunc(0, func() { close(done) })
		<-done
		return nil
	}},
	{Name: "context with a timeout", Plant: func() func() {
		_, cancel := context.WithTimeout(context.Background(), time.Hour)
		return cancel
	}},
	{Name: "context.AfterFunc that waits", Plant: func() func() {
		ctx, cancel := context.WithCancel(context.Background())
		stop := context.AfterFunc(ctx, func() {})
		return func() {
			stop()
			cancel()
		}
	}},
	{Name: "signal.Notify", Plant: func() func() {
		signals := make(chan os.Signal, 1)
		signal.Notify(signals, os.Interrupt)
		return func() { signal.Stop(signals) }
	}},
	{Name: "signal.NotifyContext that was stopped", Plant: func() func() {
		_, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		stop()
		return nil
	}},
	{Name: "pool of objects", Plant: func() func() {
		var p sync.Pool
		p.Put(new([64]byte))
		return nil
	}},
	{Name: "unique handle", Plant: func() func() {
		unique.Make("sleepless")
		return nil
	}},
	{Name: "cleanup that has run", Plant: func() func() {
		done := make(chan struct{})
		runtime.AddCleanup(new([64]byte), func(done chan struct{}) { close(done) }, done)
		runtime.GC()
		<-done
		return nil
	}},
	{Name: "finalizer that has run", Plant: func() func() {
		done := make(chan struct{})
		runtime.SetFinalizer(new([64]byte), func(*[64]byte) { close(done) })
		runtime.GC()
		<-done
		return nil
	}},
	{Name: "value left in a buffer", Plant: func() func() {
		make(chan int, 1) <- 1
		return nil
	}},
}
