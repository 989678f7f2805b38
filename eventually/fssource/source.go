package fssource

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/fsnotify/fsnotify"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/internal/bubble"
)

// ErrOverflow says that the system lost events.
var ErrOverflow = errors.New("fssource: the system's queue overflowed and events were lost: watch fewer directories, or raise fs.inotify.max_queued_events")

// TB is a test that a Source can belong to: *testing.T, *testing.B and GinkgoT()
// are.
type TB interface {
	eventually.TB
	Cleanup(func())
}

// Option changes a [Watch].
type Option interface{ apply(*config) }

type config struct{ recursive bool }

type option func(*config)

func (o option) apply(c *config) { o(c) }

// Recursive includes all directories below the one that is watched, also those
// that are made later. For a file it has no effect.
func Recursive() Option { return option(func(c *config) { c.recursive = true }) }

// Source records what happens to the files of a directory, or to one file. As an
// eventually.Source it wakes waits after each event; Event, InOrder and the like
// take its Recorder.
//
// It owns one goroutine beside those of fsnotify; all end with the test. All
// methods may be called from any goroutine.
type Source struct {
	*eventually.Recorder[Event]
	t       TB
	watcher watcher
	root    string // the directory whose entries are reported
	only    string // the one name in root that is reported, or ""
	config  config
	ended   chan struct{}

	dirs map[string]bool // watched ones below root; of Watch at first, then of run

	mu  sync.Mutex
	err error // the first that the system reported
}

// watcher is the part of *fsnotify.Watcher that is used.
type watcher interface {
	Add(name string) error
	Remove(name string) error
	Close() error
	events() <-chan fsnotify.Event
	errors() <-chan error
}

type system struct{ *fsnotify.Watcher }

func (s system) events() <-chan fsnotify.Event { return s.Watcher.Events }
func (s system) errors() <-chan error          { return s.Watcher.Errors }

func newSystem() (watcher, error) {
	w, err := fsnotify.NewWatcher()
	return system{w}, err
}

// Watch records what happens at path until t ends: in the directory of that name,
// or to the file, whose directory must exist. It fails t if the system cannot
// watch it.
func Watch(t TB, path string, opts ...Option) *Source {
	t.Helper()
	s, err := watch(t, path, newSystem, opts)
	if err != nil {
		t.Errorf("fssource: cannot watch %s: %v", path, err)
		t.FailNow()
	}
	return s
}

func watch(t TB, path string, start func() (watcher, error), opts []Option) (*Source, error) {
	if bubble.Inside() {
		return nil, errors.New("this is a synctest bubble, whose time cannot pass while a goroutine waits for the system: call Watch outside, or wait for the file with eventually.File, which polls")
	}
	s := &Source{t: t, ended: make(chan struct{}), dirs: map[string]bool{}}
	if path == "" {
		return nil, errors.New("the path is empty; name a file or a directory")
	}
	for _, o := range opts {
		if o != nil {
			o.apply(&s.config)
		}
	}
	what := "dir"
	s.root = filepath.Clean(path)
	if info, err := os.Stat(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	} else if err != nil || !info.IsDir() {
		what = "file"
		s.root, s.only = filepath.Split(s.root)
		s.root = filepath.Clean(s.root)
		s.config.recursive = false
	}
	var err error
	if s.watcher, err = start(); err != nil {
		return nil, fmt.Errorf("this system notifies of no file: %w; raise fs.inotify.max_user_instances if that is the limit, or wait with eventually.File, which polls", err)
	}
	if err := s.add(s.root, false); err != nil {
		s.watcher.Close()
		return nil, fmt.Errorf("%w; the directory must exist and be readable; raise fs.inotify.max_user_watches if that is the limit, or wait with eventually.File, which polls", err)
	}
	s.Recorder = eventually.NewRecorder[Event](t, eventually.Named(fmt.Sprintf("fsnotify of %s %s", what, filepath.Clean(path)))).DescribeWith(Event.String)
	go s.run()
	t.Cleanup(s.close)
	return s, nil
}

