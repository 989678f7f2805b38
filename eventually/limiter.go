package eventually

import (
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// stuckGrace is the least time a check that runs over the limit is given to
// return before it is called stuck. A busy machine makes checks slow, and being
// slow is no fault.
const stuckGrace = 500 * time.Millisecond

// limiter ends a wait. One timer serves twice: at the limit it wakes the wait
// for its last look, and if the wait is still not over a while later, it looks
// whether one and the same check is running each time: that one does not come
// back.
//
// The timer's goroutine never outlives the wait: every arming is counted in
// running, and disarm waits for it.
type limiter struct {
	expired atomic.Bool
	// checking is the number of the check that is running, 0 between checks.
	checking atomic.Int64

	mu       sync.Mutex // guards the fields below; never held while anything blocks
	timer    *time.Timer
	running  sync.WaitGroup
	finished bool
	late     int64 // the check that ran when the timer fired last

	limit time.Duration
	due   chan<- struct{}
	stuck func(check int)
}

func (l *limiter) arm(limit time.Duration, due chan<- struct{}, stuck func(check int)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.limit, l.due, l.stuck = limit, due, stuck
	l.expired.Store(limit <= 0) // a budget that is spent: the first check is the last
	l.running.Add(1)
	l.timer = time.AfterFunc(limit, l.fire)
}

func (l *limiter) disarm() {
	l.mu.Lock()
	l.finished = true
	if l.timer.Stop() {
		l.running.Done()
	}
	l.mu.Unlock()
	l.running.Wait()
}

func (l *limiter) enter(check int) { l.checking.Store(int64(check)) }
func (l *limiter) leave()          { l.checking.Store(0) }

func (l *limiter) fire() {
	defer l.running.Done()
	if check := l.overrun(); check != 0 {
		l.stuck(check)
	}
}

// overrun does what is due and returns the number of a check that is stuck.
func (l *limiter) overrun() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.checking.Load()
	switch {
	case l.finished:
		return 0
	case !l.expired.Load():
		l.expired.Store(true)
		l.due <- struct{}{} // does not block: it has room for one, and this is sent once
	case now != 0 && now == l.late:
		return int(now)
	}
	l.late = now
	l.running.Add(1)
	l.timer.Reset(max(l.limit/10, stuckGrace))
	return 0
}

// Stuck describes a condition that did not return by the limit.
type Stuck struct {
	What  string        // what the wait is for
	Check int           // number of the check that hangs
	Limit time.Duration // of the wait
	Stack string        // of the goroutine that waits; all goroutines where it could not be told
}

// String is the text written to standard error by default.
func (s Stuck) String() string {
	return fmt.Sprintf("eventually: %q: the condition itself is stuck: check %d has not returned though the limit of %v is over\n"+
		"    hint: a condition must only look, never block; what it blocks on is in this stack:\n%s",
		s.What, s.Check, round(s.Limit), indent(s.Stack, "    "))
}

// reportStuck runs on the limiter's goroutine, beside the check that hangs.
func (w *waiter) reportStuck(check int) {
	s := Stuck{What: w.report.What, Check: check, Limit: w.limit, Stack: stackOf(w)}
	if w.onStuck != nil {
		w.onStuck(s)
		return
	}
	fmt.Fprintln(os.Stderr, s)
}
