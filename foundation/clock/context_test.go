package clock_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/foundation/clock"
)

type valueKey int

// tree is a random tree of contexts, made the same way by package context and
// by a clock that nothing is delegated for.
type tree struct {
	withDeadline func(context.Context, time.Time, error) (context.Context, context.CancelFunc)
	withTimeout  func(context.Context, time.Duration, error) (context.Context, context.CancelFunc)

	nodes   []context.Context
	cancels []context.CancelCauseFunc

	mu     sync.Mutex
	called map[int]bool // AfterFunc by node
}

func (tr *tree) add(ctx context.Context, cancel context.CancelCauseFunc) {
	id := len(tr.nodes)
	tr.nodes = append(tr.nodes, ctx)
	tr.cancels = append(tr.cancels, cancel)
	context.AfterFunc(ctx, func() {
		tr.mu.Lock()
		defer tr.mu.Unlock()
		tr.called[id] = true
	})
}

// step does one random thing to the tree. Deadlines are distinct, since of two
// that pass at one instant either may be first.
func (tr *tree) step(r *rand.Rand, i int) {
	parent := tr.nodes[r.IntN(len(tr.nodes))]
	d := time.Duration(r.IntN(40)-3)*time.Second + time.Duration(i+1)*time.Millisecond
	cause := fmt.Errorf("cause %d", i)
	plain := func(ctx context.Context, cancel context.CancelFunc) {
		tr.add(ctx, func(error) { cancel() })
	}
	switch r.IntN(9) {
	case 0, 1:
		plain(tr.withTimeout(parent, d, cause))
	case 2:
		plain(tr.withDeadline(parent, time.Now().Add(d), nil))
	case 3:
		ctx, cancel := context.WithCancelCause(parent)
		tr.add(ctx, cancel)
	case 4:
		tr.add(context.WithValue(parent, valueKey(i%5), i), func(error) {})
	case 5:
		tr.add(context.WithoutCancel(parent), func(error) {})
	case 6:
		tr.cancels[r.IntN(len(tr.cancels))](cause)
	default:
		eventually.Advance(time.Duration(r.IntN(3000)) * time.Millisecond)
	}
}

func (tr *tree) describe() string {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	var b strings.Builder
	for i, ctx := range tr.nodes {
		deadline, ok := ctx.Deadline()
		fmt.Fprintf(&b, "%d: err %v, cause %v, deadline %v %v, called %v, values", i, ctx.Err(), context.Cause(ctx), deadline.Format(time.StampMilli), ok, tr.called[i])
		for key := range valueKey(5) {
			fmt.Fprintf(&b, " %v", ctx.Value(key))
		}
		select {
		case <-ctx.Done():
			b.WriteString(", done")
		default:
		}
		b.WriteString("\n")
	}
	return b.String()
}

func run(t *testing.T, seed uint64, build func(*tree)) (history []string) {
	synctest.Test(t, func(t *testing.T) {
		tr := &tree{called: map[int]bool{}}
		build(tr)
		root, cancel := context.WithCancelCause(context.Background())
		tr.add(root, cancel)
		r := rand.New(rand.NewPCG(seed, 2))
		for i := range 100 {
			tr.step(r, i)
			synctest.Wait() // for the AfterFuncs
			history = append(history, tr.describe())
		}
		for _, cancel := range tr.cancels {
			cancel(nil)
		}
		synctest.Wait()
	})
	return history
}

// TestContextsDoWhatThoseOfPackageContextDo grows the same random trees of
// contexts with package context and with a foreign clock and compares all that
// can be seen of them after each step.
func TestContextsDoWhatThoseOfPackageContextDo(t *testing.T) {
	for seed := range uint64(12) {
		want := run(t, seed, func(tr *tree) {
			tr.withDeadline, tr.withTimeout = context.WithDeadlineCause, context.WithTimeoutCause
		})
		got := run(t, seed, func(tr *tree) {
			c := foreign{clock.System()}
			tr.withDeadline = func(p context.Context, at time.Time, cause error) (context.Context, context.CancelFunc) {
				return clock.WithDeadlineCause(p, c, at, cause)
			}
			tr.withTimeout = func(p context.Context, d time.Duration, cause error) (context.Context, context.CancelFunc) {
				return clock.WithTimeoutCause(p, c, d, cause)
			}
		})
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("seed %d, step %d:\n%s\npackage context:\n%s", seed, i, got[i], want[i])
			}
		}
	}
}

