package leakcorpus

import (
	"context"
	"io"
	"iter"
	"runtime"
	"runtime/pprof"
)

// lifecycleLeaks were to end with something else, and it was forgotten.
var lifecycleLeaks = []Case{
	{Name: "context that is never cancelled", Leaks: 1, Plant: func() func() {
		ctx, cancel := context.WithCancel(context.Background())
		return held(func() { <-ctx.Done() }, cancel)
	}},
	{Name: "child of a foreign context", Leaks: 1, Plant: func() func() {
		// For a parent of a kind it does not know, package context starts a
		// goroutine that carries the cancellation over.
		_, cancel := context.WithCancel(foreign{context.Background(), make(chan struct{})})
		return cancel
	}},
	{Name: "context.AfterFunc that blocks", Leaks: 1, Plant: func() func() {
		ctx, cancel := context.WithCancel(context.Background())
		begun, stop, ended := make(chan struct{}), make(chan struct{}), make(chan struct{})
		context.AfterFunc(ctx, func() {
			defer close(ended)
			close(begun)
			<-stop
		})
		cancel()
		<-begun
		return func() {
			close(stop)
			<-ended
		}
	}},
	{Name: "workers that nobody dismisses", Leaks: 3, Plant: func() func() {
		jobs := make(chan func())
		var c crew
		for range 3 {
			c.run(func() {
				for job := range jobs {
					job()
				}
			})
		}
		jobs <- func() {}
		return func() {
			close(jobs)
			c.join()
		}
	}},
	{Name: "producer whose consumer returned early", Leaks: 1, Plant: func() func() {
		lines, stop := make(chan int), make(chan struct{})
		release := held(func() {
			for i := 0; ; i++ {
				select {
				case lines <- i:
				case <-stop:
					return
				}
			}
		}, func() { close(stop) })
		<-lines
		return release
	}},
	{Name: "iterator that is not stopped", Leaks: 1, Plant: func() func() {
		next, stop := iter.Pull(func(yield func(int) bool) {
			for yield(1) {
			}
		})
		next()
		return stop
	}},
	{Name: "iterator that is never begun", Leaks: 1, Plant: func() func() {
		_, stop := iter.Pull(func(yield func(int) bool) { yield(1) })
		return stop
	}},
	{Name: "reader of a pipe in memory", Leaks: 1, Plant: func() func() {
		r, w := io.Pipe()
		return held(func() { io.Copy(io.Discard, r) }, func() { w.Close() })
	}},
	{Name: "goroutine with labels of its own", Leaks: 1, Plant: func() func() {
		stop := make(chan struct{})
		return held(func() {
			pprof.Do(context.Background(), pprof.Labels("worker", "7, synctest bubble 9"), func(context.Context) { <-stop })
		}, func() { close(stop) })
	}},
	{Name: "goroutine locked to its thread", Leaks: 1, Plant: func() func() {
		stop := make(chan struct{})
		return held(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			<-stop
		}, func() { close(stop) })
	}},
	{Name: "two that pass a token for ever", Leaks: 2, Moves: true, Plant: func() func() {
		to, back, stop := make(chan int), make(chan int), make(chan struct{})
		var c crew
		pass := func(in <-chan int, out chan<- int) {
			for {
				select {
				case token := <-in:
					select {
					case out <- token:
					case <-stop:
						return
					}
				case <-stop:
					return
				}
			}
		}
		c.run(func() { pass(to, back) })
		c.run(func() { pass(back, to) })
		to <- 1
		return func() {
			close(stop)
			c.join()
		}
	}},
}

// foreign is a context with a Done channel of its own.
type foreign struct {
	context.Context
	done chan struct{}
}

func (f foreign) Done() <-chan struct{} { return f.done }
