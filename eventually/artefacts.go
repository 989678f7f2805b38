package eventually

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/sleepless-go/sleepless/internal/artefact"
)

// ArtefactsVariable names the environment variable that asks every wait for
// artefacts when it fails: EVENTUALLY_ARTEFACTS=dir names the directory that
// they go to, relative to the one in which the test binary starts (the
// package's). Under go test -artifacts they go to the test's ArtifactDir
// whatever the directory is, and then EVENTUALLY_ARTEFACTS=1 is enough; "true"
// and "on" mean the same, and "0", "false", "off" and the empty text ask for
// nothing. It is read once per process.
//
// The variable also starts the runtime's flight recorder, when the process
// starts, so that the artefacts hold an execution trace of the seconds before
// the failure. A process has only one such recorder: code under test that
// starts its own is refused while the variable is set.
const ArtefactsVariable = "EVENTUALLY_ARTEFACTS"

// Artefacts asks for artefacts of this wait, should it fail: the whole timeline
// as a page for a browser (timeline.html) and as JSON (timeline.json), the report
// (report.txt), all goroutines (goroutines.txt), the armed timers of the clocks
// among its sources (timers.txt) and, where the runtime's flight recorder runs,
// the last seconds of the process (flight.trace, for go tool trace).
//
// They go to a new directory below dir, or under go test -artifacts below the
// ArtifactDir of the test. The new directory's name is made of those of the test and of what was
// awaited, with a number where that is taken; the failure text and
// Report.Artefacts name it. All files are there or none. An artefact that could
// not be written is told in the failure text, and fails nothing.
//
// A wait that succeeds writes nothing, nor does misuse. The first wait outside
// a synctest bubble that has this option starts the flight recorder, and it runs
// until the process ends; see ArtefactsVariable for having it from the start and
// in bubbles.
func Artefacts(dir string) Option {
	return optionFunc(func(c *config) {
		if dir == "" {
			c.misuse("Artefacts was given no directory; name one, or leave the option out and set %s", ArtefactsVariable)
			return
		}
		abs, err := filepath.Abs(dir)
		if err != nil {
			c.misuse("Artefacts(%q): %w", dir, err)
			return
		}
		c.artefacts = abs
	})
}

// OnFailure calls f with the report of the wait if it fails, before artefacts
// are written and before the test is told. It is for frameworks built on Wait,
// which can put their own words into the report: What, Test, Message (which
// String shows), Verdict (which it leaves to the framework), Sources, Hint. f runs on the waiting goroutine. A nil f is ignored, and f is not called
// for misuse.
func OnFailure(f func(*Report)) Option { return onFailureOption(f) }

// onFailureOption is a function and not a closure over one: frameworks give it
// to every wait.
type onFailureOption func(*Report)

func (o onFailureOption) apply(c *config) { c.onFailure = o }

// request is what the environment asks for.
type request struct {
	asked bool
	dir   string // absolute; "" if none was named
	err   error
}

// requested is read when the process starts: the directory that it is relative
// to is that of the moment, and the flight recorder has to run before the
// failure and outside all bubbles.
var requested = func() request {
	r := parseRequest(os.Getenv(ArtefactsVariable))
	if r.asked {
		flight.Start()
	}
	return r
}()

// flight is the process's use of the flight recorder.
var flight = artefact.NewFlight()

func parseRequest(text string) request {
	switch strings.ToLower(text) {
	case "", "0", "false", "off":
		return request{}
	case "1", "true", "on":
		return request{asked: true}
	}
	dir, err := filepath.Abs(text)
	return request{asked: true, dir: dir, err: err}
}

// evidence returns where a wait gathers what its artefacts will show, or nil if
// it is not asked for any.
func (c *config) evidence() *evidence {
	if c.artefacts == "" && !requested.asked {
		return nil
	}
	return &evidence{dir: c.artefacts}
}

// aftermath is what remains to be done for a wait that has failed.
type aftermath struct {
	onFailure  func(*Report)
	evidence   *evidence // nil where no artefacts are asked for
	err        error     // why there are none
	flightless error     // why there is no flight recording among them
}

// finish lets the framework have its say and writes the artefacts, once the
// wait has failed and its report is complete. A second call does nothing.
func (r *Report) finish(t TB) {
	a := r.after
	if a == nil {
		return
	}
	if n, ok := t.(interface{ Name() string }); ok {
		r.Test = n.Name()
	}
	if f := a.onFailure; f != nil {
		a.onFailure = nil
		f(r)
	}
	e := a.evidence
	if e == nil {
		return
	}
	a.evidence = nil
	r.Artefacts, a.flightless, a.err = e.write(r, t)
	if g, ok := t.(ginkgoT); ok && r.Artefacts != "" {
		g.AddReportEntryVisibilityNever(artefact.EntryName, artefact.Entry{Directory: r.Artefacts, Text: r.String()})
	}
}

// ginkgoT is the part of GinkgoT() by which a TB is known to be Ginkgo's. The
// entry is for Ginkgo's JSON: what it says stands on the terminal already, in
// the failure.
type ginkgoT interface {
	AddReportEntryVisibilityNever(name string, args ...any)
}

// artefactsLine is the line of the report that leads to the artefacts.
func (r *Report) artefactsLine() []string {
	switch a := r.after; {
	case a != nil && a.err != nil:
		return []string{"none: " + oneLine(a.err.Error())}
	case r.Artefacts == "":
		return nil
	case a != nil && a.flightless != nil:
		return []string{fmt.Sprintf("%s (no flight recording: %v)", r.Artefacts, a.flightless)}
	default:
		return []string{r.Artefacts}
	}
}

// directory decides where artefacts go: what -artifacts says goes before what
// the option says, and that before what the variable says.
func (e *evidence) directory(t TB) (string, error) {
	switch {
	case artifactsFlag():
		return artifactDir(t)
	case e.dir != "":
		return e.dir, nil
	case requested.err != nil:
		return "", fmt.Errorf("%s: %w", ArtefactsVariable, requested.err)
	case requested.dir == "":
		return "", fmt.Errorf("%s asks for them but names no directory: name one, or run go test -artifacts", ArtefactsVariable)
	default:
		return requested.dir, nil
	}
}

// artifactsFlag tells whether go test was given -artifacts. Without it an
// ArtifactDir is removed when its test ends.
func artifactsFlag() bool {
	f := flag.Lookup("test.artifacts")
	return f != nil && f.Value.String() == "true"
}

// artifactDir returns the ArtifactDir of t. Ginkgo's goes elsewhere, whatever
// the flag says, and a wait may have no test at all: they share the directory
// that those of the tests lie in.
func artifactDir(t TB) (dir string, err error) {
	a, ok := t.(interface{ ArtifactDir() string })
	if _, ginkgo := t.(ginkgoT); !ok || ginkgo {
		output := ""
		if f := flag.Lookup("test.outputdir"); f != nil {
			output = f.Value.String()
		}
		return filepath.Abs(filepath.Join(output, "_artifacts"))
	}
	// ArtifactDir ends the goroutine of the test if it fails, and panics in a
	// fuzz target: on a goroutine of its own neither loses the failure.
	result := make(chan error, 1)
	go func() {
		returned := false
		defer func() {
			if p := recover(); p != nil {
				result <- fmt.Errorf("ArtifactDir: %v", p)
			} else if !returned {
				result <- errors.New("ArtifactDir failed; what it said stands with the failures of this test")
			}
			close(result)
		}()
		dir = a.ArtifactDir()
		returned = true
	}()
	err = <-result
	return dir, err
}
