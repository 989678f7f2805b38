package goleak

import (
	"maps"
	"regexp"
	"strconv"
	"testing"

	uber "go.uber.org/goleak"

	"github.com/sleepless-go/sleepless/internal/leakcorpus"
	"github.com/sleepless-go/sleepless/leakcheck"
)

var inGoleaksText = regexp.MustCompile(`Goroutine (\d+) in state `)

// namedByGoleak returns the goroutines that an error of goleak's is about.
func namedByGoleak(err error) (ids []uint64) {
	if err == nil {
		return nil
	}
	for _, match := range inGoleaksText.FindAllStringSubmatch(err.Error(), -1) {
		id, err := strconv.ParseUint(match[1], 10, 64)
		if err != nil {
			panic(err)
		}
		ids = append(ids, id)
	}
	return ids
}

func namedByUs(r *leakcheck.Report) (ids []uint64) {
	for _, g := range r.Goroutines {
		ids = append(ids, g.ID)
	}
	return ids
}

// truth counts the goroutines that each leak leaves.
func truth() map[string]int {
	all := map[string]int{}
	for _, c := range leakcorpus.Leaks() {
		all[c.Name] = c.Leaks
	}
	return all
}

func TestEveryLeakOfTheCorpusIsFoundByBothAndNothingElse(t *testing.T) {
	ours, theirs := IgnoreCurrent(), uber.IgnoreCurrent()
	field := leakcorpus.Sow(leakcorpus.Leaks()...)
	defer field.Clear()

	want := truth()
	if got := field.Named(namedByUs(look(settle([]Option{ours})))); !maps.Equal(got, want) {
		t.Errorf("the shim finds\n%v\nand the truth is\n%v", got, want)
	}
	if got := field.Named(namedByGoleak(uber.Find(theirs))); !maps.Equal(got, want) {
		t.Errorf("goleak finds\n%v\nand the truth is\n%v", got, want)
	}
}

func TestNoInnocentOfTheCorpusIsALeakForEither(t *testing.T) {
	ours, theirs := IgnoreCurrent(), uber.IgnoreCurrent()
	for _, c := range leakcorpus.Innocents() {
		t.Run(c.Name, func(t *testing.T) {
			field := leakcorpus.Sow(c)
			defer field.Clear()
			if err := Find(ours); err != nil {
				t.Errorf("the shim: %v", err)
			}
			if err := uber.Find(theirs); err != nil {
				t.Errorf("goleak: %v", err)
			}
		})
	}
}
