package eventually

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

var update = flag.Bool("update", false, "rewrite the golden failure texts in testdata")

// roleVariable makes the test binary play a program under test.
const roleVariable = "EVENTUALLY_TEST_ROLE"

func TestMain(m *testing.M) {
	role, playing := map[string]func() int{
		"greet": func() int {
			fmt.Println("starting")
			fmt.Fprintln(os.Stderr, "warning: cold")
			fmt.Print("bye")
			return 3
		},
		"serve": func() int {
			fmt.Println("listening")
			io.Copy(io.Discard, os.Stdin) // until the other end is closed or this is killed
			return 0
		},
		"stuck": playStuck,
		"scale": func() int {
			r, err := Wait(context.Background(), "scaled", func() (bool, string, error) { return true, "", nil }, Within(10*time.Second))
			fmt.Println(r.Limit, NewBudget(time.Hour).total, err)
			return 0
		},
	}[os.Getenv(roleVariable)]
	if playing {
		os.Exit(role())
	}
	if os.Getenv(roleVariable) == "" {
		requested = request{} // what the environment asks for is not meant for failures that are tests
	}
	os.Setenv("GORACE", "atexit_sleep_ms=0") // the race detector makes children linger for a second
	os.Exit(m.Run())
}

// playStuck waits with a condition that blocks until a line comes in.
func playStuck() int {
	in := bufio.NewReader(os.Stdin)
	_, err := Wait(context.Background(), "the impossible", func() (bool, string, error) {
		_, err := in.ReadString('\n')
		return err == nil, "", err
	}, Within(time.Millisecond))
	fmt.Println("over:", err)
	return 0
}

// spy stands in for a failing test: Errorf is recorded, and FailNow panics so
// that failure can go on after it.
type spy struct {
	mu       sync.Mutex
	errors   []string
	logs     []string
	cleanups []func()
}

type leaveSpy struct{ s *spy }

func (s *spy) Helper() {}

func (s *spy) Errorf(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.errors = append(s.errors, fmt.Sprintf(format, args...))
}

func (s *spy) Logf(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.logs = append(s.logs, fmt.Sprintf(format, args...))
}

func (s *spy) FailNow() { panic(leaveSpy{s}) }

func (s *spy) Cleanup(f func()) { s.cleanups = append(s.cleanups, f) }

// finish runs the cleanups, last first, as the end of a test does.
func (s *spy) finish() {
	for len(s.cleanups) > 0 {
		last := len(s.cleanups) - 1
		f := s.cleanups[last]
		s.cleanups = s.cleanups[:last]
		f()
	}
}

func (s *spy) texts() (failures, remarks string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.errors, "\n"), strings.Join(s.logs, "\n")
}

// failure runs f with a spy as its test, to the end of that test, and returns
// what failed it.
func failure(f func(s *spy)) string {
	s := &spy{}
	leaving(s, func() { f(s) })
	s.finish()
	text, _ := s.texts()
	return text
}

// leaving runs f up to the end or to the spy's FailNow and tells which.
func leaving(s *spy, f func()) (failed bool) {
	defer func() {
		if p := recover(); p != nil {
			if l, ok := p.(leaveSpy); !ok || l.s != s {
				panic(p)
			}
			failed = true
		}
	}()
	f()
	return false
}

// bare is a TB with nothing but the three methods.
type bare struct{ s *spy }

func (b bare) Helper()                           {}
func (b bare) Errorf(format string, args ...any) { b.s.Errorf(format, args...) }
func (b bare) FailNow()                          { b.s.FailNow() }

// tap is a Source with all the optional sides of one.
type tap struct {
	Signal
	mu      sync.Mutex
	busy    string
	pending []string
	asked   int
}

func (s *tap) setBusy(why string) {
	s.mu.Lock()
	s.busy = why
	s.mu.Unlock()
	s.Broadcast()
}

func (s *tap) Idle() (bool, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	return s.busy == "", s.busy
}

func (s *tap) Pending() []string { return s.pending }
func (s *tap) String() string    { return "tap" }

func mustContain(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("text lacks %q:\n%s", part, text)
		}
	}
}

func mustPanic(t *testing.T, part string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if text := fmt.Sprint(recover()); !strings.Contains(text, part) {
			t.Errorf("panic = %q, want it to contain %q", text, part)
		}
	}()
	f()
}

func mustBe(t *testing.T, err error, want ...error) {
	t.Helper()
	for _, w := range want {
		if !errors.Is(err, w) {
			t.Errorf("err = %v, want it to wrap %q", err, w)
		}
	}
}

// inBubble runs f in a bubble of t's.
func inBubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, f)
}

// blockFor blocks for a virtual time: what a condition must not do.
func blockFor(d time.Duration) {
	over := make(chan struct{})
	time.AfterFunc(d, func() { close(over) })
	<-over
}

var (
	linesOfCode = regexp.MustCompile(`(\w+\.go):\d+`)
	addresses   = regexp.MustCompile(`0x[0-9a-f]+`)
)

// golden compares a text with testdata/name.golden. Durations are exact, since
// the texts are made in bubbles; what changes from run to run is masked.
func golden(t *testing.T, name, text string) {
	t.Helper()
	text = linesOfCode.ReplaceAllString(addresses.ReplaceAllString(text, "0x…"), "$1:N") + "\n"
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; run go test -update", err)
	}
	if text != string(want) {
		t.Errorf("the text of %s has changed; if that is meant run go test -update\ngot:\n%s\nwant:\n%s", file, text, want)
	}
	if n := strings.Count(text, "\n"); n > maxLines {
		t.Errorf("%s has %d lines, more than %d", file, n, maxLines)
	}
}
