package fssource

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fsnotify/fsnotify"
	"go.uber.org/goleak"

	"github.com/sleepless-go/sleepless/eventually"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var update = flag.Bool("update", false, "write the golden files")

// spy is a test whose failure and end are looked at.
type spy struct {
	text     string
	cleanups []func()
}

func (*spy) Helper()                          {}
func (s *spy) Errorf(format string, a ...any) { s.text += fmt.Sprintf(format, a...) }
func (*spy) FailNow()                         {}
func (s *spy) Cleanup(f func())               { s.cleanups = append(s.cleanups, f) }
func (s *spy) end() {
	for _, f := range slices.Backward(s.cleanups) {
		f()
	}
}

func mustContain(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing in:\n%s", part, text)
		}
	}
}

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func await(t *testing.T, s *Source, path string, ops ...Op) {
	t.Helper()
	eventually.Event(t, fmt.Sprintf("%v %s", ops, path), s.Recorder, Seen(path, ops...))
}

func TestEveryChangeInADirectoryIsRecorded(t *testing.T) {
	dir := t.TempDir()
	s := Watch(t, dir)
	name := filepath.Join(dir, "a.txt")
	write(t, name, "x")
	await(t, s, "a.txt", Created)
	await(t, s, "a.txt", Written)
	must(t, os.Chmod(name, 0o400))
	await(t, s, "a.txt", Attributes)
	must(t, os.Rename(name, filepath.Join(dir, "b.txt")))
	eventually.InOrder(t, "it is renamed", s.Recorder, []func(Event) bool{Seen("a.txt", Renamed), Seen("b.txt", Created)})
	must(t, os.Remove(filepath.Join(dir, "b.txt")))
	await(t, s, "b.txt", Removed)
}

func TestAFileThatIsRenamedIntoPlaceIsSeen(t *testing.T) {
	dir := t.TempDir()
	target := filepath.Join(dir, "config.json")
	write(t, target, "old") // also over one that is there
	s := Watch(t, target)
	write(t, filepath.Join(dir, "config.tmp"), "new")
	must(t, os.Rename(filepath.Join(dir, "config.tmp"), target))
	await(t, s, "config.json", Created)
	for _, e := range s.History() {
		if e.Path != "config.json" {
			t.Errorf("a watch of one file reports %v", e)
		}
	}
}

func TestAConditionOnAFileIsWokenByIt(t *testing.T) {
	name := filepath.Join(t.TempDir(), "state") // does not exist yet
	s := Watch(t, name)
	go os.WriteFile(name, []byte("ready"), 0o600)
	eventually.Until(t, "the state is ready", func() bool {
		b, _ := os.ReadFile(name)
		return string(b) == "ready"
	}, eventually.On(s))
}

func TestARecursiveWatchSeesDirectoriesThatAreMadeLater(t *testing.T) {
	dir := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(dir, "there", "deep"), 0o700))
	s := Watch(t, dir, Recursive())
	write(t, filepath.Join(dir, "there", "deep", "a"), "x")
	await(t, s, "there/deep/a", Created)
	must(t, os.MkdirAll(filepath.Join(dir, "new", "deep", "er"), 0o700))
	await(t, s, "new", Created)
	await(t, s, "new/deep/er", Created)
	write(t, filepath.Join(dir, "new", "deep", "er", "b"), "x")
	await(t, s, "new/deep/er/b", Created)
	must(t, os.RemoveAll(filepath.Join(dir, "new")))
	await(t, s, "new", Removed)
	must(t, s.Err())
}

// What is in a directory when it can first be watched has been made before.
func TestWhatADirectoryBringsAlongIsReported(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	must(t, os.MkdirAll(filepath.Join(outside, "d", "e"), 0o700))
	write(t, filepath.Join(outside, "d", "e", "a"), "x")
	s := Watch(t, dir, Recursive())
	must(t, os.Rename(filepath.Join(outside, "d"), filepath.Join(dir, "d")))
	await(t, s, "d", Created)
	await(t, s, "d/e/a", Created)
}

