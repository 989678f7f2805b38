package leakcheck_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/fakeclock"
	"github.com/sleepless-go/sleepless/leakcheck"
)

// t stands for the *testing.T of a test.
type testT struct {
	name     string
	cleanups []func()
}

func (t *testT) Helper()                        {}
func (t *testT) Name() string                   { return t.name }
func (t *testT) Errorf(format string, a ...any) { fmt.Printf(format+"\n", a...) }
func (t *testT) Cleanup(f func())               { t.cleanups = append(t.cleanups, f) }

func (t *testT) end() {
	for i := len(t.cleanups) - 1; i >= 0; i-- {
		t.cleanups[i]()
	}
}

type passingM struct{}

func (passingM) Run() int { return 0 }

func ExampleMain() {
	// func TestMain(m *testing.M) { os.Exit(leakcheck.Main(m)) }
	fmt.Println("exit code", leakcheck.Main(passingM{}))
	// Output: exit code 0
}

func ExampleCheck() {
	t := &testT{name: "TestServer"}
	leakcheck.Check(t) // first, so that it comes last

	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		<-stop
	}()
	close(stop)
	<-stopped

	t.end()
	fmt.Println("no leaks")
	// Output: no leaks
}

func ExampleFind() {
	base := leakcheck.TakeBaseline()
	stop, begun := make(chan struct{}), make(chan struct{})
	go func() {
		close(begun)
		<-stop
	}()
	<-begun

	report := leakcheck.Find(leakcheck.Since(base), leakcheck.Within(0))
	fmt.Println(errors.Is(report.Err(), leakcheck.ErrLeak), len(report.Goroutines), report.Goroutines[0].State)

	close(stop)
	fmt.Println(leakcheck.Find(leakcheck.Since(base)).Err())
	// Output:
	// true 1 chan receive
	// <nil>
}

func ExampleReport_MarshalJSON() {
	text, err := json.Marshal(leakcheck.Find(leakcheck.IgnoreCurrent()))
	if err != nil {
		fmt.Println(err)
	}
	var report struct {
		Version int
		Leaked  bool
	}
	fmt.Println(json.Unmarshal(text, &report), report)
	// Output: <nil> {1 false}
}

func ExampleResource() {
	t := &testT{name: "TestSession"}
	leakcheck.Check(t)
	session := leakcheck.Resource(t, "session")
	defer session.Close()

	forgotten := leakcheck.Resource(t, "subscription")
	session.Close()
	fmt.Println(session.Closed(), forgotten.Closed())
	forgotten.Close()
	t.end()
	// Output: true false
}

type page struct{ text string }

// dropped tracks a page that nothing holds when it returns.
func dropped(t leakcheck.TB) *leakcheck.Ref {
	return leakcheck.Track(t, &page{text: "x"}, "page")
}

func ExampleTrack() {
	t := &testT{name: "TestPages"}
	ref := dropped(t)
	fmt.Println(ref.Await(context.Background()))
	<-ref.Collected()
	// Output: <nil>
}

func ExampleHeapStable() {
	t := &testT{name: "TestParse"}
	leakcheck.HeapStable(t, 1000, func() { _ = new(page) })
	fmt.Println("stable")
	// Output: stable
}

func ExampleAwaitSettled() {
	t := &testT{name: "TestCache"}
	bytes := []uint64{9 << 20, 5 << 20, 2 << 20, 2 << 20, 2 << 20}
	sample := leakcheck.AwaitSettled(t, leakcheck.Memory(func() leakcheck.HeapSample {
		s := leakcheck.HeapSample{Bytes: bytes[0]}
		bytes = bytes[1:]
		return s
	}))
	fmt.Println(sample.Bytes>>20, "MiB")
	// Output: 2 MiB
}

func ExampleFiring() {
	clk := fakeclock.New()
	var expired leakcheck.Firing
	clk.AfterFunc(time.Minute, expired.Func(func() { fmt.Println("session expired") }))
	clk.Advance(time.Minute)
	_, err := eventually.Wait(context.Background(), "the timer has fired", expired.Fired, eventually.On(&expired))
	fmt.Println(err, expired.Times())
	// Output:
	// session expired
	// <nil> 1
}

func ExampleReborn() {
	names := map[string]*page{"cache": {text: "first"}}
	reborn := leakcheck.Reborn(func() (*page, bool) { p, ok := names["cache"]; return p, ok })

	names["cache"] = &page{text: "second"} // as a supervisor does
	_, err := eventually.Wait(context.Background(), "the cache is started again", reborn, eventually.AtOnce())
	fmt.Println(err)
	// Output: <nil>
}

func ExampleTakeBaseline() {
	base := leakcheck.TakeBaseline()
	done := make(chan struct{})
	go close(done)
	<-done
	_, err := eventually.Wait(context.Background(), "the goroutines are as before", base.Restored)
	fmt.Println(err)
	// Output: <nil>
}
