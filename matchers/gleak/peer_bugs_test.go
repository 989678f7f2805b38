package gleak

import (
	"runtime"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/onsi/gomega"
	stock "github.com/onsi/gomega/gleak"

	"github.com/sleepless-go/sleepless/internal/stacks"
)

// Bugs of Gomega's gleak that could be ours.

// There every matcher appends to the one list of standard filters. As soon as
// IgnoreGinkgoParallelClient has made that list grow, two matchers that are made
// one after the other share the memory behind it: the second one's arguments
// become the first one's.
func TestTheArgumentsOfOneMatcherAreNotThoseOfAnother(t *testing.T) {
	ignoreCreated("example.com/rpc.client", []Goroutine{{ID: 1 << 50, CreatorFunction: "example.com/rpc.client"}})
	first := HaveLeaked("example.com/a")
	second := HaveLeaked("example.com/b")
	a, b := []Goroutine{{ID: 42, TopFunction: "example.com/a"}}, []Goroutine{{ID: 43, TopFunction: "example.com/b"}}
	for _, c := range []struct {
		m      gomegaMatcher
		actual []Goroutine
		want   bool
	}{{first, a, false}, {first, b, true}, {second, a, true}, {second, b, false}} {
		if got, err := c.m.Match(c.actual); got != c.want || err != nil {
			t.Errorf("%v: %v, %v", c.actual, got, err)
		}
	}
}

type gomegaMatcher interface{ Match(any) (bool, error) }

// There the list of standard filters is written without a lock.
func TestTheParallelClientMayBeIgnoredWhileMatchersRun(t *testing.T) {
	var all sync.WaitGroup
	for id := range uint64(20) {
		all.Go(func() {
			ignoreCreated("example.com/rpc.client", []Goroutine{{ID: 1<<51 + id, CreatorFunction: "example.com/rpc.client"}, {ID: 1<<52 + id}})
		})
		all.Go(func() { HaveLeaked().Match(Goroutines()) })
	}
	all.Wait()
	for id := range uint64(20) {
		if !ofParallelClient(Goroutine{ID: 1<<51 + id}) || ofParallelClient(Goroutine{ID: 1<<52 + id}) {
			t.Errorf("goroutine %d", id)
		}
	}
	if ours, theirs := clientCreator("HTTP"), clientCreator(""); ours != "net/http.(*Transport).dialConn" || theirs != "net/rpc.NewClientWithCodec" {
		t.Errorf("creators %q and %q", ours, theirs)
	}
	IgnoreGinkgoParallelClient()
}

// There a nil *Goroutine ends the test with a nil dereference.
func TestANilGoroutineIsAnError(t *testing.T) {
	var none *Goroutine
	if _, err := G(none, "foo"); err == nil {
		t.Error("no error")
	}
	if _, err := IgnoringCreator("x").Match(none); err == nil {
		t.Error("no error")
	}
}

// There a goroutine whose stack the runtime could not show ends the test with a
// panic of the parser.
func TestAGoroutineWhoseStackIsUnavailableIsNoPanic(t *testing.T) {
	const dump = "goroutine 35 [running]:\n\tgoroutine running on other thread; stack unavailable\ncreated by example.com/a.run\n\t/src/a.go:9 +0x1"
	g := of(stacks.Parse(dump)[0])
	if g.ID != 35 || g.State != "running" || g.TopFunction != "" || g.CreatorFunction != "example.com/a.run" || g.BornAt != "/src/a.go:9" {
		t.Errorf("%#v", g)
	}
	if text := describe(t, nil, g); text == "" {
		t.Error("no text")
	}
}

// There the goroutines of other parallel tests are leaks of this one.
func TestTheGoroutineOfAnotherRunningTestIsNoLeak(t *testing.T) {
	before := Goroutines()
	looked := make(chan struct{})
	var begun sync.WaitGroup
	begun.Add(2)
	t.Run("group", func(t *testing.T) {
		t.Run("other", func(t *testing.T) {
			t.Parallel()
			begun.Done()
			<-looked
		})
		t.Run("looks", func(t *testing.T) {
			t.Parallel()
			defer close(looked)
			begun.Done()
			begun.Wait()
			all := Goroutines()
			if leaked, err := HaveLeaked(before).Match(all); leaked || err != nil {
				t.Errorf("%v, %v", leaked, err)
			}
			if leaked, _ := stock.HaveLeaked(before).Match(all); !leaked {
				t.Error("the original has learnt it: take this difference off the list")
			}
		})
	})
}

// There a bubble is full of leaks: those of the package that runs it.
func TestInABubbleOnlyItsOwnGoroutinesCount(t *testing.T) {
	outside := make(chan struct{})
	var kept sync.WaitGroup
	kept.Go(func() { <-outside })
	defer kept.Wait()
	defer close(outside)
	synctest.Test(t, func(t *testing.T) {
		g := gomega.NewWithT(t)
		g.Expect(Goroutines()).NotTo(HaveLeaked())
		stop := make(chan struct{})
		var inside sync.WaitGroup
		inside.Go(func() { <-stop })
		g.Expect(Goroutines()).To(HaveLeaked())
		close(stop)
		g.Eventually(Goroutines).ShouldNot(HaveLeaked())
		if leaked, _ := stock.HaveLeaked().Match(stock.Goroutines()); !leaked {
			t.Error("the original has learnt it: take this difference off the list")
		}
	})
}

// A goroutine in another bubble is that bubble's affair, and ends with it.
func TestOutsideABubbleWhatIsInOneDoesNotCount(t *testing.T) {
	inside, looked := make(chan struct{}), make(chan struct{})
	var other sync.WaitGroup
	before := Goroutines()
	other.Go(func() {
		synctest.Test(&testing.T{}, func(*testing.T) {
			var blocked sync.WaitGroup
			stop := make(chan struct{})
			blocked.Go(func() { <-stop })
			close(inside)
			<-looked
			close(stop)
			blocked.Wait()
		})
	})
	<-inside
	m := HaveLeaked(before).(*HaveLeakedMatcher)
	m.Match(Goroutines())
	for _, g := range m.leaked {
		if bubbleOf(g) != 0 {
			t.Errorf("%v", g)
		}
	}
	close(looked)
	other.Wait()
	runtime.KeepAlive(m)
}
