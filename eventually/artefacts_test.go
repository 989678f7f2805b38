package eventually

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/trace"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sleepless-go/sleepless/foundation/clock"
	"github.com/sleepless-go/sleepless/internal/artefact"
)

// named is a spy that knows its test's name, as *testing.T does.
type named struct {
	*spy
	name string
}

func (n named) Name() string { return n.name }

// left returns the directories below dir, sorted.
func left(t *testing.T, dir string) (paths []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		paths = append(paths, filepath.Join(dir, e.Name()))
	}
	return paths
}

// the returns the only element.
func the[T any](t *testing.T, all []T) T {
	t.Helper()
	if len(all) != 1 {
		t.Fatalf("%d elements, want 1: %v", len(all), all)
	}
	return all[0]
}

func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	for _, path := range left(t, dir) {
		names = append(names, filepath.Base(path))
	}
	return names
}

// readBack reads the JSON of the artefacts in dir.
func readBack(t *testing.T, dir string) (f artefact.Failure) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, artefact.JSONFile))
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestAFailedWaitLeavesItsArtefacts(t *testing.T) {
	dir := t.TempDir()
	var text string
	inBubble(t, func(t *testing.T) {
		text = failure(func(s *spy) {
			var size Var[int]
			rec := NewRecorder[moved](s, Named("cache"))
			Advance(time.Second) // the recorder is older than the wait
			rec.Emit(moved{Kind: "put", Key: "a"})
			time.AfterFunc(20*time.Millisecond, func() { size.Set(3); rec.Emit(moved{Kind: "put", Key: "b"}) })
			clock := &tap{pending: []string{"5m0s timer, armed by cache.go:118"}}
			Value(named{s, "TestEviction/when full"}, "2 entries are left", size.Load, func(n int) bool { return n == 2 }, On(rec, clock), Within(time.Minute), Artefacts(dir))
		})
	})
	path := the(t, left(t, dir))
	if want := "TestEviction-when-full.2-entries-are-left"; filepath.Base(path) != want {
		t.Errorf("name = %s, want %s", filepath.Base(path), want)
	}
	mustContain(t, text, "\n    artefacts:  "+path)
	got := slices.DeleteFunc(files(t, path), func(name string) bool { return name == artefact.FlightFile }) // depends on what ran before
	if want := []string{"goroutines.txt", "report.txt", "timeline.html", "timeline.json", "timers.txt"}; !slices.Equal(got, want) {
		t.Errorf("files = %v, want %v", got, want)
	}
	f := readBack(t, path)
	if f.Version != 1 || f.What != "2 entries are left" || f.Test != "TestEviction/when full" || f.Reason != "timeout" || !f.Virtual || f.Last != "3" ||
		f.Limit != int64(time.Minute) || f.Elapsed != int64(time.Minute) || f.Timers[0] != "5m0s timer, armed by cache.go:118" {
		t.Errorf("%+v", f)
	}
	lane := the(t, f.Lanes)
	if lane.Axis != 0 || lane.Total != 2 || lane.Moments[0].At != 0 || lane.Moments[1].At != int64(20*time.Millisecond) {
		t.Errorf("timeline = %+v; want its times to count from the beginning of the wait", lane)
	}
	if got := fmt.Sprint(f.Answers); got != "{2 [{0 0} {20000000 3}]}" {
		t.Errorf("answers = %v", got)
	}
	if got := fmt.Sprint(f.Checks); got != "{3 [{0 start false} {20000000 event false} {60000000000 limit false}]}" {
		t.Errorf("checks = %v", got)
	}
	if !slices.ContainsFunc(f.Goroutines, func(g artefact.Group) bool { return g.Waiting && strings.Contains(g.Stack, "Value") }) {
		t.Errorf("the goroutine that waited is not among %+v", f.Goroutines)
	}
	for file, part := range map[string]string{"goroutines.txt": "synctest bubble", "timers.txt": "5m0s timer, armed by", "report.txt": "did not happen within 1m0s (virtual)", "timeline.html": "<script id=\"data\""} {
		content, err := os.ReadFile(filepath.Join(path, file))
		if err != nil || !strings.Contains(string(content), part) {
			t.Errorf("%s lacks %q: %v\n%s", file, part, err, content)
		}
	}
}

