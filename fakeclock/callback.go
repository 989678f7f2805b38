package fakeclock

import (
	"fmt"
	"time"

	"github.com/sleepless-go/sleepless/internal/caller"
	"github.com/sleepless-go/sleepless/internal/goid"
)

// callback is one run of an AfterFunc function.
type callback struct {
	fn       func()
	site     caller.Stack
	asked    time.Duration
	tag      string
	detached bool

	goroutine uint64 // 0 until it runs; guarded by Fake.mu
}

// describe returns for instance `afterfunc (1s, tag "janitor") armed by cache.New cache.go:41`.
func (cb *callback) describe() string {
	tag := ""
	if cb.tag != "" {
		tag = fmt.Sprintf(", tag %q", cb.tag)
	}
	return fmt.Sprintf("afterfunc (%s%s) armed by %s", cb.asked, tag, armedBy(cb.site))
}

// start runs t's function in a goroutine of its own. f.mu is held.
func (f *Fake) start(t *timer) {
	cb := &callback{fn: t.fn, site: t.site, asked: t.asked, tag: t.tag, detached: t.detached}
	f.callbacks[cb] = struct{}{}
	if !cb.detached {
		f.awaited++
	}
	go f.run(cb)
}

func (f *Fake) run(cb *callback) {
	defer f.finish(cb) // also after a Goexit, as t.FailNow does
	id := goid.ID()
	f.mu.Lock()
	cb.goroutine = id
	f.mu.Unlock()
	cb.fn()
}

func (f *Fake) finish(cb *callback) {
	f.mu.Lock()
	delete(f.callbacks, cb)
	f.effects++
	if !cb.detached {
		f.awaited--
	}
	select {
	case f.wake <- struct{}{}: // nobody drives if it is nil
	default:
	}
	f.mu.Unlock()
	f.hub.Broadcast()
}

// refuseReentry panics if the caller is a goroutine that the clock would have
// to wait for in order to move: a callback, or one that holds a callback in a
// trap. f.mu is held, and released before the panic.
func (f *Fake) refuseReentry(op string) {
	if f.awaited == 0 {
		return
	}
	me := goid.ID()
	for cb := range f.callbacks {
		if cb.detached {
			continue
		}
		if cb.goroutine == me {
			f.mu.Unlock()
			panic(fmt.Sprintf("fakeclock: %s called from a callback that the clock waits for before it moves on: %s; arm a timer instead, or make the callback Detached", op, cb.describe()))
		}
		for call := range f.held {
			if call.holder == me && call.goroutine == cb.goroutine {
				f.mu.Unlock()
				panic(fmt.Sprintf("fakeclock: %s called while holding the intercepted call %s of a callback that the clock waits for before it moves on; release the call first, or move the clock in another goroutine", op, call))
			}
		}
	}
}
