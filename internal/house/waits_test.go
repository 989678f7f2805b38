package house

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// permit is a place that may wait on time, and why.
type permit struct {
	files string   // path.Match pattern below the root; a trailing /... means everything below
	calls []string // what may be called there
	why   string
}

// permits is the one list of places that may wait on time. Whatever is not on
// it waits for what happened.
var permits = []permit{
	{"suites/legacy/...", []string{"time.Sleep", "time.After", "require.Eventually"}, "the suites as they were, with the sleeps that the twins do without"},
	{"benchmarks/...", all, "the sleeping and polling sides of the comparison, and peers"},
	{"foundation/clock/system.go", []string{"time.NewTimer", "time.NewTicker"}, "the system clock"},
	{"foundation/clock/sleep.go", []string{"time.Sleep"}, "Sleep on the system clock"},
	{"fakeclock/yield.go", []string{"runtime.Gosched"}, "outside bubbles, before a tick is dropped or Run gives up: bounded, and over as soon as nothing else runs"},
	{"eventually/rest.go", []string{"time.NewTimer", "runtime.Gosched"}, "the fallback of a wait without sources, the back-off of polled ones, and holds"},
	{"matchers/await.go", []string{"gomega.Eventually"}, "the stock assertion that Await embeds for methods of a later Gomega; it is not run"},
	{"matchers/stock.go", []string{"time.NewTimer"}, "the bound of the event-driven slice under Gomega's own Eventually"},
	{"matchers/*_test.go", []string{"gomega.Eventually", "gomega.Consistently", "gomega.EventuallyWithOffset", "gomega.ConsistentlyWithOffset"}, "stock Gomega as a peer, and our matchers under it"},
	{"eventually/testify/differential_test.go", []string{"assert.Eventually", "assert.EventuallyWithT", "assert.Never"}, "testify as the peer, in bubbles"},
	{"eventually/bubble_hangs_test.go", []string{"time.Sleep", "time.After", "time.NewTicker", "runtime.Gosched"}, "tests that hang a bubble, as their users write them; run in processes of their own"},
	{"internal/bubblewatch/report_test.go", []string{"time.Sleep"}, "goroutines that sleep in a bubble which is over"},
	{"matchers/gleak/*_test.go", []string{"gomega.Eventually", "gomega.Consistently", "time.NewTimer"}, "stock Gomega as a peer, our matcher under it, and goroutines that end at a virtual time"},
	{"matchers/gleak/internal/twin/...", []string{"gomega.Eventually", "gomega.Consistently"}, "the suite that Gomega's own gleak passes too"},
	{"leakcheck/goleak/beyond_test.go", []string{"time.NewTimer"}, "goroutines that end at a virtual time"},
	{"internal/leakcorpus/timed.go", []string{"time.Sleep", "time.NewTicker", "time.After"}, "planted leaks: goroutines that wait for an hour are what a detector has to find"},
	{"internal/leakcorpus/innocent.go", []string{"time.NewTimer", "time.NewTicker", "time.After"}, "timers that are armed and that nobody waits for"},
	{"leakcheck/settle.go", []string{"runtime.Gosched", "time.Sleep"}, "the settle step of leakcheck: goroutines outside any source's reach are given their grace; virtual time in a bubble"},
	{"eventually/never.go", []string{"time.Sleep"}, "Advance: virtual time inside a bubble"},
}

// watched are the calls that wait on time, or poll, by the import path they
// come from.
var watched = map[string][]string{
	"time":                                {"Sleep", "Tick", "After", "NewTimer", "NewTicker"},
	"runtime":                             {"Gosched"},
	"github.com/onsi/gomega":              {"Eventually", "Consistently", "EventuallyWithOffset", "ConsistentlyWithOffset"},
	"github.com/stretchr/testify/assert":  {"Eventually", "Eventuallyf", "EventuallyWithT", "EventuallyWithTf", "Never", "Neverf"},
	"github.com/stretchr/testify/require": {"Eventually", "Eventuallyf", "EventuallyWithT", "EventuallyWithTf", "Never", "Neverf"},
}

const gomega = "github.com/onsi/gomega"

var all = []string{"*"}

