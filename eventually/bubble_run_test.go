package eventually

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync"
	"testing"
	"time"
)

// door can be closed, in the way that its kind is.
type door struct {
	closed int
	err    error
}

func (d *door) Close() error { d.closed++; return d.err }

type server struct{ ctx context.Context }

func (s *server) Shutdown(ctx context.Context) error { s.ctx = ctx; return nil }

type ticking struct{ stopped bool }

func (t *ticking) Stop(...string) bool { t.stopped = true; return true }

func closeFails(t *testing.T) {
	Bubble(t, func(*testing.T) {}, Close(&door{err: errors.New("it is stuck")}))
}

func closeUnknown(t *testing.T) {
	var x any
	Bubble(t, func(*testing.T) { x = 42 }, Close(&x))
}

func TestBubbleRunsTheTestInABubbleOfItsOwn(t *testing.T) {
	ran := false
	Bubble(t, func(inner *testing.T) {
		ran = true
		start := time.Now()
		Advance(time.Hour)
		if d := time.Since(start); d != time.Hour {
			t.Errorf("took %v of virtual time", d)
		}
		if inner == t || inner.Context() == t.Context() || inner.Name() != t.Name() {
			t.Error("not the T of the bubble")
		}
	}, nil)
	if !ran {
		t.Error("the body has not run")
	}
}

func TestRepeatMakesABubbleForEachRun(t *testing.T) {
	var starts []time.Time
	var clean int
	Bubble(t, func(t *testing.T) {
		starts = append(starts, time.Now())
		Advance(time.Minute)
		t.Cleanup(func() { clean++ })
	}, Repeat(7), Repeat(3))
	if len(starts) != 3 || !starts[1].Equal(starts[0]) || !starts[2].Equal(starts[0]) || clean != 3 {
		t.Errorf("began at %v, cleaned up %d times; want three times at the beginning of virtual time", starts, clean)
	}
}

// diary notes from any goroutine what happens.
type diary struct {
	mu      sync.Mutex
	entries []string
}

func (d *diary) note(what string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.entries = append(d.entries, what)
}

func TestDrainLetsGoroutinesEndThatWaitForTime(t *testing.T) {
	var d diary
	Bubble(t, func(t *testing.T) {
		go func() {
			Advance(59 * time.Second)
			d.note("sleeper")
		}()
		time.AfterFunc(DrainTime, func() { d.note("timer") })
		t.Cleanup(func() { d.note("cleanup") })
	}, Drain())
	if want := []string{"cleanup", "sleeper", "timer"}; !slices.Equal(d.entries, want) {
		t.Errorf("ended: %v, want %v", d.entries, want)
	}
}

func TestCloseEndsWhatTheTestMadeAfterItsCleanupsAndBeforeTheDrain(t *testing.T) {
	var d diary
	var first, second func()
	Bubble(t, func(t *testing.T) {
		first = func() { d.note("first") }
		stop := make(chan struct{})
		second = func() { d.note("second"); close(stop) }
		go func() {
			<-stop
			time.AfterFunc(time.Second, func() { d.note("timer") })
		}()
		t.Cleanup(func() { d.note("cleanup") })
	}, Close(&first), Drain(), Close(&second))
	if want := []string{"cleanup", "second", "first", "timer"}; !slices.Equal(d.entries, want) {
		t.Errorf("order: %v, want %v", d.entries, want)
	}
}

func TestCloseKnowsEveryKindOfEnd(t *testing.T) {
	d, s, k := &door{}, &server{}, &ticking{}
	var made *door
	var held io.Closer
	var never *door
	called := 0
	Bubble(t, func(t *testing.T) { made, held = d, d },
		Close(d), Close(s), Close(k), Close(&made), Close(&held), Close(&never),
		Close(func() { called++ }), Close(func() error { called++; return nil }))
	if d.closed != 3 {
		t.Errorf("the door was closed %d times, want once for itself and once for each variable", d.closed)
	}
	if made != nil || held != nil {
		t.Error("a variable still holds what was closed, so a second run would close it again")
	}
	if s.ctx == nil || s.ctx.Err() != nil {
		t.Errorf("Shutdown was given %v, want a context without an end", s.ctx)
	}
	if !k.stopped || called != 2 {
		t.Errorf("stopped %v, %d functions called", k.stopped, called)
	}
}

func TestCloseHappensInEachRunAndAfterAFailedOne(t *testing.T) {
	var d *door
	var all []*door
	Bubble(t, func(t *testing.T) {
		d = &door{}
		all = append(all, d)
		if len(all) == 2 {
			t.SkipNow() // leaves by Goexit, as FailNow does
		}
	}, Close(&d), Repeat(3))
	for i, d := range all {
		if d.closed != 1 {
			t.Errorf("door %d was closed %d times", i, d.closed)
		}
	}
}

// Without the look that Bubble takes at it, the Done channel of the outer context
// would be made inside, and its end would end the process.
func TestAContextOfTheOuterTestMayBeTheParentOfOneMadeInside(t *testing.T) {
	t.Run("outer", func(outer *testing.T) {
		Bubble(outer, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(outer.Context(), time.Minute)
			defer cancel()
			<-ctx.Done()
			if outer.Context().Err() != nil {
				t.Error("the outer one has ended")
			}
		})
	})
}