func TestASuccessfulOrMisusedWaitLeavesNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "artefacts")
	inBubble(t, func(t *testing.T) {
		to := Artefacts(dir)
		var c Counter
		time.AfterFunc(time.Second, func() { c.Add(1) })
		Until(t, "it is counted", func() bool { return c.Load() == 1 }, On(&c), to)
		Never(t, "more is counted", func() bool { return c.Load() > 1 }, to)
		text := failure(func(s *spy) { Until(s, "x", nil, to) })
		mustContain(t, text, "misuse")
	})
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v; want no directory", err)
	}
}

func TestEveryKindOfFailureLeavesItsReason(t *testing.T) {
	for reason, fail := range map[string]func(s *spy, to Option){
		"timeout":  func(s *spy, to Option) { Until(s, "x", func() bool { return false }, to) },
		"happened": func(s *spy, to Option) { Never(s, "x", func() bool { return true }, to) },
		"fail-fast": func(s *spy, to Option) {
			Until(s, "x", func() bool { return false }, FailFast(func() error { return errors.New("dead") }), to)
		},
		"stopped": func(s *spy, to Option) {
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			Until(s, "x", func() bool { return false }, WithContext(ctx), to)
		},
	} {
		dir := t.TempDir()
		inBubble(t, func(t *testing.T) { failure(func(s *spy) { fail(s, Artefacts(dir)) }) })
		if f := readBack(t, the(t, left(t, dir))); f.Reason != reason || len(f.Goroutines) == 0 {
			t.Errorf("reason = %q with %d groups of goroutines, want %q and some", f.Reason, len(f.Goroutines), reason)
		}
	}
}

func TestWaitsThatFailAtOnceHaveADirectoryEach(t *testing.T) {
	const waits = 12
	dir := t.TempDir()
	inBubble(t, func(t *testing.T) {
		var all sync.WaitGroup
		for range waits {
			all.Go(func() {
				if _, err := Wait(context.Background(), "x", func() (bool, string, error) { return false, "", nil }, Artefacts(dir)); err == nil {
					t.Error("it did not fail")
				}
			})
		}
		all.Wait()
	})
	paths := left(t, dir)
	if len(paths) != waits {
		t.Errorf("%d directories, want %d: %v", len(paths), waits, paths)
	}
	for _, path := range paths {
		if f := readBack(t, path); f.What != "x" {
			t.Errorf("%s: %+v", path, f)
		}
	}
}

func TestALongHistoryIsBoundedAndSaysSo(t *testing.T) {
	dir := t.TempDir()
	inBubble(t, func(t *testing.T) {
		failure(func(s *spy) {
			rec := NewRecorder[string](s)
			for i := range maxMoments + 5 {
				rec.Emit(fmt.Sprint("event ", i))
			}
			rec.Emit(strings.Repeat("x", 3*maxMoment))
			Event(s, "x", rec, func(string) bool { return false }, Artefacts(dir))
		})
	})
	lane := the(t, readBack(t, the(t, left(t, dir))).Lanes)
	last := lane.Moments[len(lane.Moments)-1].Text
	if lane.Total != maxMoments+6 || len(lane.Moments) != maxMoments || lane.Moments[0].Text != `"event 6"` || !strings.HasSuffix(last, "(6002 bytes)") {
		t.Errorf("%d of %d moments from %s to %s", len(lane.Moments), lane.Total, lane.Moments[0].Text, last)
	}
}

func TestTailKeepsTheLatest(t *testing.T) {
	var l tail[int]
	for i := range 100 {
		l.add(i, 7)
		if len(l.kept) > 14 {
			t.Fatalf("%d kept", len(l.kept))
		}
	}
	if got := l.latest(7); !slices.Equal(got, []int{93, 94, 95, 96, 97, 98, 99}) || l.total != 100 {
		t.Errorf("%v of %d", got, l.total)
	}
}