func TestNothingWaitsOnTimeOutsideTheOneList(t *testing.T) {
	used := make([]bool, len(permits))
	scanned := 0
	files(t, ".go", func(name string, content []byte) {
		scanned++
		found, err := waits(name, content)
		if err != nil {
			t.Errorf("%v", err)
		}
		for _, w := range found {
			if i := permitted(name, w.call); i >= 0 {
				used[i] = true
				continue
			}
			t.Errorf("%s:%d waits on time with %s: wait for the event instead, or, if it must, add it to the list in this test with its reason", name, w.line, w.call)
		}
	})
	if scanned < 50 {
		t.Errorf("%d files scanned; this test would prove nothing", scanned)
	}
	for i, p := range permits {
		if !used[i] {
			t.Errorf("the permit for %s (%s) is not used any more: take it off the list", p.files, p.why)
		}
	}
}

func permitted(name, call string) int {
	return slices.IndexFunc(permits, func(p permit) bool {
		return inFiles(p.files, name) && (slices.Contains(p.calls, call) || slices.Equal(p.calls, all))
	})
}

func inFiles(pattern, name string) bool {
	if base, below := strings.CutSuffix(pattern, "/..."); below {
		return strings.HasPrefix(name, base+"/")
	}
	ok, err := path.Match(pattern, name)
	return ok && err == nil
}

// wait is one call that waits on time.
type wait struct {
	line int
	call string // "time.Sleep"
}

// waits finds the watched calls and method values of a file, under whatever
// name their package is imported.
func waits(name string, content []byte) ([]wait, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, content, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	imported, dotted, usesGomega := map[string]string{}, []string{}, false
	for _, spec := range file.Imports {
		from, err := strconv.Unquote(spec.Path.Value)
		if err != nil || watched[from] == nil {
			continue
		}
		usesGomega = usesGomega || from == gomega
		switch {
		case spec.Name == nil:
			imported[path.Base(from)] = from
		case spec.Name.Name == ".":
			dotted = append(dotted, from)
		default:
			imported[spec.Name.Name] = from
		}
	}
	var found []wait
	note := func(at ast.Node, from, function string) {
		if slices.Contains(watched[from], function) {
			found = append(found, wait{fset.Position(at.Pos()).Line, fmt.Sprintf("%s.%s", path.Base(from), function)})
		}
	}
	var walk func(ast.Node) bool
	walk = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && imported[x.Name] != "" {
				note(n, imported[x.Name], n.Sel.Name)
				return false
			}
			if usesGomega { // g.Eventually of NewWithT
				note(n, gomega, n.Sel.Name)
			}
			ast.Inspect(n.X, walk)
			return false
		case *ast.CallExpr:
			if f, ok := n.Fun.(*ast.Ident); ok {
				for _, from := range dotted {
					note(n, from, f.Name)
				}
			}
		}
		return true
	}
	ast.Inspect(file, walk)
	return found, nil
}

func TestWaitsAreFoundUnderAnyName(t *testing.T) {
	const source = `package p
import (
	"time"
	clock "time"
	. "github.com/onsi/gomega"
	"github.com/stretchr/testify/require"
	"runtime"
	gomega2 "github.com/onsi/gomega"
)
func f(g gomega2.Gomega) {
	time.Sleep(1)                 // 11
	clock.Sleep(1)                // 12
	nap := time.Sleep             // 13
	<-time.After(1)               // 14
	Eventually(1).Should(nil)     // 15
	require.Eventually(nil, nil, 1, 1) // 16
	runtime.Gosched()             // 17
	g.Eventually(1)               // 18
	time.AfterFunc(1, nil)        // starts something, waits for nothing
	nap(1)
}`
	found, err := waits("p.go", []byte(source))
	if err != nil {
		t.Fatal(err)
	}
	var lines []int
	for _, w := range found {
		lines = append(lines, w.line)
	}
	if want := []int{11, 12, 13, 14, 15, 16, 17, 18}; !slices.Equal(lines, want) {
		t.Errorf("found %v, want lines %v", found, want)
	}
}

func TestInFiles(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"a/...", "a/b/c.go", true}, {"a/...", "ab/c.go", false}, {"a/b.go", "a/b.go", true}, {"a/*_test.go", "a/x_test.go", true}, {"a/*_test.go", "a/x.go", false},
	} {
		if got := inFiles(c.pattern, c.name); got != c.want {
			t.Errorf("inFiles(%q, %q) = %v", c.pattern, c.name, got)
		}
	}
}
