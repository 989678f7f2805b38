package testify_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/eventually/testify"
)

// printer stands in for *testing.T, which examples do not have. It prints the
// first lines of a failure.
type printer struct{}

func (printer) Errorf(format string, args ...any) {
	lines := strings.Split(fmt.Sprintf(format, args...), "\n")
	fmt.Println(strings.Join(lines[:min(3, len(lines))], "\n"))
}
func (printer) FailNow() { fmt.Println("the test ends here") }

var t printer

func ExampleEventually() {
	var jobs atomic.Int64
	go jobs.Add(1)
	// was assert.Eventually(
	fmt.Println(testify.Eventually(t, func() bool { return jobs.Load() == 1 }, time.Second, 10*time.Millisecond, "no job has come"))
	// Output: true
}

func ExampleEventually_failure() {
	testify.Eventually(t, func() bool { return false }, 0, 10*time.Millisecond, "%d jobs have come", 0)
	// Output:
	// eventually: "the condition is satisfied" has not happened
	//     message:    0 jobs have come
	//     last check: false
}

func ExampleRequireEventually() {
	// was require.Eventually(
	testify.RequireEventually(t, func() bool { return false }, 0, 10*time.Millisecond)
	// Output:
	// eventually: "the condition is satisfied" has not happened
	//     last check: false
	//     checks:     1; no source was given
	// the test ends here
}

func ExampleEventuallyWithT() {
	var jobs atomic.Int64
	go jobs.Add(2)
	testify.EventuallyWithT(t, func(c *testify.CollectT) { // was *assert.CollectT
		require.NotZero(c, jobs.Load())
		assert.EqualValues(c, 2, jobs.Load())
	}, time.Second, 10*time.Millisecond)
	fmt.Println(jobs.Load(), "jobs")
	// Output: 2 jobs
}

func ExampleNever() {
	var jobs eventually.Counter
	jobs.Add(1)
	// was assert.Never(
	fmt.Println(testify.Never(t, func() bool { return jobs.Load() > 0 }, time.Second, 10*time.Millisecond, "a job has come"))
	// Output:
	// eventually: "the condition is satisfied" was not to happen, and it had happened already
	//     message:    a job has come
	//     last check: true
	// false
}

func ExampleOn() {
	var jobs eventually.Counter // counts, and wakes who waits for the count
	go jobs.Add(1)
	testify.On(&jobs).RequireEventually(t, func() bool { return jobs.Load() == 1 }, time.Second, 10*time.Millisecond)
	fmt.Println(jobs.Load(), "job")
	// Output: 1 job
}

func ExampleWith() {
	looks := 0
	ready := func() bool { looks++; return looks == 2 } // expensive, so that it is looked at once in a tick
	fmt.Println(testify.With(eventually.PollEvery(time.Millisecond)).Eventually(t, ready, time.Minute, time.Millisecond))
	// Output: true
}