func TestADirectoryThatIsRenamedIsWatchedUnderItsNewName(t *testing.T) {
	dir := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(dir, "old", "deep"), 0o700))
	must(t, os.Mkdir(filepath.Join(dir, "older"), 0o700))
	s := Watch(t, dir, Recursive())
	must(t, os.Rename(filepath.Join(dir, "old"), filepath.Join(dir, "new")))
	await(t, s, "old", Renamed)
	await(t, s, "new/deep", Created)
	write(t, filepath.Join(dir, "new", "a"), "x")
	await(t, s, "new/a", Created)
	write(t, filepath.Join(dir, "new", "deep", "b"), "x")
	await(t, s, "new/deep/b", Created)
	write(t, filepath.Join(dir, "older", "c"), "x")
	await(t, s, "older/c", Created)
	must(t, s.Err())
}

func TestWithoutRecursiveDirectoriesBelowAreLeftAlone(t *testing.T) {
	dir := t.TempDir()
	s := Watch(t, dir)
	must(t, os.Mkdir(filepath.Join(dir, "sub"), 0o700))
	await(t, s, "sub", Created)
	write(t, filepath.Join(dir, "sub", "a"), "x")
	write(t, filepath.Join(dir, "last"), "x")
	await(t, s, "last", Created)
	if n := s.Count(Seen("sub/a")); n != 0 {
		t.Errorf("%d events of sub/a", n)
	}
}

var normal = regexp.MustCompile(`/\S*/Test\S*/00\d|\+\S+ +|within \S+`)

func TestAFailedWaitNamesTheDirectoryAndWhatHappenedThere(t *testing.T) {
	dir := t.TempDir()
	s := Watch(t, dir)
	write(t, filepath.Join(dir, "a.txt"), "")
	await(t, s, "a.txt", Created)
	var failed spy
	eventually.Event(&failed, "the report is there", s.Recorder, Seen("report.json", Created), eventually.AtOnce())
	got, _, _ := strings.Cut(failed.text, "\n    goroutines: ") // in whatever order the runtime lists them
	got = normal.ReplaceAllString(got, "~")
	if *update {
		write(t, "testdata/missing.txt", got+"\n")
	}
	want, err := os.ReadFile("testdata/missing.txt")
	must(t, err)
	if got+"\n" != string(want) {
		t.Errorf("the failure text differs from testdata/missing.txt (run with -update if it should):\n%s", got)
	}
}

// stub is a system that reports what a test wants.
type stub struct {
	*fsnotify.Watcher
	e     chan fsnotify.Event
	x     chan error
	added error
}

func (s *stub) events() <-chan fsnotify.Event { return s.e }
func (s *stub) errors() <-chan error          { return s.x }
func (s *stub) Close() error                  { close(s.e); close(s.x); return nil }
func (s *stub) Add(string) error              { return s.added }
func (s *stub) Remove(string) error           { return fsnotify.ErrNonExistentWatch }

func stubbed(t *testing.T, tb TB, path string, opts ...Option) (*Source, *stub) {
	t.Helper()
	st := &stub{e: make(chan fsnotify.Event), x: make(chan error)}
	s, err := watch(tb, path, func() (watcher, error) { return st, nil }, opts)
	must(t, err)
	return s, st
}

func TestAnOverflowIsRecordedNamedAndFailsTheTest(t *testing.T) {
	var owner spy
	s, st := stubbed(t, &owner, t.TempDir())
	st.x <- fsnotify.ErrEventOverflow
	eventually.Event(t, "the overflow", s.Recorder, func(e Event) bool { return e.Op == Overflow && e.Path == "" })
	if !errors.Is(s.Err(), ErrOverflow) {
		t.Errorf("Err = %v", s.Err())
	}
	var failed spy
	eventually.Event(&failed, "a file", s.Recorder, Seen("a", Created), eventually.FailFast(s.Err), eventually.On(s))
	mustContain(t, failed.text, "cannot happen any more", "queue overflowed and events were lost", "raise fs.inotify.max_queued_events", "+", "overflow")
	owner.end()
	mustContain(t, owner.text, "fsnotify of dir ", "events were lost")
}

func TestAnotherErrorOfTheSystemWakesWaitsAndFailsTheTest(t *testing.T) {
	var owner spy
	s, st := stubbed(t, &owner, t.TempDir())
	disk := errors.New("the disk is on fire")
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		st.x <- disk
		st.x <- errors.New("a second one")
	}()
	eventually.Until(t, "it is reported", func() bool { return errors.Is(s.Err(), disk) }, eventually.On(s))
	<-sent
	owner.end()
	mustContain(t, owner.text, "the disk is on fire")
	mustContain(t, s.String(), "fsnotify of dir ", "(the disk is on fire)")
}

