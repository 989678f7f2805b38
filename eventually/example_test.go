package eventually_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/sleepless-go/sleepless/eventually"
)

// printer stands in for *testing.T, which examples do not have.
type printer struct{ cleanups []func() }

func (p *printer) Helper()                           {}
func (p *printer) Errorf(format string, args ...any) { fmt.Printf(format+"\n", args...) }
func (p *printer) FailNow()                          {}
func (p *printer) Cleanup(f func())                  { p.cleanups = append(p.cleanups, f) }

// end does what the end of a test does.
func (p *printer) end() {
	for i := len(p.cleanups) - 1; i >= 0; i-- {
		p.cleanups[i]()
	}
}

var t = &printer{}

type evicted struct{ Key, Reason string }

func ExampleUntil() {
	var ready eventually.Counter
	go ready.Add(1)
	eventually.Until(t, "the worker is ready", func() bool { return ready.Load() == 1 }, eventually.On(&ready))
	fmt.Println("ready")
	// Output: ready
}

func ExampleValue() {
	var state eventually.Var[string]
	go func() {
		state.Set("starting")
		state.Set("ready")
	}()
	got := eventually.Value(t, "the state", state.Load, func(s string) bool { return s == "ready" }, eventually.On(&state))
	fmt.Println(got)
	// Output: ready
}

func ExampleCheck() {
	var size eventually.Var[int]
	go size.Set(2)
	eventually.Check(t, "the cache is filled", func(c *eventually.C) {
		assert.Equal(c, 2, size.Load())
	}, eventually.On(&size))
	fmt.Println("filled")
	// Output: filled
}

func ExampleEvent() {
	rec := eventually.NewRecorder[evicted](t) // record first
	go func() {                               // act second
		rec.Emit(evicted{"b", "ttl"})
		rec.Emit(evicted{"a", "full"})
	}()
	e := eventually.Event(t, "a is evicted", rec, func(e evicted) bool { return e.Key == "a" }) // wait third
	fmt.Println(e.Reason)
	// Output: full
}

func ExampleEventLike() {
	rec := eventually.NewRecorder[evicted](nil, eventually.Named("cache"))
	rec.Emit(evicted{"b", "ttl"})
	rec.Emit(evicted{"a", "full"})
	fmt.Println(eventually.EventLike(t, "a is evicted", rec, evicted{Key: "a"}))
	// Output: {a full}
}

func ExampleInOrder() {
	rec := eventually.NewRecorder[string](nil)
	is := func(want string) func(string) bool { return func(s string) bool { return s == want } }
	for _, s := range []string{"open", "read", "close"} {
		rec.Emit(s)
	}
	fmt.Println(eventually.InOrder(t, "opened and closed", rec, []func(string) bool{is("open"), is("close")}))
	// Output: [open close]
}

func ExampleRecorder_Mark() {
	rec := eventually.NewRecorder[string](nil)
	rec.Emit("put a")
	mark := rec.Mark()
	rec.Emit("get a")
	fmt.Println(rec.Since(mark), rec.Len())
	// Output: [get a] 2
}

func ExampleAfter() {
	rec := eventually.NewRecorder[string](nil)
	mark := rec.Mark()
	rec.Emit("put")
	rec.Emit("evict")
	is := func(want string) func(string) bool { return func(s string) bool { return s == want } }
	eventually.Event(t, "evict", rec, is("evict"))
	fmt.Println(eventually.Event(t, "put", rec, is("put"), eventually.After(mark)))
	// Output: put
}

func ExampleRecorder_Strict() {
	t := &printer{}
	rec := eventually.NewRecorder[string](t, eventually.Named("door")).Strict()
	rec.Emit("opened")
	eventually.Event(t, "it opens", rec, func(s string) bool { return s == "opened" })
	t.end() // nothing is left, so nothing is said
	fmt.Println(len(rec.Unconsumed()))
	// Output: 0
}

