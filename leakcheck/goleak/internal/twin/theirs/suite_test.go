// This file stands twice in the project, once for either import path of goleak,
// and is otherwise the same: what it says of one package it says of both.
package twin

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

// The parts of package testing that are asked for are small.
var (
	_ goleak.TestingT = testing.TB(nil)
	_ goleak.TestingM = (*testing.M)(nil)
)

// roleVariable makes this test binary a suite that leaks, fails, or both.
const roleVariable = "GOLEAK_TWIN_ROLE"

func TestMain(m *testing.M) {
	switch role := os.Getenv(roleVariable); {
	case role == "":
		goleak.VerifyTestMain(m)
	case strings.Contains(role, "cleanup"):
		goleak.VerifyTestMain(play(role), goleak.Cleanup(func(code int) {
			fmt.Println("cleanup", code)
			os.Exit(code + 40)
		}))
	case strings.Contains(role, "ignore"):
		goleak.VerifyTestMain(play(role), goleak.IgnoreAnyFunction(here+"(*blocked).wait"))
	default:
		goleak.VerifyTestMain(play(role))
	}
}

// play is a testing.M.
type play string

func (p play) Run() (code int) {
	fmt.Println("ran")
	if strings.Contains(string(p), "leak") {
		block()
	}
	if strings.Contains(string(p), "fail") {
		return 7
	}
	return 0
}

// here is how the runtime begins the names of the functions of this file.
var here = func() string {
	pc, _, _, _ := runtime.Caller(0)
	name := runtime.FuncForPC(pc).Name()
	folder := strings.LastIndexByte(name, '/') + 1
	inPackage, _, _ := strings.Cut(name[folder:], ".")
	return name[:folder] + inPackage + "."
}()

// blocked is a goroutine that waits until it is released.
type blocked struct {
	stop, ended chan struct{}
}

func block() *blocked {
	b := &blocked{make(chan struct{}), make(chan struct{})}
	begun := make(chan struct{})
	go b.run(begun)
	<-begun
	return b
}

func (b *blocked) run(begun chan<- struct{}) {
	defer close(b.ended)
	close(begun)
	b.wait()
}

func (b *blocked) wait() { <-b.stop }

func (b *blocked) release() {
	close(b.stop)
	<-b.ended
}

// errorsOnly is the least that VerifyNone takes.
type errorsOnly struct{ texts []string }

func (e *errorsOnly) Error(args ...any) { e.texts = append(e.texts, fmt.Sprint(args...)) }

// helping has a Helper method as well.
type helping struct {
	errorsOnly
	helped int
}

func (h *helping) Helper() { h.helped++ }

func TestFindReturnsNilWhenNothingLeaks(t *testing.T) {
	if err := goleak.Find(); err != nil {
		t.Error(err)
	}
}

func TestFindNamesTheLeakAndItsCreator(t *testing.T) {
	b := block()
	err := goleak.Find()
	b.release()
	if err == nil {
		t.Fatal("no error")
	}
	for _, part := range []string{"found unexpected goroutines:\n", "(*blocked).wait", ".block"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not in the error:\n%v", part, err)
		}
	}
	if err := goleak.Find(); err != nil {
		t.Errorf("after the release: %v", err)
	}
}

func TestFindRefusesACleanup(t *testing.T) {
	err := goleak.Find(goleak.Cleanup(func(int) { t.Error("called") }))
	if err == nil || err.Error() != "Cleanup can only be passed to VerifyNone or VerifyTestMain" {
		t.Errorf("err = %v", err)
	}
}

func TestVerifyNoneReportsALeakOnceAndCleansUpAfterwards(t *testing.T) {
	b := block()
	var h helping
	var order []string
	goleak.VerifyNone(&h, goleak.Cleanup(func(code int) { order = append(order, fmt.Sprint("cleanup ", code, " after ", len(h.texts))) }))
	b.release()
	if len(h.texts) != 1 || !strings.Contains(h.texts[0], "(*blocked).wait") || h.helped == 0 {
		t.Errorf("%d errors, helper %d: %v", len(h.texts), h.helped, h.texts)
	}
	if fmt.Sprint(order) != "[cleanup 0 after 1]" {
		t.Errorf("cleanups %v", order)
	}
}

