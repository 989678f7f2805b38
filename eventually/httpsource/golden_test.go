package httpsource

import (
	"context"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/sleepless-go/sleepless/eventually"
)

var update = flag.Bool("update", false, "rewrite the golden failure texts in testdata")

var (
	linesOfCode = regexp.MustCompile(`(\w+\.go):\d+`)
	goroutines  = regexp.MustCompile(`(?s)    goroutines: .*?(\n    \w|$)`)
)

// The texts are made in a bubble, so that their times are exact. Which goroutines
// of net/http are blocked where is its own affair.
func TestFailureTexts(t *testing.T) {
	for name, wait := range map[string]func(err func(string, ...any), s *site){
		"server-with-a-request-under-way": func(errorf func(string, ...any), s *site) {
			eventually.Until(failing{errorf}, "the server is idle", func() bool { idle, _ := s.conns.Idle(); return idle }, eventually.On(s.conns))
		},
		"settle": func(errorf func(string, ...any), s *site) { eventually.Settle(failing{errorf}, s.conns) },
		"change-that-did-not-come": func(errorf func(string, ...any), s *site) {
			eventually.EventLike(failing{errorf}, "the connection is kept", s.conns.Changes, Change{To: http.StateIdle})
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			release := make(chan struct{})
			s := serve(t, func(http.ResponseWriter, *http.Request) { <-release })
			var client sync.WaitGroup
			client.Go(func() { s.get(t) })
			synctest.Wait()
			report := ""
			wait(func(_ string, args ...any) { report = args[0].(*eventually.Report).String() }, s)
			close(release)
			client.Wait()
			golden(t, name, report)
		})
	}
}

// failing is a test that hands its failure to a function.
type failing struct{ errorf func(string, ...any) }

func (failing) Helper()                             {}
func (failing) FailNow()                            {}
func (f failing) Errorf(format string, args ...any) { f.errorf(format, args...) }

func golden(t *testing.T, name, text string) {
	t.Helper()
	if n := strings.Count(text, "\n"); n >= 25 {
		t.Errorf("%s has %d lines, more than 25", name, n+1)
	}
	text = goroutines.ReplaceAllString(linesOfCode.ReplaceAllString(text, "$1:N"), "    goroutines: …$1") + "\n"
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
}

// Nothing of this package needs a context; a server that shuts down does.
func TestAServerThatShutsDownLetsGoOfItsConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, func(http.ResponseWriter, *http.Request) {})
		s.get(t)
		if err := s.server.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		eventually.EventLike(t, "the connection is closed", s.conns.Changes, Change{To: http.StateClosed})
	})
}