func ExampleRecorder_OrderBy() {
	type commit struct {
		Seq  uint64
		What string
	}
	rec := eventually.NewRecorder[commit](nil).OrderBy(func(c commit) (string, uint64, bool) { return "cache", c.Seq, true })
	rec.Emit(commit{2, "evict"}) // delivered out of commit order
	rec.Emit(commit{1, "put"})
	fmt.Println(rec.Ordered(0))
	// Output: [{1 put} {2 evict}]
}

func ExampleRecorder_DescribeWith() {
	rec := eventually.NewRecorder[evicted](nil).DescribeWith(func(e evicted) string { return e.Key + " went because of " + e.Reason })
	rec.Emit(evicted{"a", "ttl"})
	moments, total := rec.Timeline(8)
	fmt.Println(moments[0].Text, total)
	// Output: a went because of ttl 1
}

func ExampleKeep() {
	rec := eventually.NewRecorder[int](nil, eventually.Keep(2))
	for i := range 5 {
		rec.Emit(i)
	}
	fmt.Println(rec.History(), rec.Forgotten())
	// Output: [3 4] 3
}

// stock knows whether a delivery is under way.
type stock struct {
	eventually.Signal
	underWay eventually.Var[int]
}

func (s *stock) Idle() (bool, string) {
	n := s.underWay.Load()
	return n == 0, fmt.Sprintf("%d deliveries are under way", n)
}

func ExampleNever() {
	var s stock
	eventually.Never(t, "the stock is sold", func() bool { return false }, eventually.On(&s), eventually.Within(time.Hour))
	fmt.Println("nothing is under way, so nothing can happen any more")
	// Output: nothing is under way, so nothing can happen any more
}

func ExampleSettle() {
	var s stock
	s.underWay.Set(1)
	go func() {
		s.underWay.Set(0)
		s.Broadcast()
	}()
	eventually.Settle(t, &s)
	fmt.Println("settled")
	// Output: settled
}

func ExampleWait() {
	var orders eventually.Counter
	go orders.Add(3)
	report, err := eventually.Wait(context.Background(), "three orders", func() (done bool, why string, err error) {
		n := orders.Load()
		return n >= 3, fmt.Sprintf("%d so far", n), nil
	}, eventually.On(&orders))
	fmt.Println(report.What, err)
	// Output: three orders <nil>
}

func ExampleFailFast() {
	crashed := errors.New("the server has exited")
	_, err := eventually.Wait(context.Background(), "the server is ready", func() (bool, string, error) { return false, "", nil },
		eventually.FailFast(func() error { return crashed }))
	fmt.Println(errors.Is(err, eventually.ErrFailFast), errors.Is(err, crashed))
	// Output: true true
}

func ExampleWithContext() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := eventually.Wait(ctx, "the server is ready", func() (bool, string, error) { return false, "", nil })
	fmt.Println(errors.Is(err, eventually.ErrStopped))
	// Output: true
}

func ExampleOnCheck() {
	eventually.Until(t, "it is so", func() bool { return true }, eventually.OnCheck(func(a eventually.Attempt) {
		fmt.Println(a.Number, a.Woken, a.Done)
	}))
	// Output: 1 start true
}

func ExampleNewBudget() {
	step := eventually.NewBudget(10 * time.Second)
	eventually.Until(t, "it starts", func() bool { return true }, eventually.WithinBudget(step))
	eventually.Until(t, "it is ready", func() bool { return true }, eventually.WithinBudget(step))
	fmt.Println(step.Remaining() > 0)
	// Output: true
}

func ExampleHoldFor() {
	var s stock
	eventually.Until(t, "the price is steady", func() bool { return true }, eventually.On(&s), eventually.HoldFor(time.Hour))
	fmt.Println("every source is idle: it will stay so")
	// Output: every source is idle: it will stay so
}

// queue is a Source by the Signal in it.
type queue struct {
	eventually.Signal
	items eventually.Var[[]string]
}

