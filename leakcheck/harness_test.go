package leakcheck

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/internal/goid"
	"github.com/sleepless-go/sleepless/internal/stacks"
)

var update = flag.Bool("update", false, "rewrite the golden texts in testdata")

// roleVariable makes the test binary play a program under test.
const roleVariable = "LEAKCHECK_TEST_ROLE"

var roles = map[string]func(m *testing.M) int{
	"corpus":  playCorpus,
	"bubble":  playLeakingBubble,
	"proof":   playProof,
	"nothing": func(*testing.M) int { return 0 },
}

func TestMain(m *testing.M) {
	if role, playing := roles[os.Getenv(roleVariable)]; playing {
		os.Exit(role(m))
	}
	os.Setenv("GORACE", "atexit_sleep_ms=0") // the race detector makes children linger for a second
	os.Exit(Main(m))
}

// play runs this test binary in a role and returns what it wrote and its exit
// code.
func play(t *testing.T, role string, args ...string) (output string, code int) {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), roleVariable+"="+role)
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// spy stands in for a test.
type spy struct {
	mu       sync.Mutex
	name     string
	failed   bool
	errors   []string
	cleanups []func()
}

func (s *spy) Helper()      {}
func (s *spy) Name() string { return s.name }
func (s *spy) Failed() bool { return s.failed }

func (s *spy) Errorf(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.errors = append(s.errors, fmt.Sprintf(format, args...))
}

func (s *spy) Cleanup(f func()) { s.cleanups = append(s.cleanups, f) }

// finish runs the cleanups, last first, as the end of a test does, and returns
// what failed it.
func (s *spy) finish() string {
	for len(s.cleanups) > 0 {
		last := len(s.cleanups) - 1
		f := s.cleanups[last]
		s.cleanups = s.cleanups[:last]
		f()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.errors, "\n")
}

// during runs a test with a spy in place of its t and returns what failed it.
func during(name string, f func(s *spy)) string {
	s := &spy{name: name}
	f(s)
	return s.finish()
}

// planted are leaks that end when the test which planted them is over.
type planted struct {
	release chan struct{}
	all     sync.WaitGroup
}

// garden returns a place for leaks of the test t.
func garden(t testing.TB) *planted {
	p := &planted{release: make(chan struct{})}
	t.Cleanup(func() {
		close(p.release)
		p.all.Wait()
	})
	return p
}

// leak starts a goroutine that blocks in linger, and waits until it runs.
func (p *planted) leak() {
	started := make(chan struct{})
	p.all.Add(1)
	go p.linger(started)
	<-started
}

func (p *planted) linger(started chan<- struct{}) {
	defer p.all.Done()
	close(started)
	<-p.release
}

func mustContain(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("text lacks %q:\n%s", part, text)
		}
	}
}

var (
	linesOfCode = regexp.MustCompile(`(\w+\.(go|s)):\d+`)
	lineFields  = regexp.MustCompile(`"line": \d+`)
	fileFields  = regexp.MustCompile(`"file": "[^"]*/`)
	addresses   = regexp.MustCompile(`0x[0-9a-f]+`)
	verdictTime = regexp.MustCompile(`verdict took \S+`)
	waitingTime = regexp.MustCompile(`, \S+ of it waiting`)
	lookCount   = regexp.MustCompile(`\(\d+ looks?`)
)

const maxLines = 25

// golden compares a text with testdata/name.golden; what changes from run to run
// is masked.
func golden(t *testing.T, name, text string) {
	t.Helper()
	for _, m := range []struct {
		what *regexp.Regexp
		by   string
	}{
		{linesOfCode, "$1:N"}, {lineFields, `"line": 0`}, {fileFields, `"file": "`}, {addresses, "0x…"},
		{verdictTime, "verdict took T"}, {waitingTime, ", T of it waiting"}, {lookCount, "(N looks"},
	} {
		text = m.what.ReplaceAllString(text, m.by)
	}
	text += "\n"
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
	if n := strings.Count(text, "\n"); n > maxLines && !strings.HasPrefix(text, "{") {
		t.Errorf("%s has %d lines, more than %d", file, n, maxLines)
	}
}

// elsewhere runs f on a goroutine of its own, and returns when that is gone.
func elsewhere(f func()) { begin(func(g func()) { go g() }, f) }

// inTimer is elsewhere, on the goroutine of a timer.
func inTimer(f func()) { begin(func(g func()) { time.AfterFunc(0, g) }, f) }

func begin(start func(func()), f func()) {
	done := make(chan uint64, 1)
	start(func() {
		f()
		done <- goid.ID()
	})
	awaitEnd(<-done)
}

// awaitEnd waits until a goroutine is gone. It takes a moment after its last
// statement, in which a check without a grace rightly counts it, and which
// nothing tells of.
func awaitEnd(id uint64) {
	_, err := eventually.Wait(context.Background(), "the goroutine is gone", func() (bool, string, error) {
		return !slices.ContainsFunc(stacks.All(), func(g stacks.Goroutine) bool { return g.ID == id }), "", nil
	})
	if err != nil {
		panic(err)
	}
}
