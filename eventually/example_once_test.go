package eventually_test

import (
	"fmt"
	"time"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/fakeclock"
)

func ExampleAtOnce() {
	clk := fakeclock.New()
	rang := false
	clk.AfterFunc(time.Hour, func() { rang = true })
	clk.Advance(time.Hour) // when it returns, what was due has happened
	eventually.Until(t, "the alarm rings", func() bool { return rang }, eventually.AtOnce())
	fmt.Println("it rang")
	// Output: it rang
}

func ExampleAwaiting() {
	rec := eventually.NewRecorder[int](t)
	rec.Emit(4)
	even := func(n int) bool { return n%2 == 0 }
	got := eventually.Event(t, "an even number", rec, even, eventually.Awaiting("even numbers", func(e any) (differences []string, candidate bool) {
		return nil, even(e.(int)) // shown only on failure
	}))
	fmt.Println(got)
	// Output: 4
}
