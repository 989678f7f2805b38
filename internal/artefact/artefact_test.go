package artefact

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/sleepless-go/sleepless/internal/stacks"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

// sample is a failure with every field filled.
func sample() *Failure {
	return &Failure{
		Version: Version, What: "a is evicted", Test: "TestEviction", Reason: "timeout",
		Headline: `eventually: "a is evicted" did not happen within 5s`, Message: "Expected\n    <int>: 3\nto equal\n    <int>: 2",
		Awaited: "cache.evicted", Hint: "advance the clock", Text: "the report", Limit: 5e9, Hold: 1e9, Elapsed: 5e9, Virtual: true,
		Wakes: []Wake{{"start", 1}, {"event", 2}}, Last: "3",
		Answers: Record{2, []Moment{{0, "1"}, {20e6, "3"}}}, Checks: Checks{3, []Check{{0, "start", false}, {20e6, "event", true}}},
		Axes: []Axis{{"since the wait began"}}, Lanes: []Lane{{"cache", 0, Record{12, []Moment{{20e6, "put key=a"}}}}},
		Near: []Near{{"put key=a", []string{`Kind: "put" is not "evict"`}}}, Sources: []string{"cache"},
		AskedForTimers: true, Timers: []string{"timer in 5m0s"}, HeldUp: []string{"bus: 1"},
		Goroutines: []Group{{2, []uint64{7, 9}, "select", 3, 2, true, true, "cache.janitor cache.go:118", "goroutine 7 [select]:"}},
		Flight:     FlightFile,
		Process:    Process{"go1.26", "linux/amd64", 2, 2, 17, "cache.test", "/src/cache"},
	}
}

func TestTheShapeOfTheJSONIsThatOfItsVersion(t *testing.T) {
	path, err := Write(t.TempDir(), "x", sample(), "", []byte("go 1.26 trace"))
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(path, JSONFile))
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := json.Unmarshal(content, &value); err != nil {
		t.Fatal(err)
	}
	got, err := json.MarshalIndent(value, "", "  ") // with the names in order
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("testdata", "version-1.json")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, append(got, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got)+"\n" != string(want) {
		t.Errorf("the shape has changed; if names only came along run go test -update, else raise Version too\ngot:\n%s", got)
	}
}

// In a page every < of a test's texts must be an escape: what is between the
// tags of the data could otherwise end them.
func TestNoTextCanBecomePartOfThePagesCode(t *testing.T) {
	const evil = `</script><script>alert(1)</script><!-- <script> "'` + "\u2028` ${x} {{.JS}}"
	f := sample()
	f.What, f.Test, f.Message, f.Text, f.Last, f.Hint = evil, evil, evil, evil, evil, evil
	f.Lanes[0].Source, f.Lanes[0].Moments[0].Text, f.Goroutines[0].Stack = evil, evil, evil
	html, err := Page(f)
	if err != nil {
		t.Fatal(err)
	}
	clean, err := Page(sample())
	if err != nil {
		t.Fatal(err)
	}
	for _, tag := range []string{"<script", "</script", "<!--", "alert(1)</"} {
		if got, want := strings.Count(string(html), tag), strings.Count(string(clean), tag); got != want {
			t.Errorf("%q occurs %d times, and %d times without the texts that hold it", tag, got, want)
		}
	}
	var back Failure
	_, data, _ := strings.Cut(string(html), `<script id="data" type="application/json">`)
	data, _, _ = strings.Cut(data, "</script>")
	if err := json.Unmarshal([]byte(data), &back); err != nil || back.What != evil {
		t.Errorf("the data of the page have changed: %v, %q", err, back.What)
	}
}

func TestAPageNeedsNothingElse(t *testing.T) {
	html, err := Page(sample())
	if err != nil {
		t.Fatal(err)
	}
	for _, reference := range []string{"src=", "href=", "url(", "@import", "fetch(", "import("} {
		if strings.Contains(string(html), reference) {
			t.Errorf("the page contains %q", reference)
		}
	}
	if !strings.Contains(string(html), `<noscript><pre class="plain">the report</pre></noscript>`) {
		t.Error("without a script the page does not show the report")
	}
}

