package leakcheck

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func goroutine(id uint64, v Verdict, state string, stack ...Frame) Goroutine {
	return Goroutine{
		ID: id, State: state, Verdict: v, Stack: stack, Parent: 7,
		Creator: Frame{"example.com/cache.New", "/src/cache/cache.go", 41},
	}
}

var (
	janitor  = Frame{"example.com/cache.(*Cache).janitor", "/src/cache/cache.go", 118}
	loader   = Frame{"example.com/cache.(*Cache).load", "/src/cache/load.go", 30}
	readLoop = Frame{"net/http.(*persistConn).readLoop", "/go/src/net/http/transport.go", 2300}
	opening  = []Frame{{"example.com/cache_test.TestCache", "/src/cache/cache_test.go", 30}}
)

// reports are what golden texts are made of.
var reports = map[string]*Report{
	"leaks-of-a-test": {
		Test: "TestCache", Took: 4100 * time.Microsecond, Grace: DefaultGrace, Looks: 2, GCs: 1,
		Goroutines: []Goroutine{
			goroutine(8, Proven, "chan receive", janitor),
			goroutine(9, Proven, "chan receive", janitor),
			func() Goroutine {
				g := goroutine(10, Running, "IO wait", readLoop)
				g.Creator = Frame{"net/http.(*Transport).dialConn", "/go/src/net/http/transport.go", 1800}
				g.Ancestors = []Frame{{"example.com/cache_test.TestCache.func1", "/src/cache/cache_test.go", 22}}
				return g
			}(),
		},
		Resources: []OpenHandle{{"session", "TestCache", opening}},
		Objects:   []HeldObject{{"entry", "TestCache/sub", "*cache.Entry", opening}},
		waited:    3 * time.Millisecond,
	},
	"leaks-of-a-process": {
		Took: 501 * time.Millisecond, Grace: DefaultGrace, Looks: 12, TestFailed: true, waited: DefaultGrace,
		Goroutines: func() (all []Goroutine) {
			for i, state := range []string{"select", "chan send", "sleep", "sync.Mutex.Lock", "syscall", "running"} {
				for n := range i + 1 {
					v := Blocked
					if !blocked(state) {
						v = Running
					}
					g := goroutine(uint64(100*i+n), v, state, loader)
					g.Test = "TestLoad"
					all = append(all, g)
				}
			}
			return all
		}(),
		Resources: []OpenHandle{{"a", "TestA", opening}, {"b", "TestB", opening}, {"c", "TestC", opening}, {"d", "TestD", nil}},
	},
	"an-arbiters-leak": {
		Test: "TestCache", Took: 30 * time.Microsecond, Looks: 1, decided: true,
		Arbiters: []error{arbiterError{"goleak", errors.New("found unexpected goroutines:\n[Goroutine 9 in state select]")}},
	},
	"no-leaks": {Test: "TestCache", Took: 30 * time.Microsecond, Looks: 1},
}

func TestTheTextsOfReports(t *testing.T) {
	for name, r := range reports {
		golden(t, name, r.String())
	}
}

func TestTheJSONOfAReport(t *testing.T) {
	text, err := json.Marshal(reports["leaks-of-a-test"])
	if err != nil {
		t.Fatal(err)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, text, "", "  "); err != nil {
		t.Fatal(err)
	}
	golden(t, "json", indented.String())
	var back struct {
		Version    int
		Leaked     bool
		Goroutines []struct {
			ID      uint64
			Verdict string
		}
	}
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if back.Version != ReportVersion || !back.Leaked || len(back.Goroutines) != 3 || back.Goroutines[0].Verdict != "proven" {
		t.Errorf("read back: %+v", back)
	}
	empty, err := json.Marshal(&Report{})
	if err != nil {
		t.Fatal(err)
	}
	mustContain(t, string(empty), `"goroutines":[]`, `"resources":[]`, `"objects":[]`, `"leaked":false`)
}

func TestTheErrorOfAReportIsAboutLeaks(t *testing.T) {
	if err := reports["no-leaks"].Err(); err != nil {
		t.Errorf("no leaks: %v", err)
	}
	r := reports["leaks-of-a-test"]
	if err := r.Err(); !errors.Is(err, ErrLeak) || err.Error() != r.String() {
		t.Errorf("err = %v", err)
	}
}

func TestEveryStateHasACure(t *testing.T) {
	seen := map[string]string{}
	for _, state := range []string{
		"chan receive", "chan send", "chan receive (nil chan)", "select", "select (no cases)", "IO wait",
		"sync.WaitGroup.Wait", "sync.Mutex.Lock", "sync.Cond.Wait", "semacquire", "sleep", "syscall",
	} {
		c := cure(goroutine(1, Blocked, state, janitor))
		if other, ok := seen[c]; ok {
			t.Errorf("%s and %s have the same cure: %s", state, other, c)
		}
		seen[c] = state
	}
	for function, want := range map[string]string{
		"net/http.(*persistConn).readLoop":     "CloseIdleConnections",
		"net/http.(*Server).Serve":             "Shutdown of the server",
		"database/sql.(*DB).connectionOpener":  "Close of the DB",
		"os/exec.(*Cmd).watchCtx":              "Wait of the command",
		"example.com/x.(*Server).Serve":        "tell it to end",
		"net/http.(*conn).serve":               "closes its connections",
		"example.com/x.(*persistConn).sentry1": "tell it to end",
	} {
		mustContain(t, cure(goroutine(1, Running, "running", Frame{Function: function})), want)
	}
	g := goroutine(1, Blocked, "select", janitor)
	g.Creator.Function = "time.goFunc"
	mustContain(t, cure(g), "Stop the timer")
}

func TestAGoroutineOfOneCallIsInOnePlace(t *testing.T) {
	g := goroutine(1, Running, "sleep", Frame{Function: "time.Sleep", File: "time.go", Line: 363})
	if got := g.place(); got != "time.Sleep time.go:363" {
		t.Error(got)
	}
}

func TestAReportSaysWhichGoroutinesItsArbiterMeans(t *testing.T) {
	for said, want := range map[string]string{
		"found:\n[Goroutine 9 in state select, with a.f on top of the stack:\na.f()\n\n Goroutine 8 in state sleep, with a.g on top of the stack:\na.g()\n]": "\n  goleak: found:" +
			"\n  [Goroutine 9 in state select, with a.f on top of the stack:\n   Goroutine 8 in state sleep, with a.g on top of the stack:",
		"found one":       "\n  goleak: found one",
		"found one:\na.f": "\n  goleak: found one: …",
		"found:" + strings.Repeat("\nGoroutine 9 in state select", maxArbiter): "\n  goleak: found:" +
			strings.Repeat("\n  Goroutine 9 in state select", maxArbiter-1) + " …",
	} {
		var b strings.Builder
		r := &Report{Goroutines: []Goroutine{{}}, Arbiters: []error{arbiterError{"goleak", errors.New(said)}}}
		r.writeArbiters(&b)
		if b.String() != want {
			t.Errorf("got %s, want %s", b.String(), want)
		}
	}
}

func TestVerdictsHaveNames(t *testing.T) {
	if got := fmt.Sprint(Running, Blocked, Proven); got != "running blocked proven" {
		t.Error(got)
	}
}
