package gleak_test

import (
	"fmt"

	"github.com/onsi/gomega"

	"github.com/sleepless-go/sleepless/matchers"
	"github.com/sleepless-go/sleepless/matchers/gleak"
)

// g prints its failures.
var g = gomega.NewGomega(func(message string, _ ...int) { fmt.Println(message) })

func janitor(stop <-chan struct{}) { <-stop }

func ExampleHaveLeaked() {
	before, stop := gleak.Goroutines(), make(chan struct{})
	go janitor(stop)
	g.Expect(gleak.Goroutines()).To(gleak.HaveLeaked(before))

	close(stop)
	g.Eventually(gleak.Goroutines).ShouldNot(gleak.HaveLeaked(before))
	fmt.Println("stopped")
	// Output: stopped
}

func ExampleHaveLeaked_await() {
	before, stop := gleak.Goroutines(), make(chan struct{})
	go janitor(stop)
	close(stop)
	fmt.Println(matchers.AwaitWith(g, gleak.Goroutines).ShouldNot(gleak.HaveLeaked(before)))
	// Output: true
}

func ExampleGoroutines() {
	me := gleak.Goroutines()[0]
	fmt.Println(me.State)
	// Output: running
}

func ExampleIgnoringCreator() {
	one := gleak.Goroutine{ID: 1 << 40, TopFunction: "net/http.(*persistConn).readLoop", CreatorFunction: "net/http.(*Transport).dialConn"}
	g.Expect([]gleak.Goroutine{one}).NotTo(gleak.HaveLeaked(gleak.IgnoringCreator("net/http.(*Transport)...")))
	g.Expect(one).To(gleak.IgnoringTopFunction("net/http.(*persistConn)..."))
	g.Expect(one).NotTo(gleak.IgnoringInBacktrace("net/http"))
	g.Expect(one).NotTo(gleak.IgnoringGoroutines(gleak.Goroutines()))
	// Output:
}

func ExampleIgnoreGinkgoParallelClient() {
	gleak.IgnoreGinkgoParallelClient() // in a BeforeSuite
	// Output:
}

func ExampleG() {
	_, err := gleak.G("not a goroutine", "MyMatcher")
	fmt.Println(err)
	// Output:
	// MyMatcher matcher expects a Goroutine or *Goroutine.  Got:
	//     <string>: not a goroutine
}