func TestNamesThatAreTakenGetANumber(t *testing.T) {
	dir := t.TempDir()
	const writers = 16
	paths := make([]string, writers)
	var all sync.WaitGroup
	for i := range writers {
		all.Go(func() {
			path, err := Write(dir, "a b", sample(), "", nil)
			if err != nil {
				t.Error(err)
			}
			paths[i] = path
		})
	}
	all.Wait()
	seen := map[string]bool{}
	for _, path := range paths {
		seen[filepath.Base(path)] = true
	}
	if len(seen) != writers || !seen["a-b"] || !seen["a-b-16"] {
		t.Errorf("%v", seen)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != writers {
		t.Errorf("%d entries, want %d and nothing unfinished: %v %v", len(entries), writers, entries, err)
	}
}

func TestAFileWithTheNameIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "x"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	path, err := Write(dir, "x", sample(), "", nil)
	if err != nil || filepath.Base(path) != "x-2" {
		t.Errorf("%s, %v", path, err)
	}
	if content, err := os.ReadFile(filepath.Join(dir, "x")); string(content) != "mine" {
		t.Errorf("%q, %v", content, err)
	}
}

func TestNothingHalfWrittenStays(t *testing.T) {
	dir := t.TempDir()
	half := filepath.Join(dir, ".unfinished-1")
	if _, err := settle(half, filepath.Join(dir, "x")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("err = %v; want that there is nothing to rename", err)
	}
	blocked := filepath.Join(dir, "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{blocked, filepath.Join(blocked, "below")} {
		if path, err := Write(bad, "x", sample(), "", nil); err == nil || path != "" {
			t.Errorf("written to %q", path)
		}
	}
	if err := fill(half, sample(), "", nil); err == nil {
		t.Error("files were written into a directory that is not there")
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("%v, %v", entries, err)
	}
}

