package eventually

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/sleepless-go/sleepless/internal/bubble"
	"github.com/sleepless-go/sleepless/internal/bubblewatch"
)

// Bubble runs f in a testing/synctest bubble, as synctest.Test does, and says
// why when the bubble does not end:
//
//	func TestExpiry(t *testing.T) {
//		eventually.Bubble(t, func(t *testing.T) {
//			c := cache.New(time.Hour)
//			c.Put("a", 1)
//			eventually.Advance(time.Hour) // takes no time
//			if c.Has("a") {
//				t.Error("a has not expired")
//			}
//		})
//	}
//
// What f may do, how it fails and when Bubble returns is as with synctest.Test.
// A panic in f passes through untouched. The differences:
//
//   - Goroutines left at the end, and a test that is blocked for good, fail t
//     with an account of who waits where and was started by whom. With
//     synctest.Test they end the process.
//   - t.Run, t.Parallel, t.Deadline and another bubble, called inside by the
//     goroutine of f, fail t with the line and the cure. So do timers as they
//     were before Go 1.23 (GODEBUG asynctimerchan=1).
//   - A bubble in which no goroutine can run while time cannot pass either, for
//     want of a mutex, a sync.Once, a WaitGroup, a context or a channel from
//     outside, would hang up to the time-out of the test binary. After two
//     seconds of real time, and a second look, that is written to standard error
//     with stacks and cure, and the process exits with status 2: a bubble cannot
//     be ended from outside. A goroutine outside that is seen at work in the same
//     code, or asleep or in I/O with the lock, is given the time it takes.
//   - A bubble that still runs after two seconds, or is in I/O or a system call,
//     or in which something runs on while the test waits, is named on standard
//     error once and goes on. It is ended, with the same account, by [Limit], or
//     a few seconds before the deadline of the test.
//
// Without any of that a bubble costs three or four microseconds more: a timer,
// and a look at the number of the bubble.
//
// It cannot explain what the runtime makes fatal: a goroutine that touches a
// channel or timer of another bubble ends the process at once. [Repeat] makes
// such a fault, which needs two bubbles, show in one test.
//
// Call it on the goroutine of the test, and with a t that is not in its cleanup
// yet; bubbles of parallel tests do not disturb one another.
func Bubble(t *testing.T, f func(t *testing.T), opts ...BubbleOption) {
	c := bubbleConfig{repeat: 1}
	for _, o := range opts {
		if o != nil {
			o.applyBubble(&c)
		}
	}
	if wrong := c.refusal(t, f); wrong != "" {
		t.Helper() // costs a look at the stack, so only now
		t.Fatal("eventually: " + wrong)
	}
	// A Done channel belongs to where it is first asked for. If that were the
	// bubble, the end of the test would close it from outside, which ends the
	// process without a word of who did it; made here, whoever waits for it
	// inside is named.
	t.Context().Done()
	for n := 1; n <= c.repeat; n++ {
		r := bubbleRun{config: &c, body: f, number: n}
		if report := r.run(t); report != "" {
			t.Helper()
			t.Fatal(report)
		}
	}
}

// refusal says why there can be no bubble, or "".
func (c *bubbleConfig) refusal(t *testing.T, f func(*testing.T)) string {
	switch {
	case c.err != nil:
		return c.err.Error()
	case f == nil:
		return "Bubble was given a nil function; pass the body of the test"
	case bubble.Inside():
		return "Bubble was called inside a bubble, which cannot hold another; leave out the inner one, or make two tests"
	case t.Context().Err() != nil:
		return "Bubble was called in a cleanup, where synctest refuses to make bubbles; call it in the test itself"
	}
	return ""
}

// bubbleRun is one bubble.
type bubbleRun struct {
	config  *bubbleConfig
	body    func(*testing.T)
	number  int // from 1
	watch   *bubblewatch.Watch
	reports []string // made inside, for the t outside, whose lines are the user's
}

// run returns what there is to report. A body that fails leaves by
// runtime.Goexit, as with synctest.Test.
func (r *bubbleRun) run(t *testing.T) (report string) {
	r.watch = bubblewatch.Start(t.Name(), bubblewatch.Limits{Limit: r.config.limit, Left: timeLeft(t, false)})
	returned := false
	defer func() {
		r.watch.Stop()
		if p := recover(); p != nil {
			text, ok := bubblewatch.Explain(p, r.watch.Number(), r.config.drain)
			if !ok {
				panic(p)
			}
			report = strings.Join(append(r.reports, text), "\n")
		} else if !returned && len(r.reports) > 0 {
			t.Error(strings.Join(r.reports, "\n"))
		}
		if r.config.repeat > 1 && (!returned || report != "") {
			t.Logf("eventually: that was run %d of %d", r.number, r.config.repeat)
		}
	}()
	synctest.Test(t, r.inside)
	returned = true
	return strings.Join(r.reports, "\n")
}

// inside is the test's function in the bubble.
func (r *bubbleRun) inside(t *testing.T) {
	r.watch.Enter()
	if r.config.drain || len(r.config.closers) > 0 {
		t.Cleanup(r.windUp) // the first to be registered, so the last to run
	}
	if report := r.guarded(t); report != "" {
		r.reports = append(r.reports, report)
	}
}

// windUp runs when the test and its cleanups are over.
func (r *bubbleRun) windUp() {
	r.reports = append(r.reports, r.config.close()...)
	if r.config.drain {
		Advance(DrainTime)
	}
}

// guarded runs the body and returns a report of a call that is forbidden in a
// bubble and has panicked. All other panics are left alone, since to recover one
// and to panic again is not the same.
func (r *bubbleRun) guarded(t *testing.T) (report string) {
	done := false
	defer func() {
		if done {
			return
		}
		if text, ok := bubblewatch.Misuse(); ok {
			recover()
			report = text
		}
	}()
	if r.number > 1 {
		ifThisEndsInAFatalErrorSomethingMadeInAnEarlierBubbleIsUsedAgain(t, r.body)
	} else {
		r.body(t)
	}
	done = true
	return ""
}

// The runtime ends the process when a channel, timer or WaitGroup of one bubble
// is used in another, and shows nothing but stacks. So the stack says it. What
// is used again is in a package-level variable, a pool or a singleton: the frame
// above this one is the code that uses it. Let each test make its own inside its
// bubble; a lazily made package-level channel can be made before the bubble.
//
//go:noinline
func ifThisEndsInAFatalErrorSomethingMadeInAnEarlierBubbleIsUsedAgain(t *testing.T, body func(*testing.T)) {
	body(t)
}
