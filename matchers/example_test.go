package matchers_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/fakeclock"
	"github.com/sleepless-go/sleepless/foundation/telemetry"
	"github.com/sleepless-go/sleepless/foundation/telemetry/telemetrytest"
	. "github.com/sleepless-go/sleepless/matchers"
)

// In a test g is NewWithT(t), or Gomega's registered handler is used. The
// examples print what would fail the test.
var g = NewGomega(func(message string, _ ...int) { fmt.Println(message) })

func ExampleAwaitWith() {
	var stock eventually.Var[int]
	go stock.Set(7)
	AwaitWith(g, stock.Load, &stock).Should(Equal(7))
	fmt.Println("stock:", stock.Load())
	// Output: stock: 7
}

// Await uses the fail handler that RegisterFailHandler or RegisterTestingT has
// set, as in Ginkgo specs.
func ExampleAwait() {
	RegisterFailHandler(func(message string, _ ...int) { fmt.Println(message) })
	rec := telemetrytest.NewRecorder(nil)
	go put.Bind(rec).Emit(context.Background(), putData{Key: "a"})

	var got putData
	Await(rec).Should(ReceiveEvent(put).Into(&got))
	fmt.Println("put:", got.Key)
	// Output: put: a
}

func ExampleReceiveEvent() {
	rec := telemetrytest.NewRecorder(nil)
	box := evicted.Bind(rec)
	box.Emit(context.Background(), evictedData{Key: "a", Reason: "ttl"})
	box.Emit(context.Background(), evictedData{Key: "b", Reason: "size"})

	g.Expect(rec).To(ReceiveEvent(evicted).Times(2))
	g.Expect(rec).To(ReceiveEvent(evicted, HaveField("Key", "a"), HaveField("Reason", "ttl")))
	g.Expect(rec).To(ReceiveEvent(evicted, HaveField("Key", "c")))
	// Output:
	// Expected recorder of events to have recorded
	//     matcherstest.box.evicted with HaveField("Key", "c")
	// It recorded 2 events, 2 of that kind; none of them matches.
	// The closest:
	//     #2 matcherstest.box.evicted key=b reason=size
	//         Value for field 'Key' failed to satisfy matcher. Expected <string>: b to equal <string>: c
	//     #1 matcherstest.box.evicted key=a reason=ttl
	//         Value for field 'Key' failed to satisfy matcher. Expected <string>: a to equal <string>: c
}

func ExampleEventMatcher_InOrder() {
	rec := telemetrytest.NewRecorder(nil)
	put.Bind(rec).Emit(context.Background(), putData{Key: "a"})
	evicted.Bind(rec).Emit(context.Background(), evictedData{Key: "a"})

	fmt.Println(g.Expect(rec).To(ReceiveEvent(put).InOrder(ReceiveEvent(evicted))))
	// Output: true
}

func ExampleEventMatcher_After() {
	rec := telemetrytest.NewRecorder(nil)
	put.Bind(rec).Emit(context.Background(), putData{Key: "a"})
	mark := rec.Mark()
	put.Bind(rec).Emit(context.Background(), putData{Key: "b"})

	fmt.Println(g.Expect(rec).To(ReceiveEvent(put).After(mark).Times(1)))
	// Output: true
}

// Once the clock has nothing to do, nothing can come any more, and Consistently
// ends.
func ExampleEventMatcher_From() {
	clock := fakeclock.New()
	rec := telemetrytest.NewRecorder(nil)
	fmt.Println(g.Consistently(rec).WithTimeout(time.Hour).ShouldNot(ReceiveEvent(put).From(clock)))
	// Output: true
}

func ExampleHaveEmitted() {
	rec := telemetrytest.NewRecorder(nil)
	g.Expect(rec).To(HaveEmitted(put))
	// Output:
	// Expected recorder of events to have recorded
	//     matcherstest.box.put
	// It recorded nothing.
	// hint: nothing was recorded at all: check that the component was given this recorder or its bus, and that the recorder was made before the action
}

func ExampleReceiveRecord() {
	rec := telemetrytest.NewRecorder(nil)
	put.Bind(rec).Emit(context.Background(), putData{Key: "a"})
	ofA := func(r telemetry.Record) bool { key, _ := r.Value("key"); return key == "a" }
	fmt.Println(g.Expect(rec).To(ReceiveRecord("an event of a", ofA)))
	// Output: true
}

func ExampleBeIdle() {
	clock := fakeclock.New()
	timer := clock.NewTimer(time.Minute)
	fmt.Println(g.Expect(clock).NotTo(BeIdle()))
	timer.Stop()
	fmt.Println(g.Expect(clock).To(BeIdle()))
	// Output:
	// true
	// true
}

func ExampleHaveArmedTimer() {
	clock := fakeclock.New()
	go clock.Tagged("janitor").NewTicker(time.Minute)
	fmt.Println(AwaitWith(g, clock).Should(HaveArmedTimer("janitor", time.Minute)))
	// Output: true
}

func ExampleBecomeTrue() {
	var ready atomic.Bool
	var changed eventually.Signal
	go func() {
		ready.Store(true)
		changed.Broadcast()
	}()
	fmt.Println(AwaitWith(g, &ready).Should(BecomeTrue(&changed)))
	// Output: true
}

// worker is a component that says when it has stopped.
type worker struct{ stopped chan struct{} }

func (w worker) Stopped() <-chan struct{} { return w.stopped }

func ExampleEventuallyCleanedUp() {
	w := worker{make(chan struct{})}
	go close(w.stopped)
	fmt.Println(g.Expect(w).To(EventuallyCleanedUp()))
	// Output: true
}

// A matcher for one question is a function that returns one.
func ExampleEventMatcher() {
	haveEvicted := func(key string) types.GomegaMatcher {
		return ReceiveEvent(evicted, func(e evictedData) bool { return e.Key == key })
	}
	rec := telemetrytest.NewRecorder(nil)
	go evicted.Bind(rec).Emit(context.Background(), evictedData{Key: "a"})
	fmt.Println(AwaitWith(g, rec).Should(haveEvicted("a")))
	// Output: true
}

// suiteT is set by the Test function that runs the specs:
//
//	func TestBox(t *testing.T) {
//		suiteT = t
//		RegisterFailHandler(Fail)
//		RunSpecs(t, "box")
//	}
var suiteT *testing.T

func ExampleInBubble() {
	_ = func() { // in a Describe
		It("forgets within the hour", func() {
			InBubble(suiteT, func(t *testing.T) {
				rec := telemetrytest.NewRecorder(t)
				time.AfterFunc(time.Hour, func() {
					evicted.Bind(rec).Emit(t.Context(), evictedData{Key: "a"})
				})
				Await(rec).WithTimeout(2 * time.Hour).Should(ReceiveEvent(evicted)) // takes no real time
			})
		})
	}
}