func TestVerifyNoneOfACleanTestOnlyCleansUp(t *testing.T) {
	var e errorsOnly
	var codes []int
	first := goleak.Cleanup(func(int) { t.Error("of several cleanups the last counts") })
	last := goleak.Cleanup(func(code int) { codes = append(codes, code) })
	goleak.VerifyNone(&e, first, last)
	if len(e.texts) > 0 || len(codes) != 1 || codes[0] != 0 {
		t.Errorf("errors %v, cleanups %v", e.texts, codes)
	}
}

func TestTheTopFunctionIsIgnoredByItsFullNameOnly(t *testing.T) {
	b := block()
	defer b.release()
	if err := goleak.Find(goleak.IgnoreTopFunction(here + "(*blocked).wait")); err != nil {
		t.Error(err)
	}
	for _, name := range []string{here + "(*blocked).run", here + "(*blocked)"} {
		if goleak.Find(goleak.IgnoreTopFunction(name)) == nil {
			t.Errorf("IgnoreTopFunction(%q) ignores it", name)
		}
	}
}

func TestAnyFunctionOfTheStackIsIgnoredButNotTheCreator(t *testing.T) {
	b := block()
	defer b.release()
	for _, name := range []string{"(*blocked).wait", "(*blocked).run"} {
		if err := goleak.Find(goleak.IgnoreAnyFunction(here + name)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if goleak.Find(goleak.IgnoreAnyFunction(here+"block")) == nil {
		t.Error("the function with the go statement counts as one of the stack")
	}
}

func TestOptionsAddUpAndCanBeUsedAgain(t *testing.T) {
	a := block()
	current := goleak.IgnoreCurrent()
	if err := goleak.Find(current); err != nil {
		t.Error(err)
	}
	b := block()
	wait := goleak.IgnoreTopFunction(here + "(*blocked).wait")
	if goleak.Find(current) == nil {
		t.Error("a goroutine started after IgnoreCurrent is ignored")
	}
	if err := goleak.Find(current, wait); err != nil {
		t.Error(err)
	}
	a.release()
	if goleak.Find(current) == nil {
		t.Error("one that ended makes up for one that leaked")
	}
	b.release()
	if err := goleak.Find(current); err != nil {
		t.Error(err)
	}
}

func TestAGoroutineThatEndsMeanwhileIsNoLeak(t *testing.T) {
	c := make(chan int)
	var relay sync.WaitGroup
	relay.Go(func() {
		defer close(c)
		for i := range 20_000 {
			c <- i
		}
	})
	go func() {
		for range c {
		}
	}()
	goleak.VerifyNone(t)
	relay.Wait()
}

func TestListeningForSignalsIsNoLeak(t *testing.T) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, os.Interrupt)
	goleak.VerifyNone(t)
	signal.Stop(c)
	goleak.VerifyNone(t)
}

func TestAParallelTestThatHasNotBegunIsNoLeak(t *testing.T) {
	t.Run("parallel", func(t *testing.T) { t.Parallel() })
	t.Run("serial", func(t *testing.T) { goleak.VerifyNone(t) })
}

func TestVerifyTestMainExitsAsDocumented(t *testing.T) {
	for _, c := range []struct {
		role string
		code int
		says bool
	}{
		{"pass", 0, false},
		{"leak", 1, true},
		{"fail", 7, false},
		{"fail and leak", 7, false},
		{"leak, ignore", 0, false},
		{"cleanup", 40, false},
		{"cleanup, leak", 41, true},
		{"cleanup, fail", 47, false},
	} {
		t.Run(c.role, func(t *testing.T) {
			var out, err bytes.Buffer
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), roleVariable+"="+c.role, "GORACE=atexit_sleep_ms=0")
			cmd.Stdout, cmd.Stderr = &out, &err
			var exit *exec.ExitError
			if e := cmd.Run(); e != nil && !errors.As(e, &exit) {
				t.Fatal(e)
			}
			if code := cmd.ProcessState.ExitCode(); code != c.code {
				t.Errorf("exit code %d, want %d\n%s", code, c.code, &err)
			}
			said := strings.HasPrefix(err.String(), "goleak: Errors on successful test run: found unexpected goroutines:\n") && strings.Contains(err.String(), "(*blocked).wait")
			if said != c.says || !c.says && err.Len() > 0 {
				t.Errorf("standard error is %q", &err)
			}
			if want := strings.Contains(c.role, "cleanup"); strings.Contains(out.String(), fmt.Sprint("cleanup ", c.code-40)) != want {
				t.Errorf("standard output is %q", &out)
			}
			if !strings.HasPrefix(out.String(), "ran\n") {
				t.Errorf("the tests did not run: %q", &out)
			}
		})
	}
}
