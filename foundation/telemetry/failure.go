package telemetry

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
)

// HandlerFailure reports that a handler of the bus panicked or ended its
// goroutine. It is emitted on the same bus, in the same goroutine, before the
// handlers that follow the failed one. A failure that happens while another is
// being reported in the same goroutine, such as that of a handler of this very
// event, is counted and not reported.
var HandlerFailure = NewEvent[HandlerFailureData]("telemetry.handler.failure",
	"A handler panicked or called runtime.Goexit; the emitter and the other handlers went on.")

// HandlerFailureData is the payload of HandlerFailure. Its Commit has the name
// of the bus as Instance.
type HandlerFailureData struct {
	Commit
	Handler  string `telemetry:"label" doc:"Name of the handler as given with Named, else what it listens to."`
	ID       uint64 `telemetry:"attr" doc:"Number of the handler on its bus."`
	Event    string `telemetry:"label" doc:"Name of the event it failed at."`
	Cause    string `telemetry:"label" doc:"panic or goexit."`
	Outcome  string `telemetry:"label" doc:"What became of the handler: active, quarantined, detached or closed."`
	Failures uint64 `telemetry:"attr" doc:"Failures of the handler so far, this one included."`
	Panic    string `telemetry:"attr" doc:"Text of the panic, at most 1 KiB."`
	Stack    string `telemetry:"attr" doc:"Stack from the panic outwards, at most 4 KiB."`
}

const (
	maxPanicText = 1 << 10
	maxStackText = 4 << 10
)

// Policy says what a bus does with a handler that failed.
type Policy int

// The policies.
const (
	// Keep lets the handler stay. It is the default: most failures come from
	// one odd payload, a handler that is silently gone makes every later figure
	// wrong, and each failure is counted and reported anyhow.
	Keep Policy = iota + 1
	// Quarantine skips the handler until Handle.Reattach.
	Quarantine
	// Detach takes the handler out for good, as :telemetry of Erlang does. It
	// stays in Bus.Handlers until its Handle is closed.
	Detach
)

// OnPanic sets the policy for a handler that panics or calls runtime.Goexit,
// of one handler or as the default of a bus. It panics on an unknown policy.
func OnPanic(p Policy) PanicOption {
	if p < Keep || p > Detach {
		panic(fmt.Sprintf("telemetry: unknown Policy %d", p))
	}
	return PanicOption{panicOption{policy: p}}
}

// After lets a handler fail n times, since it was attached or last reattached,
// before the policy acts; the default is 1, at the first failure. It panics if
// n is less than 1.
func After(n int) PanicOption {
	if n < 1 {
		panic(fmt.Sprintf("telemetry: After(%d), want at least 1", n))
	}
	return PanicOption{panicOption{after: uint64(n)}}
}

// PanicOption is what OnPanic and After return: an option for buses and
// handlers.
type PanicOption struct{ set panicOption }

func (o PanicOption) applyAttach(h *Handle) { h.policy = o.set.or(h.policy) }
func (o PanicOption) applyBus(b *Bus)       { b.policy = o.set.or(b.policy) }

// panicOption is a policy of which zero parts are unset.
type panicOption struct {
	policy Policy
	after  uint64
}

// or fills in what is unset from a default.
func (o panicOption) or(def panicOption) panicOption {
	if o.policy == 0 {
		o.policy = def.policy
	}
	if o.after == 0 {
		o.after = def.after
	}
	return o
}

// next decides what becomes of a handler in state s after that many failures.
func (o panicOption) next(s State, failures uint64) State {
	switch {
	case s != Active || failures < max(1, o.after):
		return s
	case o.policy == Quarantine:
		return Quarantined
	case o.policy == Detach:
		return Detached
	}
	return s
}

// failed settles a failed call: cause is what was recovered, nil for Goexit.
// It runs in the deferred function of the failed delivery.
func (h *Handle) failed(ctx context.Context, d *Descriptor, cause any) {
	h.leave()
	data := HandlerFailureData{
		Handler: h.name, ID: h.id, Event: d.Name,
		Cause: "panic", Panic: capped(fmt.Sprint(cause), maxPanicText),
	}
	if cause == nil {
		data.Cause = "goexit"
		data.Panic = "the handler called runtime.Goexit (t.FailNow and t.Fatal do)"
	}
	if h.name == "" {
		data.Handler = h.listens
	}
	b := h.bus
	b.settle(h, &data)
	if !b.failure.Enabled() || reporting() {
		return
	}
	data.Stack = capped(fromPanic(debug.Stack()), maxStackText)
	b.report(ctx, data)
}

// settle counts a failure and applies the policy.
func (b *Bus) settle(h *Handle, data *HandlerFailureData) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failures.Add(1)
	data.Failures = h.failures.Add(1)
	h.since++
	h.last = data.Panic
	state := h.policy.next(h.State(), h.since)
	if state != h.State() {
		h.state.Store(int32(state))
		b.refresh(h)
	}
	data.Outcome = state.String()
	data.Commit = Commit{Instance: b.name, Seq: b.commits.Next()}
}

// report emits the failure. It is a function of its own, never inlined, because
// reporting looks for its name.
//
//go:noinline
func (b *Bus) report(ctx context.Context, data HandlerFailureData) {
	b.failure.Emit(ctx, data)
}

const reportFunc = "foundation/telemetry.(*Bus).report"

// reporting tells whether a failure is being reported further up on this
// goroutine's stack. A failure handler that emits an event whose handler fails
// would otherwise never come to an end; a counter instead of the stack would
// confuse goroutines that fail at the same time.
func reporting() bool {
	pcs := make([]uintptr, 128)
	n := runtime.Callers(1, pcs)
	for n == len(pcs) {
		pcs = make([]uintptr, 2*len(pcs))
		n = runtime.Callers(1, pcs)
	}
	frames := runtime.CallersFrames(pcs[:n])
	for {
		f, more := frames.Next()
		if strings.HasSuffix(f.Function, reportFunc) {
			return true
		}
		if !more {
			return false
		}
	}
}

// fromPanic cuts from a goroutine's stack the frames of recovery, so that it
// starts with the line that panicked or called Goexit.
func fromPanic(stack []byte) string {
	start := len(stack)
	for _, mark := range []string{"\npanic(", "\nruntime.Goexit("} {
		if at := bytes.Index(stack, []byte(mark)); at >= 0 {
			start = min(start, at+1)
		}
	}
	// The call, its file, the rest.
	if lines := bytes.SplitN(stack[start:], []byte("\n"), 3); len(lines) == 3 {
		return string(lines[2])
	}
	return string(stack)
}

// capped cuts a text to a number of bytes, saying so.
func capped(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return fmt.Sprintf("%s… (%d bytes more)", strings.ToValidUTF8(s[:limit], ""), len(s)-limit)
}
