package leakcheck

import (
	"context"

	"io"
	"iter"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"runtime/trace"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sleepless-go/sleepless/foundation/clock"
)

// soon is well within the grace of both checkers.
const soon = 30 * time.Millisecond

// corpusInnocents leave nothing behind, or something that ends soon.
var corpusInnocents = map[string]func(){
	"ended":                    func() { done := make(chan struct{}); go close(done); <-done },
	"a hundred that end":       func() { var all sync.WaitGroup; each(100, func(int) { all.Go(func() {}) }); all.Wait() },
	"told to end, not awaited": func() { ch := make(chan int); launch(func() { <-ch }); close(ch) },
	"ends soon":                func() { ch := closedSoon(); launch(func() { <-ch }) },
	"range over a closed one":  func() { ch := make(chan int); launch(func() { drain(ch) }); close(ch) },
	"buffered send":            func() { ch := make(chan int, 1); launch(func() { ch <- 1 }) },
	"cancelled context": func() {
		ctx, cancel := context.WithCancel(context.Background())
		launch(func() { <-ctx.Done() })
		cancel()
	},
	"timed-out context": func() {
		ctx, cancel := context.WithTimeout(context.Background(), soon)
		launch(func() { defer cancel(); <-ctx.Done() })
	},
	"stopped ticker":            stoppedTicker,
	"short timer":               func() { launch(func() { <-clock.System().NewTimer(soon).C }) },
	"stopped timer function":    func() { time.AfterFunc(time.Hour, func() { select {} }).Stop() },
	"pending timer function":    func() { time.AfterFunc(time.Hour, func() {}) },
	"timer function":            func() { time.AfterFunc(soon, func() {}) },
	"generations":               func() { generation(20) },
	"closed listener":           func() { l := listen(); launch(func() { l.Accept() }); l.Close() },
	"closed connection":         func() { c := dial(); launch(func() { io.ReadAll(c) }); c.Close() },
	"closed pipe in memory":     func() { r, w := io.Pipe(); launch(func() { io.ReadAll(r) }); w.Close() },
	"closed pipe of the system": func() { r, w, _ := os.Pipe(); launch(func() { io.ReadAll(r); r.Close() }); w.Close() },
	"closed net.Pipe":           func() { c, d := net.Pipe(); launch(func() { io.ReadAll(c) }); d.Close() },
	"closed server":             func() { httptest.NewServer(http.NotFoundHandler()).Close() },
	"client that tidies up":     tidyClient,
	"finished coroutine":        func() { next, stop := iter.Pull(func(yield func(int) bool) { yield(1) }); next(); stop() },
	"released mutex":            func() { mu := new(sync.Mutex); mu.Lock(); launch(mu.Lock); mu.Unlock() },
	"finished wait group":       func() { wg := new(sync.WaitGroup); wg.Add(1); launch(wg.Wait); wg.Done() },
	"woken condition":           wokenCondition,
	"context of a context": func() {
		ctx, cancel := context.WithCancel(context.Background())
		_, inner := context.WithCancel(ctx)
		_ = inner
		cancel()
	},
	"foreign context": func() { _, cancel := context.WithCancel(foreign{context.Background(), make(chan struct{})}); cancel() },
	"after a context": func() {
		ctx, cancel := context.WithCancel(context.Background())
		context.AfterFunc(ctx, func() {})
		cancel()
	},
	"finished command": finishedCommand,
	"goexit":           func() { launch(runtime.Goexit) },
	"recovered panic":  func() { launch(func() { defer func() { _ = recover() }(); panic("boom") }) },
	"trace":            func() { must(trace.Start(io.Discard)) },
	"signals":          func() { signal.Notify(make(chan os.Signal, 1), os.Interrupt) },
	"bubble":           bubbled,
	"benchmark":        func() { testing.Benchmark(func(b *testing.B) { b.RunParallel(func(*testing.PB) {}); b.SkipNow() }) },
}

func each(n int, f func(int)) {
	for i := range n {
		f(i)
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// closedSoon returns a channel that a timer closes.
func closedSoon() <-chan struct{} {
	ch := make(chan struct{})
	time.AfterFunc(soon, func() { close(ch) })
	return ch
}

// generation starts a goroutine that starts the next one and ends.
func generation(n int) {
	if n > 0 {
		go generation(n - 1)
	}
}

func stoppedTicker() {
	ticker, done := clock.System().NewTicker(time.Millisecond), make(chan struct{})
	launch(func() {
		select {
		case <-ticker.C:
			<-done
		case <-done:
		}
	})
	ticker.Stop()
	close(done)
}

func tidyClient() {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{}}
	answer, err := client.Get(server.URL)
	must(err)
	answer.Body.Close()
	client.CloseIdleConnections()
}

func wokenCondition() {
	var mu sync.Mutex
	c, ready := sync.NewCond(&mu), false
	launch(func() {
		mu.Lock()
		defer mu.Unlock()
		for !ready {
			c.Wait()
		}
	})
	mu.Lock()
	ready = true
	mu.Unlock()
	c.Broadcast()
}

func finishedCommand() {
	cmd := exec.Command(os.Args[0], "-test.run", "^$")
	cmd.Env = append(os.Environ(), roleVariable+"=nothing")
	cmd.Stdout = io.MultiWriter(io.Discard) // so that a goroutine copies
	must(cmd.Run())
}

func bubbled() {
	ok := testing.RunTests(func(string, string) (bool, error) { return true, nil }, []testing.InternalTest{{Name: "TestBubbled", F: func(t *testing.T) {
		synctest.Test(t, func(*testing.T) {
			var all sync.WaitGroup
			all.Go(func() { <-clock.System().NewTimer(time.Hour).C })
			all.Wait()
		})
	}}})
	if !ok {
		panic("the bubbled test has failed")
	}
}
