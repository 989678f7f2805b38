// This file stands twice in the project, once for either import path of gleak,
// and is otherwise the same: what it says of one package it says of both.
package twin

import (
	"fmt"
	"sort"
	"strings"
	"sync"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gleak/goroutine"
	"github.com/onsi/gomega/types"

	. "github.com/sleepless-go/sleepless/matchers/gleak"
)

// blocked is a goroutine that waits until it is released.
type blocked struct {
	stop, ended chan struct{}
}

func block() *blocked {
	b := &blocked{make(chan struct{}), make(chan struct{})}
	begun := make(chan struct{})
	go b.run(begun)
	<-begun
	return b
}

func (b *blocked) run(begun chan<- struct{}) {
	defer close(b.ended)
	close(begun)
	b.wait()
}

func (b *blocked) wait() { <-b.stop }

func (b *blocked) release() {
	close(b.stop)
	<-b.ended
}

// failing is a Gomega that keeps its failures.
func failing() (g Gomega, texts *[]string) {
	texts = new([]string)
	return NewGomega(func(message string, _ ...int) { *texts = append(*texts, message) }), texts
}

// find returns the goroutine that has the text in its backtrace.
func find(t *testing.T, in string) Goroutine {
	t.Helper()
	var found []Goroutine
	for _, g := range Goroutines() {
		if strings.Contains(g.Backtrace, in) {
			found = append(found, g)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d goroutines are in %s", len(found), in)
	}
	return found[0]
}

// settled waits until the goroutine of a test before has gone.
func settled(t *testing.T) (before []Goroutine) {
	t.Helper()
	NewWithT(t).Eventually(Goroutines).ShouldNot(HaveLeaked())
	return Goroutines()
}

func TestTheCallingGoroutineComesFirst(t *testing.T) {
	me := Goroutines()[0]
	if !strings.Contains(me.Backtrace, "TestTheCallingGoroutineComesFirst") || me.State != "running" || me.ID == 0 {
		t.Errorf("the first is %+v", me)
	}
}

func TestAGoroutineIsDescribed(t *testing.T) {
	b := block()
	defer b.release()
	g := NewWithT(t)
	g.Eventually(func() string { return find(t, "(*blocked).run").State }).Should(Equal("chan receive"))
	one := find(t, "(*blocked).run")
	g.Expect(one.TopFunction).To(HaveSuffix(".(*blocked).wait"))
	g.Expect(one.CreatorFunction).To(HaveSuffix(".block"))
	g.Expect(one.BornAt).To(MatchRegexp(`/suite_test\.go:\d+$`))
	g.Expect(one.Backtrace).To(And(HavePrefix(one.TopFunction+"("), HaveSuffix("\n"), ContainSubstring("\ncreated by "+one.CreatorFunction)))
	g.Expect(one.String()).To(HavePrefix(fmt.Sprintf("Goroutine ID: %d, state: chan receive, top function: ", one.ID)))
	var same goroutine.Goroutine = one // an alias, of the type that Gomega has
	g.Expect(same.GomegaString()).To(ContainSubstring("TopFunction"))
}

func TestALeakIsFoundAndItsEndToo(t *testing.T) {
	before := settled(t)
	b := block()
	g := NewWithT(t)
	g.Expect(Goroutines()).To(HaveLeaked(before))
	g.Expect(Goroutines()).To(HaveLeaked())
	b.release()
	g.Eventually(Goroutines).ShouldNot(HaveLeaked(before))
	g.Eventually(Goroutines).Should(Not(HaveLeaked()))
}

func TestALeakFailsTheAssertionAndIsDescribed(t *testing.T) {
	before := settled(t)
	b := block()
	defer b.release()
	g, texts := failing()
	g.Expect(Goroutines()).NotTo(HaveLeaked(before))
	g.Eventually(Goroutines).WithTimeout(1).ShouldNot(HaveLeaked(before))
	g.Consistently(Goroutines).ShouldNot(HaveLeaked(before))
	if len(*texts) != 3 {
		t.Fatalf("%d failures: %v", len(*texts), *texts)
	}
	for _, text := range *texts {
		for _, part := range []string{"Expected not to leak 1 goroutine", "(*blocked).wait", "created by ", ".block", " at " + folder + "/suite_test.go:"} {
			if !strings.Contains(text, part) {
				t.Errorf("%q is not in\n%s", part, text)
			}
		}
	}
}

// folder is the one of this file.
var folder = func() string {
	name := Goroutines()[0].Backtrace
	_, name, _ = strings.Cut(name, "/internal/twin/")
	name, _, _ = strings.Cut(name, ".")
	return name
}()

func TestFullPathsAreShownOnRequest(t *testing.T) {
	before := settled(t)
	b := block()
	defer b.release()
	ReportFilenameWithPath = true
	defer func() { ReportFilenameWithPath = false }()
	g, texts := failing()
	g.Expect(Goroutines()).NotTo(HaveLeaked(before))
	if len(*texts) != 1 || !strings.Contains((*texts)[0], "/internal/twin/"+folder+"/suite_test.go:") {
		t.Errorf("failures %v", *texts)
	}
}

func TestWhatTheArgumentsSayIsExpected(t *testing.T) {
	before := settled(t)
	b := block()
	defer b.release()
	g := NewWithT(t)
	g.Eventually(func() string { return find(t, "(*blocked).run").State }).Should(Equal("chan receive"))
	one := find(t, "(*blocked).run")
	for _, expected := range []any{
		one.TopFunction,
		one.TopFunction + " [chan receive]",
		strings.TrimSuffix(one.TopFunction, ".wait") + "...",
		[]Goroutine{one},
		Goroutines(),
		IgnoringTopFunction(one.TopFunction),
		IgnoringCreator(one.CreatorFunction),
		IgnoringInBacktrace("(*blocked).run"),
		IgnoringGoroutines([]Goroutine{one}),
		HaveField("ID", one.ID),
		WithTransform(func(g Goroutine) string { return g.CreatorFunction }, HaveSuffix(".block")),
	} {
		g.Expect(Goroutines()).NotTo(HaveLeaked(before, expected), "%v", expected)
	}
	for _, other := range []any{
		one.TopFunction + "...",
		one.TopFunction + " [select]",
		strings.TrimSuffix(one.TopFunction, "wait"),
		[]Goroutine{},
		IgnoringCreator(one.CreatorFunction + "..."),
		HaveField("ID", one.ID+1),
	} {
		g.Expect(Goroutines()).To(HaveLeaked(before, other), "%v", other)
	}
}

func TestTheIgnoringMatchersJudgeOneGoroutine(t *testing.T) {
	one := Goroutine{ID: 42, State: "chan receive, 2 minutes", TopFunction: "a.b.c", CreatorFunction: "a.New", Backtrace: "a.b.c()\n\t/a/b.go:1 +0x1\n"}
	for _, c := range []struct {
		name    string
		m       types.GomegaMatcher
		want    bool
		message string
	}{
		{"top function", IgnoringTopFunction("a.b.c"), true, `to have the topmost function "a.b.c"`},
		{"other top function", IgnoringTopFunction("a.b"), false, `to have the topmost function "a.b"`},
		{"below", IgnoringTopFunction("a.b..."), true, `to have the prefix "a.b." for its topmost function`},
		{"not below itself", IgnoringTopFunction("a.b.c..."), false, `to have the prefix "a.b.c." for its topmost function`},
		{"in a state", IgnoringTopFunction("a.b.c [chan receive]"), true, `to have the topmost function "a.b.c" and the state "chan receive"`},
		{"in another state", IgnoringTopFunction("a.b.c [select]"), false, `to have the topmost function "a.b.c" and the state "select"`},
		{"creator", IgnoringCreator("a.New"), true, `to be created by "a.New"`},
		{"other creator", IgnoringCreator("a.N"), false, `to be created by "a.N"`},
		{"creator below", IgnoringCreator("a..."), true, `to be created by a function with prefix "a."`},
		{"in the backtrace", IgnoringInBacktrace("/a/b.go"), true, `to contain "/a/b.go" in the goroutine's backtrace`},
		{"not in the backtrace", IgnoringInBacktrace("d.e"), false, `to contain "d.e" in the goroutine's backtrace`},
		{"known", IgnoringGoroutines([]Goroutine{{ID: 7}, {ID: 42}, {ID: 9}}), true, "to be contained in the list of expected goroutine IDs\n    <[]uint64 | len:3, cap:"},
		{"unknown", IgnoringGoroutines(nil), false, "to be contained in the list of expected goroutine IDs\n    <[]uint64 | len:0, cap:0>: "},
	} {
		for _, actual := range []any{one, &one} {
			if got, err := c.m.Match(actual); got != c.want || err != nil {
				t.Errorf("%s: %v, %v", c.name, got, err)
			}
		}
		if text := c.m.FailureMessage(one); !strings.Contains(text, "\n"+c.message) {
			t.Errorf("%s: message %q", c.name, text)
		}
		if text := c.m.NegatedFailureMessage(one); !strings.Contains(text, "\nnot "+c.message) {
			t.Errorf("%s: negated message %q", c.name, text)
		}
		if _, err := c.m.Match("a.b.c"); err == nil || !strings.Contains(err.Error(), " matcher expects a Goroutine or *Goroutine.  Got:\n    <string>: a.b.c") {
			t.Errorf("%s: a string gives %v", c.name, err)
		}
	}
}

func TestWhatIsNoListOfGoroutinesIsAnError(t *testing.T) {
	for _, actual := range []any{nil, 1, "x", []int{1}, []*Goroutine{}, Goroutine{}, map[int]Goroutine{}, Goroutines} {
		ok, err := HaveLeaked().Match(actual)
		if ok || err == nil || !strings.HasPrefix(err.Error(), "HaveLeaked matcher expects an array or slice of goroutines") {
			t.Errorf("%T: %v, %v", actual, ok, err)
		}
	}
	type list []Goroutine
	if ok, err := HaveLeaked().Match(list{{ID: 42, TopFunction: "a.b"}}); !ok || err != nil {
		t.Errorf("a type of one's own: %v, %v", ok, err)
	}
}

func TestAnArgumentOfAnotherKindPanics(t *testing.T) {
	g := NewWithT(t)
	g.Expect(func() { HaveLeaked(42) }).To(PanicWith(HavePrefix("HaveLeaked expected a string, []Goroutine, or GomegaMatcher, but got:\n")))
}

func TestAMatcherThatCannotJudgeIsAnError(t *testing.T) {
	ok, err := HaveLeaked(HaveLen(3)).Match([]Goroutine{{ID: 42, TopFunction: "a.b"}})
	if ok || err == nil || !strings.Contains(err.Error(), "HaveLen") {
		t.Errorf("%v, %v", ok, err)
	}
}

func TestAnActualIsAGoroutine(t *testing.T) {
	one := Goroutine{ID: 42}
	for _, actual := range []any{one, &one} {
		if got, err := G(actual, "foo"); got.ID != 42 || err != nil {
			t.Errorf("%v, %v", got, err)
		}
	}
	for _, actual := range []any{nil, "42", 42} {
		if _, err := G(actual, "foo"); err == nil || !strings.HasPrefix(err.Error(), "foo matcher expects a Goroutine or *Goroutine.  Got:\n") {
			t.Errorf("%v: %v", actual, err)
		}
	}
}

func TestNumbersSort(t *testing.T) {
	ids := Uint64Slice{3, 1, 2}
	sort.Sort(ids)
	if fmt.Sprint(ids) != "[1 2 3]" {
		t.Errorf("%v", ids)
	}
}

func TestWithoutAParallelClientNothingMoreIsIgnored(t *testing.T) {
	before := settled(t)
	b := block()
	defer b.release()
	IgnoreGinkgoParallelClient()
	NewWithT(t).Expect(Goroutines()).To(HaveLeaked(before))
}

func TestAParallelTestThatHasNotBegunIsNoLeak(t *testing.T) {
	t.Run("parallel", func(t *testing.T) { t.Parallel() })
	t.Run("serial", func(t *testing.T) { NewWithT(t).Eventually(Goroutines).ShouldNot(HaveLeaked()) })
}

func TestGoroutinesThatEndMeanwhileAreNoLeak(t *testing.T) {
	before := settled(t)
	c := make(chan int)
	var relay sync.WaitGroup
	relay.Go(func() {
		defer close(c)
		for i := range 20_000 {
			c <- i
		}
	})
	go func() {
		for range c {
		}
	}()
	NewWithT(t).Eventually(Goroutines).WithTimeout(1 << 40).ShouldNot(HaveLeaked(before))
	relay.Wait()
}
