package eventually

import (
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestFileChangesAreSeen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	old := time.Now().Add(-time.Hour)
	write := func(text string, at time.Time) func() {
		return func() {
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Error(err)
			}
			if err := os.Chtimes(path, at, at); err != nil {
				t.Error(err)
			}
		}
	}
	s := File(path)
	s.Notify(nil)()
	for _, step := range []struct {
		name string
		do   func()
		want bool
	}{
		{"first look", func() {}, true},
		{"still not there", func() {}, false},
		{"appears", write("a", old), true},
		{"as it was", func() {}, false},
		{"grows", write("ab", old), true},
		{"gets another time", write("ab", old.Add(time.Second)), true},
		{"as it was", func() {}, false},
		{"gets another mode", func() { os.Chmod(path, 0o640) }, true},
		{"disappears", func() { os.Remove(path) }, true},
		{"is gone", func() {}, false},
	} {
		step.do()
		if got := s.Poll(); got != step.want {
			t.Errorf("%s: Poll() = %v, want %v", step.name, got, step.want)
		}
	}
	if s.Exists() {
		t.Error("Exists() is true of nothing")
	}
}

// File systems keep times coarsely: two writes of equal length within one step
// leave the same size and time.
func TestAFileWrittenJustNowCountsAsChanged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	if err := os.WriteFile(path, []byte("a"), 0o600); err != nil {
		t.Fatal(err)
	}
	soon := time.Now().Add(time.Hour)
	if err := os.Chtimes(path, soon, soon); err != nil {
		t.Fatal(err)
	}
	s := File(path)
	for range 3 {
		if !s.Poll() {
			t.Error("a young file counts as unchanged")
		}
	}
}

func TestUntilAFileIsThere(t *testing.T) {
	f := File(filepath.Join(t.TempDir(), "ready"))
	looked := make(chan struct{})
	written := make(chan error, 1)
	go func() {
		<-looked
		written <- os.WriteFile(f.path, nil, 0o600)
	}()
	first := true
	Until(t, "the file is there", f.Exists, On(f), Within(time.Minute), OnCheck(func(Attempt) {
		if first {
			first = false
			close(looked)
		}
	}))
	if err := <-written; err != nil {
		t.Fatal(err)
	}
}

func TestAPortChangesWhenSomethingListens(t *testing.T) {
	for _, network := range []string{"tcp", "unix"} {
		t.Run(network, func(t *testing.T) {
			address := "127.0.0.1:0"
			if network == "unix" {
				dir, err := os.MkdirTemp("", "ev") // short: socket paths are limited
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { os.RemoveAll(dir) })
				address = filepath.Join(dir, "s")
			}
			l, err := net.Listen(network, address)
			if err != nil {
				t.Fatal(err)
			}
			p := Port(network, l.Addr().String())
			if !p.Poll() || p.Poll() || !p.Listening() || nameOf(p) != "port "+l.Addr().String()+" (polled)" {
				t.Errorf("while it listens: %s", nameOf(p))
			}
			r := await(t, "it listens", plainly(p.Listening), configure([]Option{On(p)}))
			if r.Err != nil {
				t.Error(r)
			}
			l.Close()
			if !p.Poll() || p.Poll() || p.Listening() {
				t.Error("it seems to listen after Close")
			}
			mustContain(t, p.String(), "port "+l.Addr().String()+": dial "+network)
		})
	}
}

func TestUntilAPortIsThere(t *testing.T) {
	dir, err := os.MkdirTemp("", "ev")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	p := Port("unix", filepath.Join(dir, "s"))
	looked, listening := make(chan struct{}), make(chan net.Listener, 1)
	go func() {
		<-looked
		l, _ := net.Listen("unix", p.address)
		listening <- l
	}()
	first := true
	Until(t, "it listens", p.Listening, On(p), Within(time.Minute), OnCheck(func(Attempt) {
		if first {
			first = false
			close(looked)
		}
	}))
	(<-listening).Close()
}

// countdown is a polled source that changes at its nth poll.
type countdown struct {
	Signal
	left int
}

func (c *countdown) Poll() bool { c.left--; return c.left <= 0 }

func TestAPolledSourceIsCheckedOnlyWhenItChanged(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := &countdown{left: 50}
		r, err := Wait(t.Context(), "x", func() (bool, string, error) { return c.left <= 0, "", nil }, On(c, &Counter{}))
		if err != nil || r.Checks != 2 || r.Wakes[WokenByPoll] != 1 {
			t.Errorf("%v, %+v", err, r)
		}
		c.left = 1 << 30
		start := time.Now()
		if _, err := Wait(t.Context(), "x", func() (bool, string, error) { return true, "", nil }, On(c), HoldFor(time.Second)); err != nil || time.Since(start) != time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}
