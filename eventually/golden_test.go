package eventually

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

type moved struct {
	Kind   string
	Key    string
	Reason string
	Size   int
}

func (m moved) String() string {
	return strings.TrimSpace("cache." + m.Kind + " key=" + m.Key + " " + m.Reason)
}

// failures are ways to fail, each in a bubble of its own.
var failures = map[string]func(t *testing.T, s *spy){
	"until without a source": func(_ *testing.T, s *spy) {
		Until(s, "the door is open", func() bool { return false }, Within(time.Second))
	},
	"until with a counter": func(_ *testing.T, s *spy) {
		var c Counter
		time.AfterFunc(20*time.Millisecond, func() { c.Add(1) })
		time.AfterFunc(time.Hour, func() { c.Add(1) }).Stop()
		Until(s, "two workers are ready", func() bool { return c.Load() == 2 }, On(&c))
	},
	"until with another goroutine under way": func(_ *testing.T, s *spy) {
		var c Counter
		never, ended := make(chan struct{}), make(chan struct{})
		go worker(never, ended)
		defer func() {
			close(never)
			<-ended
		}()
		Until(s, "the worker is ready", func() bool { return c.Load() == 1 }, On(&c))
	},
	"value with history": func(_ *testing.T, s *spy) {
		var size Var[int]
		rec := NewRecorder[moved](s, Named("cache"))
		for i, step := range []moved{{Kind: "put", Key: "a"}, {Kind: "put", Key: "b"}, {Kind: "put", Key: "c"}, {Kind: "evict", Key: "a", Reason: "skipped: pinned"}} {
			time.AfterFunc(time.Duration(i)*20*time.Millisecond+time.Millisecond, func() {
				if step.Kind == "put" {
					size.Update(func(n int) int { return n + 1 })
				}
				rec.Emit(step) // the only wake-up, so that checks can be counted
			})
		}
		pender := &tap{busy: "x", pending: []string{"5m0s timer, armed by cache.(*Cache).janitor cache.go:118"}}
		Value(s, "the cache holds 4 entries", size.Load, func(n int) bool { return n == 4 }, On(rec, pender), Within(time.Second))
	},
	"value that changes often": func(_ *testing.T, s *spy) {
		var v Var[string]
		for i := range 20 {
			time.AfterFunc(time.Duration(i+1)*time.Millisecond, func() { v.Set(strings.Repeat("x", i*10)) })
		}
		Value(s, "y", v.Load, func(s string) bool { return s == "y" }, On(&v))
	},
	"check with testify": func(_ *testing.T, s *spy) {
		var v Var[int]
		v.Set(3)
		Check(s, "the cache is small", func(c *C) {
			assert.Equal(c, 2, v.Load(), "size")
			assert.True(c, v.Load() < 3)
		}, On(&v))
	},
	"event that did not come": func(_ *testing.T, s *spy) {
		rec := NewRecorder[moved](s, Named("cache"))
		time.AfterFunc(20*time.Millisecond, func() { rec.Emit(moved{Kind: "put", Key: "a"}) })
		time.AfterFunc(60*time.Millisecond, func() { rec.Emit(moved{Kind: "put", Key: "b"}) })
		Event(s, "a is evicted", rec, func(m moved) bool { return m.Kind == "evict" })
	},
	"event that nobody emitted": func(_ *testing.T, s *spy) {
		rec := NewRecorder[moved](s)
		Event(s, "a is evicted", rec, func(m moved) bool { return m.Kind == "evict" }, On(rec))
	},
	"event like": func(_ *testing.T, s *spy) {
		rec := NewRecorder[moved](s, Named("cache"))
		for i, m := range []moved{{"evict", "b", "ttl", 1}, {"put", "a", "", 1}, {"evict", "c", "full", 7}, {"evict", "a", "ttl", 1}, {"put", "z", "", 9}} {
			time.AfterFunc(time.Duration(i+1)*time.Millisecond, func() { rec.Emit(m) })
		}
		EventLike(s, "a is evicted for size", rec, moved{Kind: "evict", Key: "a", Reason: "full"})
	},
	"event that an earlier wait passed": func(_ *testing.T, s *spy) {
		rec := NewRecorder[moved](s, Named("cache"))
		rec.Emit(moved{Kind: "put", Key: "a"})
		rec.Emit(moved{Kind: "evict", Key: "a"})
		Event(s, "a is evicted", rec, func(m moved) bool { return m.Kind == "evict" })
		Event(s, "a is put", rec, func(m moved) bool { return m.Kind == "put" })
	},
	"event that an earlier wait consumed": func(_ *testing.T, s *spy) {
		rec := NewRecorder[moved](s, Named("cache"))
		rec.Emit(moved{Kind: "put", Key: "a"})
		Event(s, "a is put", rec, func(m moved) bool { return m.Kind == "put" })
		EventLike(s, "a is put again", rec, moved{Kind: "put", Key: "a"})
	},
	"forgotten events": func(_ *testing.T, s *spy) {
		rec := NewRecorder[moved](s, Named("cache"), Keep(2))
		for _, key := range []string{"a", "b", "c", "d"} {
			rec.Emit(moved{Kind: "put", Key: key})
		}
		Event(s, "d is put", rec, func(m moved) bool { return m.Key == "d" })
	},
	"closed recorder": func(_ *testing.T, s *spy) {
		rec := NewRecorder[moved](s, Named("cache"))
		rec.Emit(moved{Kind: "put", Key: "a"})
		rec.Close()
		Event(s, "a is evicted", rec, func(m moved) bool { return m.Kind == "evict" })
	},
	"in order with a step too early": func(_ *testing.T, s *spy) {
		rec := NewRecorder[moved](s, Named("cache"))
		for i, kind := range []string{"evict", "put", "get"} {
			time.AfterFunc(time.Duration(i+1)*time.Millisecond, func() { rec.Emit(moved{Kind: kind, Key: "a"}) })
		}
		InOrder(s, "put, then evicted", rec, []func(moved) bool{
			func(m moved) bool { return m.Kind == "put" },
			func(m moved) bool { return m.Kind == "evict" },
		})
	},
	"never violated": func(_ *testing.T, s *spy) {
		var c Counter
		rec := NewRecorder[moved](s, Named("cache"))
		time.AfterFunc(30*time.Millisecond, func() { c.Add(1); rec.Emit(moved{Kind: "evict", Key: "a"}) })
		Never(s, "an entry is evicted", func() bool { return c.Load() > 0 }, On(rec))
	},
	"never cut short": func(_ *testing.T, s *spy) {
		var c Counter
		time.AfterFunc(30*time.Millisecond, func() { c.Add(1) })
		Never(s, "an entry is evicted", func() bool { return false }, On(&c), FailFast(func() error {
			if c.Load() > 0 {
				return errors.New("the cache was closed")
			}
			return nil
		}))
	},
	"hold broken": func(_ *testing.T, s *spy) {
		var v Var[int]
		for i, n := range []int{5, 6, 5} {
			time.AfterFunc(time.Duration(i+1)*400*time.Millisecond, func() { v.Set(n) })
		}
		Value(s, "the pool is at 5", v.Load, func(n int) bool { return n == 5 }, On(&v), HoldFor(time.Second), Within(1900*time.Millisecond))
	},
	"fail fast": func(_ *testing.T, s *spy) {
		var exited Var[error]
		time.AfterFunc(10*time.Millisecond, func() { exited.Set(errors.New("exit status 1")) })
		Until(s, "the server is ready", func() bool { return false }, On(&exited), FailFast(exited.Load))
	},
	"stopped by its context": func(_ *testing.T, s *spy) {
		// The timer of the context has no frame of ours: a goroutine that cancels
		// may still be about to end when the report is made, and be named in it.
		ctx, cancel := context.WithTimeoutCause(context.Background(), 10*time.Millisecond, errors.New("the suite was interrupted"))
		defer cancel()
		var c Counter
		Until(s, "the server is ready", func() bool { return false }, On(&c), WithContext(ctx))
	},
	"strict leftovers": func(_ *testing.T, s *spy) {
		rec := NewRecorder[moved](s, Named("cache"), Keep(10)).Strict()
		for i := range 12 {
			Advance(time.Duration(i) * time.Millisecond)
			rec.Emit(moved{Kind: "put", Key: string(rune('a' + i))})
		}
	},
	"settle": func(_ *testing.T, s *spy) {
		Settle(s, &tap{busy: "2 lookups in flight", pending: []string{"5m0s timer, armed by cache.(*Cache).janitor cache.go:118"}})
	},
	"polled file": func(t *testing.T, s *spy) {
		state := filepath.Join(t.TempDir(), "state")
		if err := os.WriteFile(state, []byte("starting"), 0o600); err != nil {
			t.Fatal(err)
		}
		old := time.Now().Add(-time.Hour) // of the bubble, long ago for the file system too
		if err := os.Chtimes(state, old, old); err != nil {
			t.Fatal(err)
		}
		Value(s, "the state file says ready", func() string {
			b, _ := os.ReadFile(state)
			return string(b)
		}, func(s string) bool { return s == "ready" }, On(File(state)), Within(time.Second))
	},
	"artefacts": func(t *testing.T, s *spy) {
		rec := NewRecorder[moved](s, Named("cache"))
		for range 30 {
			rec.Emit(moved{Kind: "put", Key: "b"})
		}
		EventLike(s, "a is evicted", rec, moved{Kind: "evict", Key: "a", Reason: "full", Size: 4}, Artefacts(t.TempDir()))
	},
	"artefacts that cannot be written": func(t *testing.T, s *spy) {
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		var c Counter
		Until(s, "two workers are ready", func() bool { return c.Load() == 2 }, On(&c), Artefacts(file))
	},
	"misuse": func(_ *testing.T, s *spy) {
		Until(s, "the door is open", func() bool { return true }, Within(-time.Second))
	},
	"two busy recorders": func(_ *testing.T, s *spy) {
		front, back := NewRecorder[moved](s, Named("front")), NewRecorder[moved](s, Named("back"))
		for range 30 {
			front.Emit(moved{Kind: "get", Key: "a"})
			back.Emit(moved{Kind: "evict", Key: "b", Reason: "ttl"})
		}
		pender := &tap{pending: []string{"timer 1", "timer 2", "timer 3", "timer 4"}}
		EventLike(s, "a is evicted", back, moved{Kind: "evict", Key: "a", Reason: "full", Size: 4}, On(front, pender))
	},
}

var (
	tempDirs = regexp.MustCompile(`\S*/Test\S*/00\d`)
	// The flight recorder runs once a test of this process has started it.
	flightless = regexp.MustCompile(` \(no flight recording: .*\)`)
)

func worker(never, ended chan struct{}) {
	defer close(ended)
	<-never
}

func TestFailureTexts(t *testing.T) {
	for name, fail := range failures {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				text := failure(func(s *spy) { fail(t, s) })
				golden(t, strings.ReplaceAll(name, " ", "-"), tempDirs.ReplaceAllString(flightless.ReplaceAllString(text, ""), "DIR"))
			})
		})
	}
}

func TestAWakeUpHeldUpByTheWallOfABubbleIsNamed(t *testing.T) {
	var c Counter // outside, as a package-level component would be
	ask, answered := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(answered)
		<-ask
		c.Add(1) // must not end the process
	}()
	inBubble(t, func(t *testing.T) {
		first := true
		text := failure(func(s *spy) {
			Until(s, "two are counted", func() bool {
				if first {
					first = false
					close(ask)
					<-answered
				}
				return c.Load() == 2
			}, On(&c))
		})
		golden(t, "held-up-wake-up", text)
	})
}
