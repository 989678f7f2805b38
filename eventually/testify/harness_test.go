package testify

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite the golden failure texts in testdata")

// roleVariable makes the test binary run a test that fails.
const roleVariable = "TESTIFY_TEST_ROLE"

func TestMain(m *testing.M) {
	if os.Getenv(roleVariable) == "fail" {
		testing.Main(regexp.MatchString, failing, nil, nil)
	}
	os.Setenv("GORACE", "atexit_sleep_ms=0") // the race detector makes children linger for a second
	os.Exit(m.Run())
}

// spy stands in for a failing test. Its FailNow panics with itself.
type spy struct {
	mu       sync.Mutex
	errors   []string
	logs     []string
	deadline time.Time
}

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

func (s *spy) FailNow() { panic(s) }

func (s *spy) Deadline() (time.Time, bool) { return s.deadline, !s.deadline.IsZero() }

func (s *spy) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.errors, "\n")
}

// ended runs f up to its end or to the spy's FailNow and tells which.
func (s *spy) ended(f func()) (failed bool) {
	defer func() {
		if p := recover(); p != nil {
			if p != any(s) {
				panic(p)
			}
			failed = true
		}
	}()
	f()
	return false
}

// bare is a test with nothing but Errorf.
type bare struct{ s *spy }

func (b bare) Errorf(format string, args ...any) { b.s.Errorf(format, args...) }

func mustContain(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("text lacks %q:\n%s", part, text)
		}
	}
}

var lineOfCode = regexp.MustCompile(`(\w+\.go):\d+`)

// golden compares a text with testdata/name.golden. Durations are exact, since
// the texts are made in bubbles.
func golden(t *testing.T, name, text string) {
	t.Helper()
	text = lineOfCode.ReplaceAllString(text, "$1:N") + "\n"
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
	if n := strings.Count(text, "\n"); n > 25 {
		t.Errorf("%s has %d lines, more than 25", file, n)
	}
}
