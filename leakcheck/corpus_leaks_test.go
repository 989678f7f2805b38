package leakcheck

import (
	"bufio"
	"context"
	"io"
	"iter"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"runtime"
	"runtime/pprof"
	"sync"
	"syscall"
	"time"

	"github.com/sleepless-go/sleepless/foundation/clock"
)

// launch runs f on a goroutine and waits until it has begun.
func launch(f func()) {
	begun := make(chan struct{})
	go func() {
		close(begun)
		f()
	}()
	<-begun
}

// roots keep what leaks wait for reachable, so that no proof is needed to find
// them.
var roots []any

func rooted[T any](v T) T {
	roots = append(roots, v)
	return v
}

// corpusLeaks leave a goroutine behind, each in its own way.
var corpusLeaks = map[string]func(){
	"receive":            func() { ch := make(chan int); launch(func() { <-ch }) },
	"receive, reachable": func() { ch := rooted(make(chan int)); launch(func() { <-ch }) },
	"send":               func() { ch := make(chan int); launch(func() { ch <- 1 }) },
	"send, reachable":    func() { ch := rooted(make(chan int)); launch(func() { ch <- 1 }) },
	"send to a full one": func() { ch := make(chan int, 1); ch <- 1; launch(func() { ch <- 2 }) },
	"receive from nil":   func() { var ch chan int; launch(func() { <-ch }) },
	"send to nil":        func() { var ch chan int; launch(func() { ch <- 1 }) },
	"select of two":      func() { a, b := make(chan int), make(chan int); launch(func() { selectOf(a, b) }) },
	"select of none":     func() { launch(func() { select {} }) },
	"range":              func() { ch := rooted(make(chan int)); launch(func() { drain(ch) }) },
	"wait group":         func() { wg := new(sync.WaitGroup); wg.Add(1); launch(wg.Wait) },
	"wait group, rooted": func() { wg := rooted(new(sync.WaitGroup)); wg.Add(1); launch(wg.Wait) },
	"condition":          func() { launch(func() { c := sync.NewCond(new(sync.Mutex)); c.L.Lock(); c.Wait() }) },
	"mutex":              func() { mu := new(sync.Mutex); mu.Lock(); launch(mu.Lock) },
	"read lock":          func() { mu := new(sync.RWMutex); mu.Lock(); launch(mu.RLock) },
	"write lock":         func() { mu := new(sync.RWMutex); mu.RLock(); launch(mu.Lock) },
	"once":               stuckOnce,
	"lost context":       func() { ctx := lostContext(); launch(func() { <-ctx.Done() }) },
	"ticker":             func() { launch(func() { drain(clock.System().NewTicker(time.Millisecond).C) }) },
	"timer":              func() { launch(func() { <-clock.System().NewTimer(time.Hour).C }) },
	"timer function":     func() { begun := make(chan struct{}); time.AfterFunc(0, func() { close(begun); select {} }); <-begun },
	"listener":           func() { l := listen(); launch(func() { l.Accept() }) },
	"connection":         func() { c := dial(); launch(func() { io.ReadAll(c) }) },
	"pipe in memory":     func() { r, _ := io.Pipe(); launch(func() { io.ReadAll(r) }) },
	"pipe, full":         func() { _, w := io.Pipe(); launch(func() { w.Write([]byte("x")) }) },
	"net.Pipe":           func() { c, _ := net.Pipe(); launch(func() { io.ReadAll(c) }) },
	"pipe of the system": func() { r, w, _ := os.Pipe(); rooted(w); launch(func() { io.ReadAll(r) }) },
	"server":             func() { rooted(httptest.NewServer(http.NotFoundHandler())) },
	"keep-alive":         keepAlive,
	"coroutine":          func() { next, _ := iter.Pull(func(yield func(int) bool) { yield(1) }); next(); rooted(next) },
	"grandchild": func() {
		begun := make(chan struct{})
		launch(func() { go func() { close(begun); select {} }() })
		<-begun
	},
	"with labels": func() {
		pprof.Do(context.Background(), pprof.Labels("a", "b"), func(context.Context) { launch(func() { select {} }) })
	},
	"locked to a thread": func() { launch(func() { runtime.LockOSThread(); select {} }) },
	"deep":               func() { launch(func() { deep(50, func() { select {} }) }) },
	"foreign context": func() {
		_, cancel := context.WithCancel(foreign{context.Background(), make(chan struct{})})
		rooted(cancel)
	},
	"signals of a context": func() { _, stop := signal.NotifyContext(context.Background(), os.Interrupt); rooted(stop) },
	"scanner":              func() { r, w := io.Pipe(); rooted(w); launch(func() { bufio.NewScanner(r).Scan() }) },
	"system call": func() {
		var ends [2]int
		if err := syscall.Pipe(ends[:]); err != nil {
			panic(err)
		}
		launch(func() { syscall.Read(ends[0], make([]byte, 1)) })
	},
}

func selectOf(a, b <-chan int) {
	select {
	case <-a:
	case <-b:
	}
}

func drain[T any](ch <-chan T) {
	for range ch {
	}
}

func stuckOnce() {
	var once sync.Once
	launch(func() { once.Do(func() { select {} }) })
}

func lostContext() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	rooted(cancel)
	return ctx
}

func listen() net.Listener {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	return rooted(l)
}

func dial() net.Conn {
	c, err := net.Dial("tcp", listen().Addr().String())
	if err != nil {
		panic(err)
	}
	return rooted(c)
}

func keepAlive() {
	server := rooted(httptest.NewServer(http.NotFoundHandler()))
	client := &http.Client{Transport: rooted(&http.Transport{})}
	answer, err := client.Get(server.URL)
	if err != nil {
		panic(err)
	}
	io.Copy(io.Discard, answer.Body)
	answer.Body.Close()
}

func deep(n int, f func()) {
	if n == 0 {
		f()
		return
	}
	deep(n-1, f)
}

// foreign is a context of another make, which costs package context a goroutine
// for each child.
type foreign struct {
	context.Context
	done chan struct{}
}

func (f foreign) Done() <-chan struct{} { return f.done }
