package leakcheck

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// outcome is what the two checkers say of one specimen.
type outcome struct{ Ours, Goleak bool }

// marker comes before the outcomes: some specimens write too.
const marker = "outcomes: "

// playCorpus sets all specimens free and has both checkers look, first after the
// innocents and then after the leaks.
func playCorpus(*testing.M) int {
	ignore, base := goleak.IgnoreCurrent(), TakeBaseline()
	for _, name := range slices.Sorted(maps.Keys(corpusInnocents)) {
		corpusInnocents[name]()
	}
	report, err := Find(Since(base)), goleak.Find(ignore)
	if report.Leaked() || err != nil {
		fmt.Println(report, err)
	}
	found := map[string]outcome{"all innocents": {report.Leaked(), err != nil}}
	of := map[string][]Goroutine{}
	for _, name := range slices.Sorted(maps.Keys(corpusLeaks)) {
		before := TakeBaseline()
		corpusLeaks[name]()
		of[name] = before.Since()
	}
	report, err = Find(Since(base), Within(20*time.Millisecond)), goleak.Find(ignore)
	for name, all := range of {
		var o outcome
		for _, g := range all {
			o.Ours = o.Ours || slices.ContainsFunc(report.Goroutines, func(r Goroutine) bool { return r.ID == g.ID })
			o.Goleak = o.Goleak || err != nil && strings.Contains(err.Error(), fmt.Sprintf("Goroutine %d in state", g.ID))
		}
		found[name] = o
	}
	fmt.Print(marker)
	if err := json.NewEncoder(os.Stdout).Encode(found); err != nil {
		return 1
	}
	return 0
}

func TestItAgreesWithGoleakOnACorpusOfLeaksAndInnocents(t *testing.T) {
	if len(corpusLeaks) < 30 || len(corpusInnocents) < 30 {
		t.Errorf("%d leaks and %d innocents", len(corpusLeaks), len(corpusInnocents))
	}
	all, code := play(t, "corpus")
	var found map[string]outcome
	before, text, _ := strings.Cut(all, marker)
	if err := json.Unmarshal([]byte(text), &found); err != nil || code != 0 {
		t.Fatalf("exit code %d, %v:\n%s", code, err, all)
	}
	if got := found["all innocents"]; got != (outcome{}) {
		t.Errorf("innocents: %+v\n%s", got, before)
	}
	for name := range corpusLeaks {
		if want := (outcome{Ours: true, Goleak: true}); found[name] != want {
			t.Errorf("%s: %+v, want %+v", name, found[name], want)
		}
	}
}

// goleak panics over a stack of more than a hundred frames, of which the runtime
// writes "...103 frames elided...".
func TestADeepStackIsReportedWhereGoleakPanics(t *testing.T) {
	release, begun := make(chan struct{}), make(chan struct{})
	var ended sync.WaitGroup
	defer ended.Wait()
	defer close(release)
	s := &spy{name: "TestX"}
	Check(s, Within(0))
	ended.Go(func() { deep(200, func() { close(begun); <-release }) })
	<-begun
	mustContain(t, s.finish(), "TestX leaked 1 goroutine")
}

// goleak reports the goroutine of a profile that is being written.
func TestACPUProfileIsNoLeak(t *testing.T) {
	base := TakeBaseline()
	if err := pprof.StartCPUProfile(io.Discard); err != nil {
		t.Log(err) // go test -cpuprofile has started one, which serves as well
	} else {
		defer pprof.StopCPUProfile()
	}
	if r := Find(Since(base), Within(0)); r.Leaked() {
		t.Error(r)
	}
}

// As an arbiter goleak has the last word, also where it knows less.
func TestGoleakCanBeTheArbiter(t *testing.T) {
	place := garden(t)
	ignore := goleak.IgnoreCurrent()
	s := &spy{name: "TestX"}
	linger := goleak.IgnoreAnyFunction("github.com/sleepless-go/sleepless/leakcheck.(*planted).linger")
	Check(s, Within(0), Arbiter("goleak", func() error { return goleak.Find(ignore, linger) }))
	place.leak()
	if text := s.finish(); text != "" {
		t.Errorf("goleak was told to ignore it:\n%s", text)
	}
	s = &spy{name: "TestX"}
	Check(s, Within(0), Arbiter("goleak", func() error { return goleak.Find(ignore) }))
	place.leak()
	mustContain(t, s.finish(), "TestX leaked 1 goroutine", "goleak: found unexpected goroutines")
}
