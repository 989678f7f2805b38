package goleak_test

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/sleepless-go/sleepless/leakcheck"
	"github.com/sleepless-go/sleepless/leakcheck/goleak"
)

// suite stands for a testing.M, and report for a testing.T.
type suite struct{ leaks chan struct{} }

func (s suite) Run() (code int) {
	go janitor(s.leaks)
	return 0
}

func janitor(stop <-chan struct{}) { <-stop }

type report struct{}

func (report) Error(args ...any) {
	first, _, _ := strings.Cut(fmt.Sprint(args...), "\n")
	fmt.Println("FAIL:", first)
}

func ExampleVerifyNone() {
	stop, before := make(chan struct{}), goleak.IgnoreCurrent()
	go janitor(stop)
	goleak.VerifyNone(report{}, before)

	close(stop)
	goleak.VerifyNone(report{}, before)
	fmt.Println("stopped")
	// Output:
	// FAIL: found unexpected goroutines:
	// stopped
}

func ExampleFind() {
	stop, before := make(chan struct{}), goleak.IgnoreCurrent()
	go janitor(stop)
	fmt.Println(errors.Is(goleak.Find(before), leakcheck.ErrLeak))
	close(stop)
	fmt.Println(goleak.Find(before))
	// Output:
	// true
	// <nil>
}

func ExampleVerifyTestMain() {
	stderr := os.Stderr
	os.Stderr, _ = os.Open(os.DevNull)
	defer func() { os.Stderr = stderr }()

	m, before := suite{make(chan struct{})}, goleak.IgnoreCurrent()
	goleak.VerifyTestMain(m, before, goleak.Cleanup(func(code int) { fmt.Println("exit code", code) }))
	close(m.leaks)
	// Output: exit code 1
}

func ExampleIgnoreAnyFunction() {
	stop, before := make(chan struct{}), goleak.IgnoreCurrent()
	go janitor(stop)
	fmt.Println(goleak.Find(before, goleak.IgnoreAnyFunction("github.com/sleepless-go/sleepless/leakcheck/goleak_test.janitor")))
	close(stop)
	// Output: <nil>
}

func ExampleIgnoreCurrent() {
	stop := make(chan struct{})
	go janitor(stop)
	fmt.Println(goleak.Find(goleak.IgnoreCurrent()))
	close(stop)
	// Output: <nil>
}

func ExampleCleanup() {
	goleak.VerifyNone(report{}, goleak.IgnoreCurrent(), goleak.Cleanup(func(code int) { fmt.Println("cleaned up", code) }))
	// Output: cleaned up 0
}
