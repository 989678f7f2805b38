package leakcheck

import (
	"runtime"
	"testing/synctest"
	"time"

	"github.com/sleepless-go/sleepless/internal/bubble"
	"github.com/sleepless-go/sleepless/internal/stacks"
)

// surroundings are those of the calling goroutine. This file is the one place
// of the package that waits for other goroutines without knowing what they wait
// for.
func surroundings() world {
	if bubble.Inside() {
		return world{
			dump:  dumpAll,
			prove: proveNothing,
			now:   time.Now,
			yield: settleBubble,
			pause: func(d time.Duration) {
				time.Sleep(d)
				settleBubble()
			},
		}
	}
	return world{dump: dumpAll, prove: proveAll, now: time.Now, yield: settle, pause: time.Sleep}
}

// A collection that looks for leaks must not be run in a bubble, and after
// synctest.Wait it could not add much.
func proveNothing() ([]stacks.Goroutine, bool) { return nil, false }

// rounds is how often a check yields at most before it looks. A goroutine that has been
// told to end is gone after one round, seldom two.
const rounds = 8

// settle lets the goroutines run that can, until none has ended or begun for
// two rounds.
func settle() {
	for round, calm := 0, 0; round < rounds && calm < 2; round++ {
		before := runtime.NumGoroutine()
		runtime.Gosched()
		if calm++; runtime.NumGoroutine() != before {
			calm = 0
		}
	}
}

// settleBubble waits until every other goroutine of the bubble is blocked or
// gone. Where another goroutine is in synctest.Wait, which may be called by one
// at a time, it yields instead.
func settleBubble() {
	defer func() {
		if recover() != nil {
			settle()
		}
	}()
	synctest.Wait()
}

// settleCleanups lets the cleanups and finalizers run that a collection has
// queued. It does not insist: a finalizer may block.
func settleCleanups() {
	for range rounds {
		if cleanupsPending() == 0 {
			return
		}
		runtime.Gosched()
	}
}
