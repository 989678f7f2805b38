package starve

import (
	"context"
	"fmt"
	"os"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sleepless-go/sleepless/leakcheck"
)

// spy stands in for a test and keeps what fails it.
type spy struct {
	name     string
	text     string
	cleanups []func()
}

func (s *spy) Helper()                           {}
func (s *spy) Name() string                      { return s.name }
func (s *spy) Errorf(format string, args ...any) { s.text += fmt.Sprintf(format, args...) }
func (s *spy) Cleanup(f func())                  { s.cleanups = append(s.cleanups, f) }

func (s *spy) finish() string {
	for i := len(s.cleanups) - 1; i >= 0; i-- {
		s.cleanups[i]()
	}
	return s.text
}

// plot is where leaks grow until the process ends the test run.
type plot struct {
	release chan struct{}
	all     sync.WaitGroup
}

var leaks = &plot{release: make(chan struct{})}

func (p *plot) leak() {
	begun := make(chan struct{})
	p.all.Go(func() {
		close(begun)
		<-p.release
	})
	<-begun
}

const parallel = 8

func TestCleanTestsAreNotCalledLeaking(t *testing.T) {
	for i := range parallel {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			s := &spy{name: t.Name()}
			leakcheck.Check(s)
			stop := make(chan struct{})
			for range 20 { // told to end at the last moment, and not awaited
				go func() {
					<-stop
					go func() {}()
				}()
			}
			close(stop)
			if text := s.finish(); text != "" {
				t.Errorf("nothing leaks, and it says:\n%s", text)
			}
		})
	}
}

func TestEachTestGetsExactlyItsOwnLeaks(t *testing.T) {
	for n := range parallel {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			s := &spy{name: t.Name()}
			leakcheck.Check(s, leakcheck.Within(20*time.Millisecond))
			t.Parallel()
			for range n {
				var parent sync.WaitGroup
				parent.Go(leaks.leak)
				parent.Wait()
			}
			text := s.finish()
			want := fmt.Sprintf("%s leaked %d goroutine", t.Name(), n)
			if n == 0 && text != "" || n > 0 && !strings.Contains(text, want) {
				t.Errorf("want %q, and it says:\n%s", want, text)
			}
		})
	}
}

// What nobody can be blamed for goes to Main: two of these.
func TestNobodyIsBlamedForWhatCannotBeTied(t *testing.T) {
	s := &spy{name: t.Name()}
	leakcheck.Check(s)
	var fired sync.WaitGroup
	fired.Add(1)
	time.AfterFunc(0, func() {
		defer fired.Done()
		leaks.leak()
	})
	fired.Wait()
	fired.Go(func() {
		pprof.Do(context.Background(), pprof.Labels(), func(context.Context) { leaks.leak() })
	})
	fired.Wait()
	if text := s.finish(); text != "" {
		t.Errorf("the test is blamed:\n%s", text)
	}
	untied += 2
}

var untied int

func TestMain(m *testing.M) {
	out, err := os.CreateTemp("", "starve")
	if err != nil {
		panic(err)
	}
	real := os.Stderr
	os.Stderr = out
	code := judge(m, out)
	os.Stderr = real
	out.Close()
	os.Remove(out.Name())
	os.Exit(code)
}

// ran keeps the exit code of the tests, which Main changes if they leak.
type ran struct {
	m    *testing.M
	code int
}

func (r *ran) Run() int {
	r.code = r.m.Run()
	return r.code
}

// judge runs the tests under Main and holds its report against what they
// planted.
func judge(m *testing.M, out *os.File) int {
	r := &ran{m: m}
	code := leakcheck.Main(r, leakcheck.Within(20*time.Millisecond))
	text, err := os.ReadFile(out.Name())
	if err != nil {
		panic(err)
	}
	want, wantCode := fmt.Sprintf("the process leaked %d goroutines", untied), 1
	if untied == 0 {
		want, wantCode = "", 0 // -run has left that test out
	}
	if r.code == 0 && (code != wantCode || !strings.Contains(string(text), want) || untied == 0 && len(text) > 0) {
		fmt.Printf("Main: want %q and exit code %d, got %d and:\n%s\n", want, wantCode, code, text)
		return 1
	}
	close(leaks.release)
	leaks.all.Wait()
	return r.code
}
