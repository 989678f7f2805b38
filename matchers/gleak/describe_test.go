package gleak

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/sleepless-go/sleepless/eventually"
)

var number = regexp.MustCompile(`goroutine \d+`)

// dumped returns a goroutine as a dump would show it.
func dumped(id uint64, state, creator string, calls ...string) Goroutine {
	g := Goroutine{ID: id, State: state, CreatorFunction: creator}
	for i, call := range calls {
		g.Backtrace += fmt.Sprintf("%s(0xc000102e00, {0x1, 0x2})\n\t/src/shop/%s.go:%d +0x1d4\n", call, "cache", 10*i+8)
	}
	if len(calls) > 0 {
		g.TopFunction = calls[0]
	}
	if creator != "" {
		g.BornAt = "/src/shop/shop.go:41"
		g.Backtrace += "created by " + creator + " in goroutine 7\n\t/src/shop/shop.go:41 +0x1\n"
	}
	return g
}

func leaks(n int, state, creator string, calls ...string) (all []Goroutine) {
	for i := range n {
		all = append(all, dumped(uint64(30+i), state, creator, calls...))
	}
	return all
}

func describe(t *testing.T, proven map[uint64]bool, all ...Goroutine) string {
	t.Helper()
	m := HaveLeaked().(*HaveLeakedMatcher)
	if leaked, err := m.Match(all); !leaked || err != nil {
		t.Fatalf("%v, %v", leaked, err)
	}
	m.proven = proven
	return m.NegatedFailureMessage(all)
}

const janitor = "example.com/shop.(*Cache).janitor"

func TestTexts(t *testing.T) {
	for name, text := range map[string]string{
		"one": describe(t, nil, dumped(34, "chan receive, 2 minutes", "example.com/shop.New", janitor)),
		"several places": describe(t, nil, append(leaks(7, "select", "example.com/shop.New", janitor, "example.com/shop.New.func1"),
			dumped(50, "IO wait, locked to thread", "example.com/shop.Serve", "internal/poll.runtime_pollWait", "net.(*conn).Read", "bufio.(*Reader).Read", "example.com/shop.read", "example.com/shop.serve", "example.com/shop.run"))...),
		"many places": describe(t, nil, func() (all []Goroutine) {
			for i := range 9 {
				all = append(all, dumped(uint64(60+i), "select", "example.com/shop.New", fmt.Sprintf("example.com/shop.worker%d", i), "example.com/shop.a", "example.com/shop.b", "example.com/shop.c"))
			}
			return all
		}()...),
		"proven":          describe(t, map[uint64]bool{51: true}, dumped(50, "select", "example.com/shop.New", janitor), dumped(51, "chan send", "example.com/shop.New", "example.com/shop.send")),
		"without a stack": describe(t, nil, Goroutine{ID: 42, State: "runnable", TopFunction: "example.com/shop.run"}, Goroutine{ID: 43}),
		"expected a leak and found none": func() string {
			m := HaveLeaked()
			all := Goroutines()
			if leaked, err := m.Match(all[:1]); leaked || err != nil {
				t.Fatalf("%v, %v", leaked, err)
			}
			return m.FailureMessage(all[:1])
		}(),
	} {
		golden(t, strings.ReplaceAll(name, " ", "-"), text)
	}
}

// A look of package leakcheck in another test shows the labels of goroutines for
// a moment.
func TestLabelsDoNotTellPlacesApart(t *testing.T) {
	text := describe(t, nil, dumped(30, `select labels:{"leakcheck": "TestA#1"}`, "example.com/shop.New", janitor),
		dumped(31, `select, 2 minutes labels:{"leakcheck": "TestB#2"}`, "example.com/shop.New", janitor))
	if !strings.Contains(text, "2x [select], goroutines 30, 31\n") {
		t.Error(text)
	}
}

// A matcher that is made of others may ask for a text that does not apply.
func TestWithoutALeakTheTextSaysSo(t *testing.T) {
	if text := HaveLeaked().NegatedFailureMessage(nil); !strings.Contains(text, "none has") {
		t.Error(text)
	}
}

func TestFullPathsAreInTheTextOnRequest(t *testing.T) {
	one := dumped(34, "select", "example.com/shop.New", janitor)
	if text := describe(t, nil, one); strings.Contains(text, "/src/") || !strings.Contains(text, " at shop/cache.go:8\n") {
		t.Errorf("short: %s", text)
	}
	ReportFilenameWithPath = true
	defer func() { ReportFilenameWithPath = false }()
	if text := describe(t, nil, one); !strings.Contains(text, " at /src/shop/cache.go:8\n") || !strings.Contains(text, " at /src/shop/shop.go:41\n") {
		t.Errorf("full: %s", text)
	}
}

// The cure names the outermost function of the test's own, which is the one to
// be ended, and what expects this goroutine without all others that wait alike.
func TestTheCureNamesWhatToEndAndWhatToExpect(t *testing.T) {
	before := Goroutines()
	r, w := io.Pipe()
	var wg sync.WaitGroup
	wg.Add(1)
	var both sync.WaitGroup
	both.Go(func() { drain(r) })
	go wg.Wait()
	defer both.Wait()
	defer w.Close()
	defer wg.Done()
	cures := func() string {
		m := HaveLeaked(before).(*HaveLeakedMatcher)
		if _, err := m.Match(Goroutines()); err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, g := range m.groups() {
			lines = append(lines, m.cure([]*group{g}))
		}
		slices.Sort(lines)
		return strings.Join(lines, "\n")
	}
	const want = `let gleak.TestTheCureNamesWhatToEndAndWhatToExpect return before the check (close, cancel, stop it, and wait), or expect it with HaveLeaked(IgnoringCreator("github.com/sleepless-go/sleepless/matchers/gleak.TestTheCureNamesWhatToEndAndWhatToExpect"))
let gleak.TestTheCureNamesWhatToEndAndWhatToExpect.func1 return before the check (close, cancel, stop it, and wait), or expect it with HaveLeaked(IgnoringInBacktrace("github.com/sleepless-go/sleepless/matchers/gleak.TestTheCureNamesWhatToEndAndWhatToExpect.func1"))`
	eventually.Value(t, "the cures", cures, func(text string) bool { return text == want })
}

func drain(r io.Reader) { io.Copy(io.Discard, r) }
