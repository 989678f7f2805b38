package gleak

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/onsi/gomega"
	stock "github.com/onsi/gomega/gleak"
	"github.com/onsi/gomega/types"

	"github.com/sleepless-go/sleepless/internal/leakcorpus"
	"github.com/sleepless-go/sleepless/leakcheck"
)

// unmoved returns the goroutines that are the same in both snapshots.
func unmoved(a, b []Goroutine) map[uint64]Goroutine {
	same := map[uint64]Goroutine{}
	for _, g := range a {
		if slices.Contains(b, g) && g.State != "running" && g.State != "runnable" {
			same[g.ID] = g
		}
	}
	return same
}

func TestGoroutinesAreDescribedAsByTheOriginal(t *testing.T) {
	field := leakcorpus.Sow(slices.DeleteFunc(leakcorpus.Leaks(), func(c leakcorpus.Case) bool { return c.Moves })...)
	defer field.Clear()
	first, theirs, last := Goroutines(), stock.Goroutines(), Goroutines()
	compared := 0
	for id, g := range unmoved(first, last) {
		i := slices.IndexFunc(theirs, func(other Goroutine) bool { return other.ID == id })
		if i < 0 || theirs[i] != g {
			t.Errorf("ours   %#v\ntheirs %#v", g, theirs[max(i, 0)])
		}
		compared++
	}
	if compared < 30 {
		t.Errorf("%d goroutines compared; this test would prove little", compared)
	}
}

func TestTheIgnoringMatchersAgreeWithTheOriginals(t *testing.T) {
	field := leakcorpus.Sow(leakcorpus.Leaks()...)
	defer field.Clear()
	all := Goroutines()
	var names []string
	for _, g := range all {
		state, _, _ := strings.Cut(g.State, ",")
		names = append(names, g.TopFunction, g.CreatorFunction, g.TopFunction+" ["+state+"]", g.TopFunction+" [chan]")
		for _, name := range []string{g.TopFunction, g.CreatorFunction} {
			if dot := strings.LastIndexByte(name, '.'); dot > 0 {
				names = append(names, name[:dot], name[:dot]+"...", name+"...")
			}
		}
	}
	names = append(names, "", "...", " [", "[", "x [", "] [", "corpus")
	slices.Sort(names)
	judged := 0
	for _, name := range slices.Compact(names) {
		for kind, pair := range map[string][2]types.GomegaMatcher{
			"IgnoringTopFunction": {IgnoringTopFunction(name), stock.IgnoringTopFunction(name)},
			"IgnoringCreator":     {IgnoringCreator(name), stock.IgnoringCreator(name)},
			"IgnoringInBacktrace": {IgnoringInBacktrace(name), stock.IgnoringInBacktrace(name)},
		} {
			for _, g := range all {
				ours, _ := pair[0].Match(g)
				theirs, _ := pair[1].Match(g)
				if ours != theirs {
					t.Errorf("%s(%q) says %v and the original %v of %v", kind, name, ours, theirs, g)
				}
				if ours {
					judged++
				}
			}
			if ours, theirs := pair[0].FailureMessage(all[0]), pair[1].FailureMessage(all[0]); ours != theirs {
				t.Errorf("%s(%q) says\n%s\nand the original\n%s", kind, name, ours, theirs)
			}
		}
	}
	if judged < 100 {
		t.Errorf("%d matches; this test would prove little", judged)
	}
}

func ids(gs []Goroutine) (ids []uint64) {
	for _, g := range gs {
		ids = append(ids, g.ID)
	}
	return ids
}

// left returns the goroutines of a snapshot that the original finds.
func left(t *testing.T, all []Goroutine, expected ...any) (ids []uint64) {
	t.Helper()
	for _, g := range all {
		leaked, err := stock.HaveLeaked(expected...).Match([]Goroutine{g})
		if err != nil {
			t.Fatal(err)
		}
		if leaked {
			ids = append(ids, g.ID)
		}
	}
	return ids
}