func TestTimelinesShareAnAxisIfTheyShareAClock(t *testing.T) {
	one, other := stoppedClock(1), stoppedClock(2)
	axes, spots := align([]string{"a", "b", "c", "d", "e", "f"}, []opening{
		{true, nil, 3}, {true, one, 5}, {}, {true, one, 9}, {true, other, 1}, {true, nil, 50},
	}, 10)
	if want := []string{"since the wait began", "by the clock of b", "since c was opened", "by the clock of e"}; !slices.Equal(axes, want) {
		t.Errorf("axes = %q, want %q", axes, want)
	}
	if want := []spot{{0, 7}, {1, 4}, {2, 0}, {1, 0}, {3, 0}, {0, -40}}; !slices.Equal(spots, want) {
		t.Errorf("spots = %v, want %v", spots, want)
	}
}

// since is a source that was opened a while ago by some clock.
type since struct {
	Signal
	by  clock.Clock
	ago time.Duration
}

func (s *since) opened() (clock.Clock, time.Duration) { return s.by, s.ago }

type incomparable struct {
	clock.Clock
	_ []int
}

func TestASourceOfAClockThatCannotBeComparedHasItsOwnAxis(t *testing.T) {
	for name, c := range map[string]struct {
		s    Source
		want opening
	}{
		"the system's clock":             {&since{by: clock.System(), ago: 5}, opening{true, nil, 5}},
		"another clock":                  {&since{by: stoppedClock(1), ago: 5}, opening{true, stoppedClock(1), 5}},
		"a clock across a bubble's wall": {&since{by: clock.System(), ago: decade + 1}, opening{}},
		"a clock behind it":              {&since{by: clock.System(), ago: -1}, opening{}},
		"a clock with a slice in it":     {&since{by: incomparable{}, ago: 5}, opening{}},
		"no clock":                       {&since{}, opening{}},
		"a source that does not say":     {&tap{}, opening{}},
	} {
		if got := openingOf(c.s); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

type stoppedClock int

func (c stoppedClock) Now() time.Time                             { return time.Unix(int64(c), 0) }
func (stoppedClock) NewTimer(time.Duration) *clock.Timer          { return nil }
func (stoppedClock) NewTicker(time.Duration) *clock.Ticker        { return nil }
func (stoppedClock) AfterFunc(time.Duration, func()) *clock.Timer { return nil }

func TestWhatTheVariableMeans(t *testing.T) {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]request{
		"": {}, "0": {}, "off": {}, "False": {},
		"1": {asked: true}, "on": {asked: true}, "TRUE": {asked: true},
		"out": {asked: true, dir: filepath.Join(here, "out")},
		"/x":  {asked: true, dir: "/x"},
		"./1": {asked: true, dir: filepath.Join(here, "1")},
	} {
		if got := parseRequest(text); got != want {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
}

func TestOnFailureHasItsSayBeforeTheArtefactsAreWritten(t *testing.T) {
	dir := t.TempDir()
	inBubble(t, func(t *testing.T) {
		calls := 0
		say := OnFailure(func(r *Report) {
			calls++
			r.What, r.Message = "the framework's words", "Expected 2"
		})
		wait := func(done bool) (*Report, error) {
			return Wait(context.Background(), "x", func() (bool, string, error) { return done, "", nil }, say, OnFailure(nil), say, Artefacts(dir))
		}
		if _, err := wait(true); err != nil || calls != 0 {
			t.Errorf("err = %v after %d calls", err, calls)
		}
		report, err := wait(false)
		if calls != 1 {
			t.Errorf("%d calls, want 1", calls)
		}
		mustContain(t, err.Error(), "the framework's words")
		if f := readBack(t, report.Artefacts); f.What != "the framework's words" || f.Message != "Expected 2" {
			t.Errorf("%+v", f)
		}
	})
	if name := filepath.Base(the(t, left(t, dir))); name != "the-framework-s-words" {
		t.Errorf("name = %s", name)
	}
}

// ginkgoSpy is a spy that is known as Ginkgo's.
type ginkgoSpy struct {
	*spy
	entries []artefact.Entry
	asked   int
}

func (g *ginkgoSpy) AddReportEntryVisibilityNever(_ string, args ...any) {
	g.entries = append(g.entries, args[0].(artefact.Entry))
}

func (g *ginkgoSpy) ArtifactDir() string { g.asked++; return "" }

func TestAWaitWithGinkgosTAddsAReportEntry(t *testing.T) {
	dir := t.TempDir()
	inBubble(t, func(t *testing.T) {
		var g *ginkgoSpy
		text := failure(func(s *spy) {
			g = &ginkgoSpy{spy: s}
			Until(g, "x", func() bool { return false }, Artefacts(dir))
		})
		if e := the(t, g.entries); e.Directory != the(t, left(t, dir)) || e.Text != text {
			t.Errorf("entry = %+v; the failure was\n%s", e, text)
		}
	})
}

// A GinkgoT makes an ArtifactDir in the system's temporary directory, whatever
// -artifacts says, and never removes it.
func TestGinkgosArtifactDirIsNotAskedFor(t *testing.T) {
	g := &ginkgoSpy{}
	dir, err := artifactDir(g)
	if g.asked != 0 || err != nil || filepath.Base(dir) != "_artifacts" {
		t.Errorf("asked %d times; %s, %v", g.asked, dir, err)
	}
}

// artifactT has an ArtifactDir that does not return, as that of *testing.T when
// the directory cannot be made or in a fuzz target.
type artifactT struct {
	*spy
	dir func() string
}

func (a artifactT) ArtifactDir() string { return a.dir() }

func TestAnArtifactDirThatFailsTheTestDoesNotHideTheFailure(t *testing.T) {
	for want, dir := range map[string]func() string{
		"ArtifactDir failed; what it said": func() string { runtime.Goexit(); return "" },
		"inside the fuzz target":           func() string { panic("ArtifactDir was called inside the fuzz target") },
	} {
		if _, err := artifactDir(artifactT{&spy{}, dir}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("err = %v, want %q", err, want)
		}
	}
}

// rerun runs this test binary with one of its tests, which plays a role there,
// and returns its output.
func rerun(t *testing.T, role string, env []string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], append([]string{"-test.run=^" + t.Name() + "$"}, args...)...)
	cmd.Env = append(os.Environ(), append(env, roleVariable+"="+role)...)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		t.Fatalf("the test that was to fail did not: %v\n%s", err, out)
	}
	return string(out)
}