func TestANewDirectoryThatCannotBeWatchedIsReported(t *testing.T) {
	var owner spy
	dir := t.TempDir()
	s, st := stubbed(t, &owner, dir, Recursive())
	st.added = errors.New("no space left on device")
	must(t, os.Mkdir(filepath.Join(dir, "sub"), 0o700))
	st.e <- fsnotify.Event{Name: filepath.Join(dir, "sub"), Op: fsnotify.Create}
	await(t, s, "sub", Created)
	st.added = os.ErrNotExist // gone again before it could be watched: no error
	st.e <- fsnotify.Event{Name: filepath.Join(dir, "sub"), Op: fsnotify.Create}
	await(t, s, "sub", Created)
	st.e <- fsnotify.Event{Name: filepath.Join(dir, "gone"), Op: fsnotify.Create | fsnotify.Write}
	eventually.InOrder(t, "both parts of one event", s.Recorder, []func(Event) bool{Seen("gone", Created), Seen("gone", Written)})
	owner.end()
	mustContain(t, owner.text, "/sub cannot be watched: no space left on device")
}

func TestWhatCannotBeWatchedFailsTheTestAndSaysWhatToDo(t *testing.T) {
	missing := errors.New("function not implemented")
	_, err := watch(t, t.TempDir(), func() (watcher, error) { return nil, missing }, nil)
	if !errors.Is(err, missing) {
		t.Fatalf("err = %v", err)
	}
	mustContain(t, err.Error(), "this system notifies of no file", "eventually.File, which polls")

	var failed spy
	Watch(&failed, filepath.Join(t.TempDir(), "nowhere", "a"))
	mustContain(t, failed.text, "fssource: cannot watch ", "nowhere/a", "the directory must exist", "fs.inotify.max_user_watches")
	failed.text = ""
	write(t, filepath.Join(t.TempDir(), "file"), "")
	Watch(&failed, "a\x00b")
	mustContain(t, failed.text, "invalid argument")
	failed.text = ""
	Watch(&failed, "")
	mustContain(t, failed.text, "the path is empty")
}

func TestANilOptionIsPassedOver(t *testing.T) {
	dir := t.TempDir()
	s := Watch(t, dir, nil)
	write(t, filepath.Join(dir, "a"), "")
	await(t, s, "a", Created)
}

func TestABubbleIsRefused(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		var failed spy
		Watch(&failed, dir)
		mustContain(t, failed.text, "this is a synctest bubble", "call Watch outside")
	})
}

// goleak sees what is left of this.
func TestTheWatchEndsWithItsTest(t *testing.T) {
	var owner spy
	dir := t.TempDir()
	s := Watch(&owner, dir)
	owner.end()
	if owner.text != "" {
		t.Errorf("the test failed: %s", owner.text)
	}
	select {
	case <-s.ended:
	default:
		t.Error("the goroutine of the watch still runs")
	}
	write(t, filepath.Join(dir, "late"), "")
	if s.Len() != 0 {
		t.Errorf("recorded after the end: %v", s.History())
	}
}

func TestTextsOfEvents(t *testing.T) {
	for e, want := range map[Event]string{{Created, "a"}: "created a", {Overflow, ""}: "overflow", {Op(99), "x"}: "unknown x", {Attributes, "."}: "attributes ."} {
		if e.String() != want {
			t.Errorf("%q, want %q", e, want)
		}
	}
	if !Seen("a")(Event{Removed, "a"}) || Seen("a")(Event{Removed, "b"}) || Seen("a", Created, Written)(Event{Removed, "a"}) {
		t.Error("Seen selects the wrong events")
	}
}

func BenchmarkWakeUpByAFile(b *testing.B) {
	name := filepath.Join(b.TempDir(), "state")
	s := Watch(b, name)
	b.ReportAllocs()
	for b.Loop() {
		mark := s.Mark()
		if err := os.WriteFile(name, []byte(time.Now().String()), 0o600); err != nil {
			b.Fatal(err)
		}
		eventually.Event(b, "it is written", s.Recorder, Seen("state", Written), eventually.After(mark))
	}
}
