package fakeclock

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sleepless-go/sleepless/internal/caller"
	"github.com/sleepless-go/sleepless/internal/goid"
	"github.com/sleepless-go/sleepless/internal/notify"
)

// ErrTrapClosed is returned by [Trap.Next] once the trap has been closed.
var ErrTrapClosed = errors.New("fakeclock: trap is closed")

// Trap intercepts calls on a [Fake]: the calling goroutine blocks, before its
// call takes effect, until the test releases it. Make one with [Fake.Trap].
type Trap struct {
	fake  *Fake
	match []Match
	site  caller.Stack
	hub   notify.Hub // wakes Next

	// guarded by fake.mu
	caught []*Call // not yet returned by Next
	closed bool
}

// Call is an intercepted call. Its goroutine is blocked in it until Release.
type Call struct {
	fake      *Fake
	event     event
	site      caller.Stack
	goroutine uint64 // that made the call
	holder    uint64 // that got the call from Next, or 0; guarded by fake.mu

	released chan struct{} // closed by Release
	through  chan struct{} // closed when the call has taken effect
}

// Trap intercepts, from now on, the calls that all matches select; without any
// it intercepts all. Calls are caught in the order in which they arrive and
// handed out by [Trap.Next]. A call that several traps select is caught by each
// in turn, in the order in which they were made.
//
// Close the trap when done. Traps not closed and calls not released by the end
// of the test given to [WithT] fail it, and are then let go, so that nothing
// hangs.
//
// While a callback is held in a trap, whoever advances the clock waits for that
// callback: advance in another goroutine than the one that releases it.
func (f *Fake) Trap(match ...Match) *Trap {
	tr := &Trap{fake: f, match: match, site: caller.Capture(0)}
	f.mu.Lock()
	f.traps = append(f.traps, tr)
	f.trapping.Store(int32(len(f.traps)))
	f.mu.Unlock()
	return tr
}

// Next waits for the next intercepted call. It returns an error that wraps the
// cause of ctx's end, or [ErrTrapClosed].
func (tr *Trap) Next(ctx context.Context) (*Call, error) {
	wake := make(chan struct{}, 1)
	stop := tr.hub.Notify(wake)
	defer stop()
	for {
		call, closed := tr.take()
		switch {
		case call != nil:
			return call, nil
		case closed:
			return nil, ErrTrapClosed
		}
		select {
		case <-wake:
		case <-ctx.Done():
			if call, _ := tr.take(); call != nil {
				return call, nil
			}
			return nil, fmt.Errorf("fakeclock: no call was intercepted by the trap%s set by %s: %w", describe(tr.match), armedBy(tr.site), context.Cause(ctx))
		}
	}
}

func (tr *Trap) take() (call *Call, closed bool) {
	holder := goid.ID()
	f := tr.fake
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(tr.caught) == 0 {
		return nil, tr.closed
	}
	call, tr.caught = tr.caught[0], tr.caught[1:]
	call.holder = holder
	return call, false
}

// Close ends the interception and releases the calls that Next has not
// returned. Those it has returned remain to be released. Close is idempotent.
func (tr *Trap) Close() {
	f := tr.fake
	f.mu.Lock()
	tr.closed = true
	if i := slices.Index(f.traps, tr); i >= 0 {
		f.traps = slices.Delete(f.traps, i, i+1)
		f.trapping.Store(int32(len(f.traps)))
	}
	caught := tr.caught
	tr.caught = nil
	for _, call := range caught {
		call.letGo()
	}
	f.mu.Unlock()
	tr.hub.Broadcast()
}

// Op returns which method was called.
func (c *Call) Op() Operation { return c.event.op }

// Tag returns the tag of the view or timer that was called.
func (c *Call) Tag() string { return c.event.tag }

// Duration returns the duration that was passed, 0 for Now and Stop.
func (c *Call) Duration() time.Duration { return c.event.d }

// String returns for instance `NewTimer(5s) by cache.(*Cache).janitor cache.go:118`.
func (c *Call) String() string {
	arg := ""
	if c.event.op != OpNow && c.event.op != OpStop {
		arg = c.event.d.String()
	}
	return fmt.Sprintf("%s(%s) by %s", c.event.op, arg, armedBy(c.site))
}

// Release lets the call go on and returns when it has taken effect (a released
// NewTimer is armed) or has been caught by another trap. Release is idempotent.
func (c *Call) Release() {
	c.fake.mu.Lock()
	c.letGo()
	c.fake.mu.Unlock()
	<-c.through
}

// letGo unblocks the call's goroutine. fake.mu is held.
func (c *Call) letGo() {
	if _, held := c.fake.held[c]; held {
		delete(c.fake.held, c)
		close(c.released)
	}
}

// passage is the way of one call through the traps. A nil passage went through
// none.
type passage struct{ last *Call }

// leave says that the call has taken effect.
func (p *passage) leave() {
	if p != nil && p.last != nil {
		close(p.last.through)
	}
}

// intercept blocks the calling goroutine in every trap that selects the call.
func (f *Fake) intercept(op Operation, tag string, d time.Duration) *passage {
	if f.trapping.Load() == 0 {
		return nil
	}
	e := event{op, tag, d}
	f.mu.Lock()
	traps := slices.Clone(f.traps)
	f.mu.Unlock()
	p := &passage{}
	for _, tr := range traps {
		if matchAll(tr.match, e) {
			p.stopAt(tr, e)
		}
	}
	return p
}

// stopAt blocks the calling goroutine until tr has released it.
func (p *passage) stopAt(tr *Trap, e event) {
	f := tr.fake
	call := &Call{
		fake: f, event: e, site: caller.Capture(2), goroutine: goid.ID(),
		released: make(chan struct{}), through: make(chan struct{}),
	}
	f.mu.Lock()
	if tr.closed {
		f.mu.Unlock()
		return
	}
	f.held[call] = struct{}{}
	tr.caught = append(tr.caught, call)
	f.mu.Unlock()
	p.leave()
	p.last = call
	tr.hub.Broadcast()
	f.hub.Broadcast()
	<-call.released
}

// cleanup runs at the end of the test: it reports what is still trapped and
// lets it go.
func (f *Fake) cleanup() {
	t := f.config.t
	t.Helper()
	f.mu.Lock()
	traps := slices.Clone(f.traps)
	calls := make([]*Call, 0, len(f.held))
	for call := range f.held {
		calls = append(calls, call)
		call.letGo()
	}
	f.mu.Unlock()
	for _, call := range calls {
		t.Errorf("fakeclock: intercepted call was never released: %s; take it with Trap.Next and call Release", call)
	}
	for _, tr := range traps {
		t.Errorf("fakeclock: trap%s set by %s was never closed; defer its Close", describe(tr.match), armedBy(tr.site))
		tr.Close()
	}
}
