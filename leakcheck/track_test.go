package leakcheck

import (
	"context"
	"errors"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/sleepless-go/sleepless/eventually"
)

type entry struct {
	key  string
	next *entry
}

var global entry

// trackOne tracks an object that nothing else holds.
//
//go:noinline
func trackOne(t TB, name string) *Ref {
	return Track(t, &entry{key: name}, name)
}

func TestAnObjectThatNothingHoldsIsCollected(t *testing.T) {
	r := trackOne(t, "entry")
	if err := r.Await(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-r.Collected()
	if !r.Closed() {
		t.Error("collected, and not Closed")
	}
}

// A finalizer would never be called for these.
func TestACycleIsCollected(t *testing.T) {
	r := func() *Ref {
		a := &entry{}
		a.next = &entry{next: a}
		return Track(t, a, "cycle")
	}()
	if err := r.Await(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// A pool gives its objects up in two collections.
func TestAnObjectInAPoolIsCollected(t *testing.T) {
	var pool sync.Pool
	r := func() *Ref {
		e := &entry{}
		pool.Put(e)
		return Track(t, e, "pooled")
	}()
	if err := r.Await(t.Context()); err != nil {
		t.Fatal(err)
	}
	runtime.KeepAlive(&pool)
}

func TestAnObjectWithAFinalizerIsCollected(t *testing.T) {
	r := func() *Ref {
		e := &entry{}
		runtime.SetFinalizer(e, func(*entry) {})
		return Track(t, e, "finalized")
	}()
	if err := r.Await(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestAnObjectThatIsHeldIsNamedWithTheLineThatTracksIt(t *testing.T) {
	held := &entry{}
	r := Track(t, held, "held")
	err := r.Await(t.Context())
	if err == nil || r.Closed() {
		t.Fatal("it is gone though the test holds it")
	}
	mustContain(t, err.Error(), `object "held" (*leakcheck.entry, tracked at track_test.go:`, "after 3 garbage collections")
	runtime.KeepAlive(held)
}

func TestACheckReportsObjectsThatAreStillReachable(t *testing.T) {
	held := &entry{}
	text := during("TestX", func(s *spy) {
		Check(s)
		Track(s, held, "held")
		trackOne(s, "dropped")
	})
	mustContain(t, text, "TestX leaked 1 object", `object "held" (*leakcheck.entry) tracked at track_test.go:`)
	if strings.Contains(text, "dropped") {
		t.Errorf("what was dropped is reported:\n%s", text)
	}
	runtime.KeepAlive(held)
	if text := during("TestX", func(s *spy) { Check(s, NoGC()); Track(s, held, "held") }); text != "" {
		t.Errorf("with NoGC:\n%s", text)
	}
	handles.takeTracked(func(o owner) bool { return o.name == "TestX" }) // so that Main does not report it
	runtime.KeepAlive(held)
}

func TestAwaitLooksAtItsContextBetweenCollections(t *testing.T) {
	held := &entry{}
	r := Track(t, held, "held")
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("out of patience")
	cancel(why)
	if err := r.Await(ctx); !errors.Is(err, why) {
		t.Errorf("err = %v", err)
	}
	runtime.KeepAlive(held)
}

// The runtime ends a process in which a cleanup, which runs outside all bubbles,
// closes a channel of a bubble.
func TestACleanupDoesNotTouchAChannelOfABubble(t *testing.T) {
	for range 3 { // more than the store holds
		synctest.Test(t, func(t *testing.T) {
			refs := make([]*Ref, 20)
			for i := range refs {
				refs[i] = trackOne(t, "bubbled")
			}
			runtime.GC()
			for _, r := range refs {
				<-r.Collected() // closed by the runtime's goroutine
				if err := r.Await(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func TestAWaitPollsARefByCollecting(t *testing.T) {
	r := trackOne(t, "polled")
	report, err := eventually.Wait(t.Context(), "the entry is collected", func() (bool, string, error) { return r.Closed(), "it is reachable", nil }, eventually.On(r))
	if err != nil {
		t.Errorf("%v\n%s", err, report)
	}
}

func TestObjectsThatTheRuntimeTellsNothingAboutAreRefused(t *testing.T) {
	for want, track := range map[string]func(s *spy) *Ref{
		"the pointer is nil":                  func(s *spy) *Ref { return Track[entry](s, nil, "x") },
		"objects of size 0":                   func(s *spy) *Ref { return Track(s, &struct{}{}, "x") },
		"objects of 8 bytes without pointers": func(s *spy) *Ref { return Track(s, new(int), "x") },
		"objects of 12 bytes without":         func(s *spy) *Ref { return Track(s, &[3]struct{ a, b uint16 }{}, "x") },
		"it is a package variable":            func(s *spy) *Ref { return Track(s, &global, "x") },
	} {
		s := &spy{name: "TestX"}
		r := track(s)
		mustContain(t, s.finish(), `leakcheck: cannot track "x" (*`, want)
		if err := r.Await(t.Context()); err == nil || r.Closed() {
			t.Errorf("%s: it seems to be collected", want)
		}
	}
	if r := func() *Ref { return Track(t, &struct{ p *int }{}, "8 bytes with a pointer") }(); r.Await(t.Context()) != nil {
		t.Error("8 bytes with a pointer are an object of their own")
	}
}

func TestAwaitingACollectionDoesNotLeakGoroutines(t *testing.T) {
	base := TakeBaseline()
	synctest.Test(t, func(t *testing.T) {
		if err := trackOne(t, "x").Await(t.Context()); err != nil {
			t.Error(err)
		}
	})
	if r := Find(Since(base)); r.Leaked() {
		t.Error(r)
	}
}

// Row 2 of the claims that the original did not keep: its helper listened only
// after the cleanup it was to wait for.
func TestResourceCleanupThatComesBeforeTheWaitIsStillSeen(t *testing.T) {
	h := Resource(t, "session")
	h.Close()
	if err := h.Await(t.Context()); err != nil {
		t.Errorf("closed before the wait: %v", err)
	}
	r := trackOne(t, "session")
	for !r.Closed() {
		runtime.GC()
	}
	if err := r.Await(t.Context()); err != nil {
		t.Errorf("collected before the wait: %v", err)
	}
	if _, err := eventually.Wait(t.Context(), "closed", func() (bool, string, error) { return h.Closed(), "open", nil }, eventually.On(h), eventually.AtOnce()); err != nil {
		t.Errorf("closed before the wait for it as a source: %v", err)
	}
}

func TestAResourceThatIsClosedWakesTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := Resource(t, "session")
		got := make(chan error)
		go func() { got <- h.Await(t.Context()) }()
		synctest.Wait() // it waits
		h.Close()
		h.Close() // once more does no harm
		if err := <-got; err != nil {
			t.Error(err)
		}
	})
}

func TestAResourceThatStaysOpenIsNamedWithTheLineThatOpenedIt(t *testing.T) {
	h := Resource(t, "session")
	defer h.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := h.Await(ctx)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("err = %v", err)
	}
	mustContain(t, err.Error(), `resource "session", opened at track_test.go:`)
}

func TestACheckReportsResourcesOfItsTestAndOfSubtestsWithoutOne(t *testing.T) {
	text := during("TestX", func(s *spy) {
		Check(s)
		Resource(s, "open")
		Resource(s, "closed").Close()
		sub := &spy{name: "TestX/sub"}
		Resource(sub, "of a subtest")
		other := &spy{name: "TestXY"}
		t.Cleanup(func() { handles.takeOpen(func(o owner) bool { return o.t == other }) })
		Resource(other, "of another test")
		checked := during("TestX/checked", func(s *spy) {
			Check(s)
			Resource(s, "of its own")
		})
		mustContain(t, checked, "TestX/checked leaked 1 resource", `resource "of its own"`)
	})
	mustContain(t, text, "TestX leaked 2 resources", `resource "open" opened at track_test.go:`, `resource "of a subtest" opened at track_test.go:`, "by TestX/sub")
	if strings.Contains(text, `"closed"`) || strings.Contains(text, "of another test") || strings.Contains(text, "of its own") {
		t.Errorf("what others have is reported:\n%s", text)
	}
}

// A test may wrap its t, or call another one by its own name.
func TestACheckSparesWhatATestOfTheSameNameHasToAccountFor(t *testing.T) {
	outer := during("TestX", func(s *spy) {
		Check(s)
		Resource(s, "outer")
		inner := during("TestX", func(s *spy) {
			Check(s)
			Resource(&spy{name: "TestX"}, "of its wrapper")
		})
		mustContain(t, inner, "TestX leaked 1 resource\n", `"of its wrapper"`)
	})
	mustContain(t, outer, "TestX leaked 1 resource\n", `"outer"`)
}

func TestMainReportsResourcesOfTestsWithoutACheck(t *testing.T) {
	var out strings.Builder
	opening := runs(func() int {
		Resource(&spy{name: "TestX"}, "session")
		return 0
	})
	if code := mainTo(&out, opening, nil); code != 1 {
		t.Errorf("exit code %d", code)
	}
	mustContain(t, out.String(), "the process leaked 1 resource", `resource "session" opened at track_test.go:`, "by TestX")
}

// runs is a TestingM.
type runs func() int

func (f runs) Run() int { return f() }

func TestAnOpenFileCanBeTracked(t *testing.T) {
	r := func() *Ref {
		f, err := os.Open(os.DevNull)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		return Track(t, f, "file")
	}()
	if err := r.Await(t.Context()); err != nil {
		t.Error(err)
	}
}