func TestEveryLeakOfTheCorpusIsFoundByBothAndNothingElse(t *testing.T) {
	before := Goroutines()
	field := leakcorpus.Sow(leakcorpus.Leaks()...)
	defer field.Clear()
	truth := map[string]int{}
	for _, c := range leakcorpus.Leaks() {
		truth[c.Name] = c.Leaks
	}
	// Goroutines that have done their work may still be about to end.
	settle(t, func() bool { return maps.Equal(field.Named(left(t, Goroutines(), before)), truth) })

	m := HaveLeaked(before).(*HaveLeakedMatcher)
	all := Goroutines()
	if leaked, err := m.Match(all); !leaked || err != nil {
		t.Fatalf("%v, %v", leaked, err)
	}
	if got := field.Named(ids(m.leaked)); !maps.Equal(got, truth) {
		t.Errorf("the shim finds\n%v\nand the truth is\n%v", got, truth)
	}
	if got := field.Named(left(t, all, before)); !maps.Equal(got, truth) {
		t.Errorf("gleak finds\n%v\nand the truth is\n%v", got, truth)
	}
	report := leakcheck.Find(leakcheck.Within(0), leakcheck.Ignore(func(g leakcheck.Goroutine) bool {
		return slices.Contains(ids(before), g.ID)
	}))
	if got := field.Named(reported(report)); !maps.Equal(got, truth) {
		t.Errorf("leakcheck finds\n%v\nand the truth is\n%v", got, truth)
	}
}

func reported(r *leakcheck.Report) (ids []uint64) {
	for _, g := range r.Goroutines {
		ids = append(ids, g.ID)
	}
	return ids
}

func TestNoInnocentOfTheCorpusIsALeakForEither(t *testing.T) {
	before := Goroutines()
	g := gomega.NewWithT(t)
	for _, c := range leakcorpus.Innocents() {
		field := leakcorpus.Sow(c)
		g.Eventually(Goroutines).ShouldNot(HaveLeaked(before), c.Name)
		g.Eventually(stock.Goroutines).ShouldNot(stock.HaveLeaked(before), c.Name)
		field.Clear()
	}
}

// What runs tests is told by its frames in three places; they must agree.
func TestTheMatcherAndLeakcheckKnowTheSameMachinery(t *testing.T) {
	before := Goroutines()
	t.Run("with a parallel test waiting", func(t *testing.T) {
		t.Run("parallel", func(t *testing.T) { t.Parallel() })
		settle(t, func() bool {
			m := HaveLeaked(before).(*HaveLeakedMatcher)
			if _, err := m.Match(Goroutines()); err != nil {
				t.Fatal(err)
			}
			report := leakcheck.Find(leakcheck.Within(0), leakcheck.Ignore(func(g leakcheck.Goroutine) bool { return slices.Contains(ids(before), g.ID) }))
			return len(m.leaked) == 0 && len(report.Goroutines) == 0
		})
	})
}

func TestAnArrayWillDoForASlice(t *testing.T) {
	actual := [2]Goroutine{Goroutines()[0], {ID: 1 << 40, TopFunction: "example.com/a"}}
	if leaked, err := HaveLeaked().Match(actual); !leaked || err != nil {
		t.Errorf("%v, %v", leaked, err)
	}
	if leaked, err := HaveLeaked("example.com/a").Match(actual); leaked || err != nil {
		t.Errorf("%v, %v", leaked, err)
	}
	for _, other := range []any{nil, Goroutines, []int{1}, 7} {
		if _, err := HaveLeaked().Match(other); err == nil {
			t.Errorf("%T is no error", other)
		}
	}
	if _, err := HaveLeaked(gomega.HaveLen(1)).Match(actual[:]); err == nil {
		t.Error("a matcher that cannot judge is no error")
	}
}

func TestUint64SliceIsASortInterface(t *testing.T) {
	s := Uint64Slice{2, 1}
	s.Swap(0, 1)
	if s.Len() != 2 || !s.Less(0, 1) || s.Less(1, 0) {
		t.Errorf("%v", s)
	}
}
