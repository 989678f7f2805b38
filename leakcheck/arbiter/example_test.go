package arbiter_test

import (
	"fmt"

	"go.uber.org/goleak"

	"github.com/sleepless-go/sleepless/leakcheck"
	"github.com/sleepless-go/sleepless/leakcheck/arbiter"
)

func ExampleGoleak() {
	before := goleak.IgnoreCurrent() // go test keeps goroutines for an example
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		worker(stop)
	}()

	// An exception that the project has had for years keeps its meaning.
	report := leakcheck.Find(leakcheck.Within(0), arbiter.Goleak(before, goleak.IgnoreAnyFunction(workerName)))
	fmt.Println("leaked:", report.Leaked())
	fmt.Println("left:", len(report.Goroutines), report.Goroutines[0].State)

	close(stop)
	<-ended
	// Output:
	// leaked: false
	// left: 1 chan receive
}
