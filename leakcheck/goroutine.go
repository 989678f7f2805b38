package leakcheck

import (
	"time"

	"github.com/sleepless-go/sleepless/internal/stacks"
)

// Goroutine is one goroutine as a look found it. It is a copy: it does not
// change any more.
type Goroutine struct {
	ID      uint64        // the runtime's number; never used twice in a process
	State   string        // as in a stack dump: "chan receive", "select", "running"
	Blocked time.Duration // how long, in whole minutes; 0 below one
	Verdict Verdict       // what was found out about it

	Stack   []Frame // innermost call first, without the go statement
	Creator Frame   // the go statement; the zero Frame for the first goroutine
	Parent  uint64  // the goroutine that ran it; 0 if unknown

	// Ancestors are the go statements that led to Creator, nearest first, as far
	// as the goroutines which ran them still exist.
	Ancestors []Frame
	// Test is the test that the goroutine belongs to, by its label or its
	// ancestry: a name as in t.Name(), or "" if neither tells.
	Test string
	// Labels are its runtime/pprof labels, without the one of this package.
	Labels map[string]string
	// Text is the goroutine as the runtime writes it.
	Text string
}

// Frame is one call.
type Frame struct {
	Function string // with its import path: "example.com/cache.(*Cache).janitor"
	File     string // as compiled in
	Line     int
}

// Verdict says what was found out about a goroutine that is still there.
type Verdict uint8

const (
	// Running: it runs, is about to run, sleeps, or was somewhere else at each
	// look. It may end by itself, only not within the grace.
	Running Verdict = iota
	// Blocked: the grace is over and it is blocked where it was at the look
	// before. Something that can still be reached could wake it; nothing did.
	Blocked
	// Proven: the garbage collector found that nothing can wake it any more. It
	// needs no grace. The toolchain has to have the goroutineleak profile of
	// runtime/pprof (Go 1.26 built with GOEXPERIMENT=goroutineleakprofile).
	Proven
)

// String returns "running", "blocked" or "proven".
func (v Verdict) String() string {
	switch v {
	case Proven:
		return "proven"
	case Blocked:
		return "blocked"
	default:
		return "running"
	}
}

// MarshalText makes JSON say "proven" and not 2.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// Top returns the innermost function, or "" if the stack is unknown.
func (g Goroutine) Top() string {
	if len(g.Stack) == 0 {
		return ""
	}
	return g.Stack[0].Function
}

// Calls reports whether a function of that full name is on the stack.
func (g Goroutine) Calls(function string) bool {
	for _, f := range g.Stack {
		if f.Function == function {
			return true
		}
	}
	return false
}

func goroutineOf(g stacks.Goroutine) Goroutine {
	out := Goroutine{
		ID: g.ID, State: g.State, Blocked: g.Blocked, Parent: g.Parent,
		Stack: make([]Frame, len(g.Frames)), Creator: Frame(g.Creator),
		Text: g.Text,
	}
	for i, f := range g.Frames {
		out.Stack[i] = Frame(f)
	}
	for key, value := range g.Labels {
		if key != labelKey {
			if out.Labels == nil {
				out.Labels = map[string]string{}
			}
			out.Labels[key] = value
		}
	}
	return out
}