func playing(role string) bool { return os.Getenv(roleVariable) == role }

func isTrace(t *testing.T, path string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(path, artefact.FlightFile))
	if err != nil || !bytes.HasPrefix(content, []byte("go 1.")) || len(content) < 1000 {
		t.Errorf("no execution trace: %v, %d bytes", err, len(content))
	}
}

func TestTheVariableAsksForArtefactsWithAFlightRecordingInAndOutOfBubbles(t *testing.T) {
	if playing("variable") {
		t.Run("bubble", func(t *testing.T) {
			inBubble(t, func(t *testing.T) { Until(t, "x", func() bool { return false }) })
		})
		t.Run("plain", func(t *testing.T) { Until(t, "x", func() bool { return false }, AtOnce()) })
		t.Run("elsewhere", func(t *testing.T) { t.Chdir(os.TempDir()); Until(t, "x", func() bool { return false }, AtOnce()) })
		return
	}
	dir := t.TempDir()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	relative, err := filepath.Rel(here, dir)
	if err != nil {
		t.Fatal(err)
	}
	out := rerun(t, "variable", []string{ArtefactsVariable + "=" + relative})
	if strings.Contains(out, "no flight recording") {
		t.Error(out)
	}
	for _, test := range []string{"bubble", "plain", "elsewhere"} {
		path := filepath.Join(dir, t.Name()+"-"+test+".x")
		mustContain(t, out, "artefacts:  "+path+"\n")
		isTrace(t, path)
		if f := readBack(t, path); !slices.Contains(f.Files, f.Flight) {
			t.Errorf("%s is not among %v", f.Flight, f.Files)
		}
	}
	if paths := left(t, dir); len(paths) != 3 {
		t.Errorf("%v", paths)
	}
}