func TestTimersAreWrittenIfAskedFor(t *testing.T) {
	for text, edit := range map[string]func(*Failure){
		"":                    func(f *Failure) { f.AskedForTimers = false },
		"timer in 5m0s\n":     func(*Failure) {},
		"no timer is armed\n": func(f *Failure) { f.Timers = nil },
	} {
		f := sample()
		edit(f)
		path, err := Write(t.TempDir(), "x", f, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(filepath.Join(path, TimersFile))
		if string(content) != text || (err != nil) != (text == "") {
			t.Errorf("%q, %v; want %q", content, err, text)
		}
	}
}

func TestName(t *testing.T) {
	for text, want := range map[string]string{
		"TestX/sub test#01.a is evicted": "TestX-sub-test-01.a-is-evicted",
		"":                               "wait", "///": "wait", "..": "wait", "../../etc/passwd": "etc-passwd", ".hidden": "hidden", `C:\x`: "C-x",
		"größer als 5 µs": "größer-als-5-µs", "a\xffb": "a-b", "a \n\t b": "a-b", "日本": "日本", "a_b-c": "a_b-c",
		strings.Repeat("é", 200): strings.Repeat("é", 60),
	} {
		if got := Name(text); got != want {
			t.Errorf("Name(%q) = %q, want %q", text, got, want)
		}
	}
}

func FuzzName(f *testing.F) {
	f.Add("TestX/sub.what is awaited")
	f.Fuzz(func(t *testing.T, text string) {
		name := Name(text)
		if len(name) == 0 || len(name) > maxName || filepath.Base(name) != name || !filepath.IsLocal(name) || name[0] == '.' || Name(name) != name {
			t.Errorf("Name(%q) = %q", text, name)
		}
	})
}

func TestGoroutinesOfOneStackAreOneGroup(t *testing.T) {
	worker := func(id uint64, bubble uint64) stacks.Goroutine {
		return stacks.Goroutine{ID: id, State: "select", Bubble: bubble, Frames: []stacks.Frame{{Function: "runtime.gopark", File: "/go/proc.go", Line: 1}, {Function: "a.b/cache.janitor", File: "/src/cache.go", Line: 9}}, Text: "stack"}
	}
	idle := stacks.Goroutine{ID: 2, State: "idle", Text: "no frames"}
	groups := GroupGoroutines([]stacks.Goroutine{worker(1, 5), idle, worker(3, 5), worker(4, 6), worker(7, 5)}, func(g stacks.Goroutine) (stacks.Frame, bool) {
		if len(g.Frames) == 0 {
			return stacks.Frame{}, false
		}
		return g.Frames[1], true
	})
	if len(groups) != 4 {
		t.Fatalf("%+v", groups)
	}
	able, waiting, other := groups[0], groups[1], groups[3]
	if !able.Able || able.Count != 2 || able.IDs[0] != 3 || able.IDs[1] != 7 || able.Top != "cache.janitor cache.go:9" {
		t.Errorf("first those that could have acted: %+v", able)
	}
	if !waiting.Waiting || waiting.Able || waiting.Count != 1 {
		t.Errorf("then the one that waited: %+v", waiting)
	}
	if groups[2].Top != "no frame" || other.Able || other.Bubble != 6 {
		t.Errorf("then the others: %+v", groups[2:])
	}
}

// flight is shared by the tests: a process can run only one.
var flight = NewFlight()

func TestSnapshotsTakeTurnsInAndOutOfBubbles(t *testing.T) {
	if _, err := NewFlight().Snapshot(); !errors.Is(err, ErrNotStarted) {
		t.Errorf("err = %v before the start", err)
	}
	flight.Start()
	flight.Start()
	second := NewFlight()
	second.Start()
	if _, err := second.Snapshot(); err == nil || !strings.Contains(err.Error(), "somebody else's runs") {
		t.Errorf("err = %v of a second recorder", err)
	}
	shoot := func() {
		if b, err := flight.Snapshot(); err != nil || !strings.HasPrefix(string(b), "go 1.") {
			t.Errorf("%d bytes, %v", len(b), err)
		}
	}
	var all sync.WaitGroup
	for range 3 {
		all.Go(shoot)
	}
	synctest.Test(t, func(t *testing.T) {
		var inside sync.WaitGroup
		for range 3 {
			inside.Go(shoot)
		}
		inside.Wait()
	})
	all.Wait()
}

func TestAnEntryReadsAsTextWithTheDirectoryFirst(t *testing.T) {
	if got := (Entry{"/out/x", "it failed"}).String(); got != "artefacts: /out/x\nit failed" {
		t.Errorf("%q", got)
	}
}

func TestThisProcess(t *testing.T) {
	p := ThisProcess()
	if p.PID != os.Getpid() || p.Program != "artefact.test" || !strings.HasPrefix(p.Go, "go1.") || filepath.Base(p.Dir) != "artefact" || p.CPUs < 1 || p.Procs < 1 {
		t.Errorf("%+v", p)
	}
}

// BenchmarkPage renders a page with 10,000 moments.
func BenchmarkPage(b *testing.B) {
	f := sample()
	f.Lanes[0].Moments = nil
	for i := range 10_000 {
		f.Lanes[0].Moments = append(f.Lanes[0].Moments, Moment{int64(i), "put key=a reason=<none>"})
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Page(f); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkWrite writes a failure's directory.
func BenchmarkWrite(b *testing.B) {
	dir := b.TempDir()
	b.ReportAllocs()
	for b.Loop() {
		path, err := Write(dir, "x", sample(), "", nil)
		if err != nil {
			b.Fatal(err)
		}
		if err := os.RemoveAll(path); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSnapshot takes the recording of the last seconds.
func BenchmarkSnapshot(b *testing.B) {
	flight.Start()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := flight.Snapshot(); err != nil {
			b.Fatal(err)
		}
	}
}