// manual is a clock whose AfterFuncs run when the test calls them.
type manual struct {
	clock.Clock
	funcs *[]func()
}

func (m manual) AfterFunc(_ time.Duration, f func()) *clock.Timer {
	*m.funcs = append(*m.funcs, f)
	return clock.MakeTimer(nil, inert{})
}

// inert controls a timer that never fires by itself.
type inert struct{}

func (inert) Stop() bool               { return true }
func (inert) Reset(time.Duration) bool { return true }

func TestParentsEndBeforeTheDeadlineWinsAlthoughItComesThroughAGoroutine(t *testing.T) {
	var funcs []func()
	c := manual{clock.System(), &funcs}
	parent, cancelParent := context.WithCancelCause(t.Context())
	ctx, cancel := clock.WithTimeoutCause(parent, c, time.Hour, errors.New("too late"))
	defer cancel()
	cause := errors.New("parent's")
	cancelParent(cause)
	funcs[0]() // the deadline passes
	mustEqual(t, "Err", ctx.Err(), context.Canceled)
	mustEqual(t, "Cause", context.Cause(ctx), cause)
}

// TestEarlierDeadlineOnAnotherClockDoesNotReplaceOurs has a parent whose
// deadline is earlier by the calendar, but on a clock that stands still.
func TestEarlierDeadlineOnAnotherClockDoesNotReplaceOurs(t *testing.T) {
	var still, funcs []func()
	parent, cancelParent := clock.WithTimeout(t.Context(), manual{clock.System(), &still}, time.Minute)
	defer cancelParent()
	ctx, cancel := clock.WithTimeout(parent, manual{clock.System(), &funcs}, time.Hour)
	defer cancel()
	want, _ := parent.Deadline()
	got, _ := ctx.Deadline()
	mustEqual(t, "Deadline", got, want)
	funcs[0]()
	mustEqual(t, "Err", ctx.Err(), context.DeadlineExceeded)
	mustEqual(t, "Err of the parent", parent.Err(), nil)
}

func TestErrIsSetWheneverTheParentsIsWhoeverPropagatesIt(t *testing.T) {
	for range 200 {
		parent, cancelParent := context.WithCancel(t.Context())
		ctx, cancel := clock.WithTimeout(parent, foreign{clock.System()}, time.Hour)
		defer cancel()
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for ctx.Err() == nil {
					if parent.Err() != nil && ctx.Err() == nil {
						t.Error("parent has ended, its child has not")
						return
					}
				}
			})
		}
		cancelParent()
		mustEqual(t, "Err", ctx.Err(), context.Canceled)
		wg.Wait()
	}
}

func TestContextsCostNoGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		count := func() int {
			buf := make([]byte, 1<<20)
			return strings.Count(string(buf[:runtime.Stack(buf, true)]), ", synctest bubble ")
		}
		before := count()
		ctx, cancel := clock.WithTimeout(t.Context(), foreign{clock.System()}, time.Hour)
		for range 20 {
			child, cancelChild := context.WithTimeout(ctx, time.Minute)
			defer cancelChild()
			context.AfterFunc(child, func() {})
			_, cancelGrandchild := clock.WithTimeout(child, foreign{clock.System()}, time.Second)
			defer cancelGrandchild()
		}
		mustEqual(t, "goroutines", count(), before)
		cancel()
		synctest.Wait()
		mustEqual(t, "goroutines after cancel", count(), before)
	})
}

func TestContextNamesItselfAsThoseOfPackageContextDo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		std, cancelStd := context.WithTimeout(context.Background(), time.Minute)
		defer cancelStd()
		ours, cancel := clock.WithTimeout(context.Background(), foreign{clock.System()}, time.Minute)
		defer cancel()
		mustEqual(t, "String", fmt.Sprint(ours), fmt.Sprint(std))
		type anonymous struct{ context.Context }
		unnamed, cancelUnnamed := clock.WithTimeout(anonymous{context.Background()}, foreign{clock.System()}, time.Minute)
		defer cancelUnnamed()
		mustEqual(t, "prefix", strings.HasPrefix(fmt.Sprint(unnamed), "clock_test.anonymous.WithDeadline(2000-01-01 00:01:00"), true)
	})
}

func TestNilParentPanicsAsInPackageContext(t *testing.T) {
	mustPanic(t, "clock: cannot create context from nil parent", func() {
		var none context.Context
		clock.WithTimeout(none, foreign{clock.System()}, 1)
	})
}
