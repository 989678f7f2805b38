package bubblewatch

import (
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sleepless-go/sleepless/internal/bubble"
	"github.com/sleepless-go/sleepless/internal/stacks"
)

// Watch watches one bubble. Start makes it, outside the bubble; Enter is called
// inside; Stop, outside again, when the bubble has ended.
//
// It owns one timer. While that has not fired nothing runs, and Stop waits for a
// look that is under way.
type Watch struct {
	name    string
	plan    plan
	start   time.Time
	number  atomic.Uint64 // of the bubble, 0 until Enter
	out     io.Writer
	exit    func(code int)
	through chan struct{} // closed when no look will follow

	// Of the goroutine of the timer, which runs once at a time.
	state state
	looks [][]stacks.Goroutine

	mu      sync.Mutex // held for assignments only
	timer   *time.Timer
	stopped bool
}

// Patience is how long, in real time, a bubble may take before anybody looks at
// it. A bubble takes as long as its code computes, which is seldom more than
// milliseconds.
const Patience = 2 * time.Second

// Limits bound a bubble in real time.
type Limits struct {
	Limit time.Duration // what the test asked for, 0 if nothing
	Left  time.Duration // to the deadline of the test, below 0 if it has none
}

// Start arms the watch for a bubble that is about to be made.
func Start(test string, limits Limits) *Watch {
	return start(test, newPlan(limits), os.Stderr, os.Exit)
}

func start(test string, p plan, out io.Writer, exit func(int)) *Watch {
	w := &Watch{name: test, plan: p, start: time.Now(), out: out, exit: exit, through: make(chan struct{})}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.timer = time.AfterFunc(p.first(), w.look)
	return w
}

// Enter notes the bubble of the calling goroutine.
func (w *Watch) Enter() { w.number.Store(bubble.ID()) }

// Number returns the number of the bubble, as dumps show it.
func (w *Watch) Number() uint64 { return w.number.Load() }

// Stop ends the watch. Nothing is written after it returns.
func (w *Watch) Stop() {
	w.mu.Lock()
	w.stopped = true
	idle := w.timer.Stop()
	w.mu.Unlock()
	if !idle {
		<-w.through
	}
}

// look is what the timer calls.
func (w *Watch) look() {
	var v Verdict
	if n := w.Number(); n != 0 {
		w.looks = append(w.looks, stacks.All())
		v = judge(w.looks, n)
	} else {
		w.looks = append(w.looks, nil) // the bubble has not begun
	}
	step := w.plan.next(&w.state, v, time.Since(w.start), len(w.looks))
	if step.note {
		w.write(note(w.name, v, time.Since(w.start), w.plan))
	}
	if step.note || step.fresh {
		w.looks = nil
	}
	again, ended := w.proceed(step)
	if ended {
		w.write(final(w.name, v, w.plan))
		w.exit(2)
	}
	if !again {
		close(w.through)
	}
}

// proceed arms the timer for the next look, unless there is none: then either
// the bubble has ended, or the process has to.
func (w *Watch) proceed(next step) (again, end bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.stopped:
		return false, false
	case next.end:
		w.stopped = true
		return false, true
	}
	w.timer.Reset(next.after)
	return true, false
}

// write ignores errors: there is nobody left to tell.
func (w *Watch) write(text string) { fmt.Fprint(w.out, text) }