// String names the source in reports.
func (s *Source) String() string {
	if err := s.Err(); err != nil {
		return s.Recorder.String() + " (" + err.Error() + ")"
	}
	return s.Recorder.String()
}

// Err returns the first error that the system reported, such as [ErrOverflow].
// It is made for eventually.FailFast: a wait for an event that was lost cannot
// succeed.
func (s *Source) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// close ends the watch with its test, and fails that for events that were lost.
func (s *Source) close() {
	s.watcher.Close()
	<-s.ended
	if err := s.Err(); err != nil {
		s.t.Helper()
		s.t.Errorf("%s: %v", s.Recorder, err)
	}
}

func (s *Source) run() {
	defer close(s.ended)
	events, errs := s.watcher.events(), s.watcher.errors()
	for events != nil || errs != nil {
		select {
		case e, ok := <-events:
			if !ok {
				events = nil
				continue
			}
			s.take(e)
		case err, ok := <-errs:
			if !ok {
				errs = nil
				continue
			}
			s.fault(err)
		}
	}
}

func (s *Source) fault(err error) {
	if errors.Is(err, fsnotify.ErrEventOverflow) {
		err = ErrOverflow
	}
	s.mu.Lock()
	if s.err == nil {
		s.err = err
	}
	s.mu.Unlock()
	if errors.Is(err, ErrOverflow) {
		s.Emit(Event{Op: Overflow})
		return
	}
	s.Broadcast()
}

// take records an event of the system. A directory that appears is watched
// before its appearance is announced: who waits for it may rely on that. One that
// disappears is forgotten before the next event is taken, which may be its
// appearance under another name.
func (s *Source) take(e fsnotify.Event) {
	ops := operations(e.Op)
	var found []string
	if e.Op.Has(fsnotify.Rename) || e.Op.Has(fsnotify.Remove) {
		s.forget(e.Name)
	}
	if s.config.recursive && e.Op.Has(fsnotify.Create) {
		found = s.adopt(e.Name)
	}
	for _, op := range ops {
		s.report(op, e.Name)
	}
	for _, name := range found {
		s.report(Created, name)
	}
}

func (s *Source) report(op Op, name string) {
	rel, err := filepath.Rel(s.root, name)
	if err != nil {
		rel = name
	}
	if rel = filepath.ToSlash(rel); s.only == "" || rel == s.only {
		s.Emit(Event{op, rel})
	}
}

// forget ends the watch of what may be a directory, and of those below it. The
// system watches directories and not names: after a renaming it would tell of
// them by their old names, and fsnotify would take the watch on the new name for
// that on the old and end it.
func (s *Source) forget(name string) {
	below := name + string(filepath.Separator)
	for dir := range s.dirs {
		if dir == name || strings.HasPrefix(dir, below) {
			s.watcher.Remove(dir) // fails for one that is removed, whose watch has ended
			delete(s.dirs, dir)
		}
	}
}

// adopt watches what may be a new directory, and returns what is in it already.
func (s *Source) adopt(name string) (found []string) {
	info, err := os.Lstat(name)
	if err != nil || !info.IsDir() {
		return nil // a file, or gone again
	}
	if err := s.add(name, true); err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.fault(fmt.Errorf("fssource: the new directory %s cannot be watched: %w", name, err))
	}
	filepath.WalkDir(name, func(path string, _ fs.DirEntry, err error) error {
		if err == nil && path != name {
			found = append(found, path)
		}
		return nil // what disappears meanwhile is reported by its removal
	})
	return found
}

// add watches a directory, and those below it if the watch is recursive. What
// has vanished since it was found is no error below the root.
func (s *Source) add(dir string, below bool) error {
	if err := s.watcher.Add(dir); err != nil {
		if below && errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	if !s.config.recursive {
		return nil
	}
	if below {
		s.dirs[dir] = true
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		if below && errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	for _, e := range entries {
		if e.IsDir() {
			if err := s.add(filepath.Join(dir, e.Name()), true); err != nil {
				return err
			}
		}
	}
	return nil
}
