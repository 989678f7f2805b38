// Package notify holds the Hub, through which everything that can wake a wait
// does so: recorders, variables, the event bus and the fake clock.
package notify

import (
	"strings"
	"sync"
	"sync/atomic"

	"github.com/sleepless-go/sleepless/internal/bubble"
	"github.com/sleepless-go/sleepless/internal/caller"
)

// Hub wakes any number of waiters. The zero value is ready.
//
// No wake-up is lost if both sides keep their order: a waiter registers and
// then looks at the state, whoever changes the state changes it and then calls
// Broadcast. The counter read by Broadcast and raised by Notify is sequentially
// consistent, so either the waiter sees the new state or Broadcast sees the
// waiter.
//
// All methods may be called from any goroutine, with one exception that the
// runtime imposes: a channel made inside a synctest bubble cannot be touched
// from outside it; doing so kills the process. The Hub therefore never sends
// to a bubbled waiter from outside its bubble. It counts such a broadcast in
// Foreign, and the waiter can say so when it gives up.
type Hub struct {
	n  atomic.Int32 // len(waiters), so that Broadcast to nobody is one load
	mu sync.Mutex
	// waiters is short in practice: one per wait that is blocked right now.
	waiters []*waiter
	foreign Foreign
}

type waiter struct {
	ch     chan<- struct{}
	bubble uint64 // 0 outside bubbles
}

// Foreign describes broadcasts that could not be delivered because they came
// from outside the bubble of a waiter.
type Foreign struct {
	Count uint64
	Last  string // function, file and line that caused the last one
}

// Notify registers ch until stop is called. Sends never block: ch needs room
// for one value, and broadcasts coalesce while that value is unread. Notify
// must be called by the goroutine that will wait, since it takes note of the
// bubble it is in. Stop is idempotent.
func (h *Hub) Notify(ch chan<- struct{}) (stop func()) {
	w := &waiter{ch: ch}
	if bubble.Inside() {
		w.bubble = bubble.ID()
	}
	h.mu.Lock()
	h.waiters = append(h.waiters, w)
	h.n.Add(1)
	h.mu.Unlock()
	return func() { h.remove(w) }
}

func (h *Hub) remove(w *waiter) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i, x := range h.waiters {
		if x == w {
			last := len(h.waiters) - 1
			h.waiters[i] = h.waiters[last]
			h.waiters[last] = nil
			h.waiters = h.waiters[:last]
			h.n.Add(-1)
			return
		}
	}
}

// Broadcast wakes every waiter. With no waiter it is one atomic load.
func (h *Hub) Broadcast() {
	if h.n.Load() != 0 {
		h.broadcast()
	}
}

// Waiting reports how many waiters are registered.
func (h *Hub) Waiting() int { return int(h.n.Load()) }

// Foreign returns what could not be delivered so far.
func (h *Hub) Foreign() Foreign {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.foreign
}

func (h *Hub) broadcast() {
	h.mu.Lock()
	defer h.mu.Unlock()
	var caused uint64 // the calling goroutine, once it matters
	for _, w := range h.waiters {
		if len(w.ch) == cap(w.ch) {
			continue // a wake-up is already pending; the waiter will look again
		}
		if anyDeaf.Load() != 0 && own(w.ch, &caused) {
			continue
		}
		if w.bubble != 0 && w.bubble != bubble.ID() {
			h.foreign.Count++
			h.foreign.Last = caller.Capture(1).Outside(plumbing).String()
			continue
		}
		select {
		case w.ch <- struct{}{}:
		default:
		}
	}
}

// plumbing tells the packages through which a broadcast passes on its way here
// from the code that caused it.
func plumbing(pkg string) bool {
	switch rest, ok := strings.CutPrefix(pkg, caller.Module+"/"); {
	case !ok:
		return false
	default:
		return rest == "internal/notify" || rest == "eventually" || rest == "eventually/httpsource" || rest == "fakeclock" ||
			rest == "foundation/telemetry" || rest == "foundation/signal" || rest == "foundation/telemetry/telemetrytest"
	}
}