func TestUnderArtifactsTheyGoToTheArtifactDirOfTheTest(t *testing.T) {
	if playing("artifacts") {
		for i := range 3 {
			t.Run(fmt.Sprint("sub", i), func(t *testing.T) {
				t.Parallel()
				inBubble(t, func(t *testing.T) { Until(t, "x", func() bool { return false }) })
			})
		}
		_, err := Wait(t.Context(), "y", func() (bool, string, error) { return false, "", nil }, AtOnce(), Artefacts(filepath.Join(t.TempDir(), "elsewhere")))
		t.Error(err)
		return
	}
	dir := t.TempDir()
	out := rerun(t, "artifacts", []string{ArtefactsVariable + "=1"}, "-test.artifacts", "-test.outputdir="+dir, "-test.count=2")
	found := map[string]int{}
	err := filepath.WalkDir(filepath.Join(dir, "_artifacts"), func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.Name() == artefact.PageFile {
			found[strings.TrimSuffix(filepath.Base(filepath.Dir(path)), "-2")]++
			isTrace(t, filepath.Dir(path))
			if !strings.Contains(out, filepath.Dir(path)) && !strings.Contains(path, "/y") {
				t.Errorf("no failure names %s:\n%s", path, out)
			}
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	if want := map[string]int{t.Name() + "-sub0.x": 2, t.Name() + "-sub1.x": 2, t.Name() + "-sub2.x": 2, "y": 2}; !maps.Equal(found, want) {
		t.Errorf("found %v, want %v\n%s", found, want, out)
	}
}

func TestAVariableThatNamesNoDirectorySaysWhatToDo(t *testing.T) {
	if playing("nowhere") {
		Until(t, "x", func() bool { return false }, AtOnce())
		return
	}
	out := rerun(t, "nowhere", []string{ArtefactsVariable + "=1"})
	mustContain(t, out, `"x" has not happened`, "artefacts:  none: EVENTUALLY_ARTEFACTS asks for them but names no directory: name one, or run go test -artifacts")
}

func TestARecorderOfSomebodyElseIsNamed(t *testing.T) {
	if playing("second") {
		theirs := trace.NewFlightRecorder(trace.FlightRecorderConfig{})
		if err := theirs.Start(); err != nil {
			t.Fatal(err)
		}
		defer theirs.Stop()
		Until(t, "x", func() bool { return false }, AtOnce(), Artefacts(os.Getenv("DIR")))
		return
	}
	dir := t.TempDir()
	out := rerun(t, "second", []string{"DIR=" + dir, ArtefactsVariable + "="})
	path := the(t, left(t, dir))
	mustContain(t, out, "artefacts:  "+path+" (no flight recording: somebody else's runs in this process")
	if slices.Contains(files(t, path), artefact.FlightFile) {
		t.Error("there is a recording")
	}
}

func TestABubbleSaysWhyItHasNoFlightRecording(t *testing.T) {
	if playing("bubble") {
		inBubble(t, func(t *testing.T) { Until(t, "x", func() bool { return false }, Artefacts(os.Getenv("DIR"))) })
		return
	}
	dir := t.TempDir()
	out := rerun(t, "bubble", []string{"DIR=" + dir, ArtefactsVariable + "="})
	mustContain(t, out, the(t, left(t, dir))+" (no flight recording: in a bubble it cannot start; set EVENTUALLY_ARTEFACTS to have it from the start)")
}

func TestTheOptionStartsTheFlightRecorderOutsideBubbles(t *testing.T) {
	if playing("option") {
		Until(t, "the recorder runs", func() bool { return true }, Artefacts(os.Getenv("DIR")))
		inBubble(t, func(t *testing.T) { Until(t, "x", func() bool { return false }, Artefacts(os.Getenv("DIR"))) })
		return
	}
	dir := t.TempDir()
	rerun(t, "option", []string{"DIR=" + dir, ArtefactsVariable + "="})
	isTrace(t, the(t, left(t, dir)))
}