func (q *queue) push(item string) {
	q.items.Update(func(old []string) []string { return append(old[:len(old):len(old)], item) }) // change first
	q.Broadcast()                                                                                // report second
}

func ExampleSignal() {
	var q queue
	go q.push("a letter")
	eventually.Until(t, "something is queued", func() bool { return len(q.items.Load()) > 0 }, eventually.On(&q))
	fmt.Println(q.items.Load())
	// Output: [a letter]
}

func ExampleVar_Update() {
	var list eventually.Var[[]int]
	list.Update(func(old []int) []int { return append(old[:len(old):len(old)], 1) })
	fmt.Println(list.Load())
	// Output: [1]
}

func ExampleChan() {
	c := make(chan string)
	go func() { c <- "pong" }()
	answers := eventually.Chan(c)
	eventually.Until(t, "an answer", func() bool { return len(answers.Received()) > 0 }, eventually.On(answers))
	fmt.Println(answers.Received())
	// Output: [pong]
}

func ExampleRecordChan() {
	t := &printer{}
	defer t.end()
	c := make(chan string)
	rec := eventually.RecordChan(t, c)
	c <- "ping"
	c <- "pong"
	fmt.Println(eventually.Event(t, "pong", rec, func(s string) bool { return s == "pong" }))
	// Output: pong
}

func ExampleCtx() {
	ctx, cancel := context.WithCancel(context.Background())
	go cancel()
	eventually.Until(t, "the context ends", func() bool { return ctx.Err() != nil }, eventually.On(eventually.Ctx(ctx)))
	fmt.Println(ctx.Err())
	// Output: context canceled
}

func ExampleNewLines() {
	log := eventually.NewLines(nil)
	go io.WriteString(log, "reconnected\nidle\nreconnected\n")
	eventually.Until(t, "it reconnected twice", func() bool { return log.Seen("reconnected") >= 2 }, eventually.On(log))
	fmt.Println(log.Seen("reconnected"))
	// Output: 2
}

func ExampleFile() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	config := eventually.File(filepath.Join(dir, "config"))
	go os.WriteFile(filepath.Join(dir, "config"), []byte("x"), 0o600)
	eventually.Until(t, "the config is written", config.Exists, eventually.On(config))
	fmt.Println("written")
	// Output: written
}

func ExamplePort() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer l.Close()
	server := eventually.Port("tcp", l.Addr().String())
	eventually.Until(t, "the server listens", server.Listening, eventually.On(server))
	fmt.Println("it listens")
	// Output: it listens
}

func ExampleStartProcess() {
	t := &printer{}
	defer t.end()                                                // kills what still runs
	cmd := exec.Command(os.Args[0])                              // any program; here this test binary,
	cmd.Env = append(os.Environ(), "EVENTUALLY_TEST_ROLE=serve") // which plays one
	stdin, err := cmd.StdinPipe()
	if err != nil {
		panic(err)
	}
	p := eventually.StartProcess(t, cmd)
	fmt.Println(eventually.Event(t, "it listens", p.Output.Recorder, func(line string) bool { return strings.Contains(line, "listening") },
		eventually.On(p), eventually.FailFast(p.FailIfExited)))
	stdin.Close()
	eventually.Until(t, "it ends", p.Exited, eventually.On(p))
	fmt.Println(p.ExitCode())
	// Output:
	// listening
	// 0
}

func ExampleReport() {
	rec := eventually.NewRecorder[evicted](nil, eventually.Named("cache"))
	rec.Emit(evicted{"b", "ttl"})
	rec.Close()
	report, _ := eventually.Wait(context.Background(), "a is evicted", func() (bool, string, error) {
		return false, fmt.Sprint(rec.History()), errors.New("the cache is closed")
	}, eventually.On(rec))
	fmt.Println(strings.SplitN(report.String(), "\n", 3)[1])
	// Output: last check: [{b ttl}]
}
