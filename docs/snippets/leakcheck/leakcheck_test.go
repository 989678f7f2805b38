package leakcheck

import (
	"os"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/leakcheck"
)

// snippet:begin main
func TestMain(m *testing.M) { os.Exit(leakcheck.Main(m)) }

// snippet:end main

// poller is a component that owns a goroutine.
type poller struct {
	stop, stopped chan struct{}
}

func newPoller() *poller {
	p := &poller{make(chan struct{}), make(chan struct{})}
	go func() {
		defer close(p.stopped)
		<-p.stop
	}()
	return p
}

func (p *poller) Close() {
	close(p.stop)
	<-p.stopped
}

// snippet:begin check
func TestPoller(t *testing.T) {
	t.Parallel()
	leakcheck.Check(t) // first: cleanups run last to first
	p := newPoller()
	t.Cleanup(p.Close)
}

// snippet:end check

// snippet:begin bubble
func TestPollerInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		leakcheck.Check(t) // this bubble only; the grace is virtual
		p := newPoller()
		defer p.Close()
	})
}

// snippet:end bubble

func TestFind(t *testing.T) {
	// snippet:begin find
	base := leakcheck.TakeBaseline()
	newPoller().Close()
	if err := leakcheck.Find(leakcheck.Since(base)).Err(); err != nil {
		t.Error(err)
	}
	// snippet:end find
}

// snippet:begin resource
type session struct{ open *leakcheck.Handle }

func openSession(t *testing.T) *session { return &session{leakcheck.Resource(t, "session")} }

func (s *session) Close() error { return s.open.Close() }

func TestSessionsAreClosed(t *testing.T) {
	leakcheck.Check(t) // names what is open at the end, and the line that opened it
	s := openSession(t)
	defer s.Close()
}

// snippet:end resource

// snippet:begin track
func TestAnEvictedEntryIsFreed(t *testing.T) {
	cache := map[string]*strings.Builder{"a": new(strings.Builder)}
	entry := leakcheck.Track(t, cache["a"], "entry a")
	delete(cache, "a")
	if err := entry.Await(t.Context()); err != nil { // collects garbage, three times at most
		t.Error(err)
	}
}

// snippet:end track

// snippet:begin heap
func TestParsingKeepsNothing(t *testing.T) {
	leakcheck.HeapStable(t, 500, func() { strings.Fields("a b c") })
}

// snippet:end heap

func TestConditions(t *testing.T) {
	registry := map[string]*poller{"poller": newPoller()}
	// snippet:begin reborn
	reborn := leakcheck.Reborn(func() (*poller, bool) { p, ok := registry["poller"]; return p, ok })
	registry["poller"].Close()
	registry["poller"] = newPoller() // what the supervisor does
	if _, err := eventually.Wait(t.Context(), "the poller is started again", reborn); err != nil {
		t.Error(err)
	}
	// snippet:end reborn
	registry["poller"].Close()
}
