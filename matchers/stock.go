package matchers

import (
	"go/ast"
	"go/parser"
	"go/token"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/sleepless-go/sleepless/eventually"
)

// defaultSlice is how long a matcher blocks at most under the stock Eventually.
const defaultSlice = 50 * time.Millisecond

const (
	asyncPrefix = "github.com/onsi/gomega/internal.(*AsyncAssertion)."
	syncPrefix  = "github.com/onsi/gomega/internal.(*Assertion)."
	trialPrefix = "github.com/sleepless-go/sleepless/matchers.(*trial)."
)

// callers returns the frames above the caller's caller. Calls that the compiler
// inlined are among them.
func callers() []runtime.Frame {
	var pcs [24]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs[:])])
	var all []runtime.Frame
	for {
		f, more := frames.Next()
		all = append(all, f)
		if !more {
			return all
		}
	}
}

// mayBlock tells whether a Match that is called from the frames (the innermost
// first) may wait before it says no. That is so only if nothing stands between
// it and the loop of Eventually, and the assertion is positive: everywhere else
// no is an answer, and a late answer would be a wrong one.
//
// Eventually and Consistently run the same loop; neither the frames nor what
// the loop asks of a matcher tells them apart. So positive looks the assertion
// up in its source. Where it cannot be found nothing blocks.
func mayBlock(frames []runtime.Frame, positive func(file string, line int) bool) bool {
	for _, method := range []string{"pollMatcher", "match", "Should"} {
		if len(frames) == 0 || frames[0].Function != asyncPrefix+method {
			return false
		}
		frames = frames[1:]
	}
	if len(frames) > 0 && frames[0].Function == asyncPrefix+"To" {
		frames = frames[1:]
	}
	return len(frames) > 0 && positive(frames[0].File, frames[0].Line)
}

// assertions remembers the result of saysEventually for each place.
var assertions sync.Map // place → bool

type place struct {
	file string
	line int
}

// saysEventually reports whether the source has a call chain at that line which
// begins with Eventually and ends with Should or To, and none that begins with
// anything but Eventually or Expect.
func saysEventually(file string, line int) bool {
	if known, ok := assertions.Load(place{file, line}); ok {
		return known.(bool)
	}
	found, other := false, false
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, file, nil, parser.SkipObjectResolution)
	if err == nil {
		ast.Inspect(tree, func(n ast.Node) bool {
			root, at := chain(n)
			if at == token.NoPos || set.Position(at).Line != line {
				return true
			}
			switch root {
			case "Eventually", "EventuallyWithOffset":
				found = true
			case "Expect", "ExpectWithOffset", "Ω":
			default:
				other = true
			}
			return true
		})
	}
	assertions.Store(place{file, line}, found && !other)
	return found && !other
}

// chain returns the name of the call with which a chain of calls begins, such
// as Eventually in Eventually(x).WithTimeout(d).Should(m), and where it says
// Should or To; token.NoPos if n is no such chain.
func chain(n ast.Node) (root string, at token.Pos) {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return "", token.NoPos
	}
	last, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || last.Sel.Name != "Should" && last.Sel.Name != "To" {
		return "", token.NoPos
	}
	for e := last.X; ; {
		call, ok := e.(*ast.CallExpr)
		if !ok {
			return "", last.Sel.Pos()
		}
		switch f := call.Fun.(type) {
		case *ast.Ident:
			return f.Name, last.Sel.Pos()
		case *ast.SelectorExpr:
			switch name := f.Sel.Name; name {
			case "Eventually", "EventuallyWithOffset", "Consistently", "ConsistentlyWithOffset", "Expect", "ExpectWithOffset", "Ω":
				return name, last.Sel.Pos()
			}
			e = f.X
		default:
			return "", last.Sel.Pos()
		}
	}
}

// blockFor checks again whenever a source reports a change, for at most d. The
// caller has checked already, and found no.
func blockFor(d time.Duration, sources []eventually.Source, check func() bool) bool {
	woken := make(chan struct{}, 1)
	for _, s := range sources {
		defer s.Notify(woken)()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	for {
		if check() {
			return true
		}
		select {
		case <-woken:
		case <-timer.C:
			return check()
		}
	}
}

// situation is how a matcher that waits by itself is used.
type situation uint8

const (
	asserted situation = iota // by Expect, or by code that is not known
	negated                   // by Expect, with NotTo and its like
	polled                    // by Await, Eventually or Consistently
)

// situationOf looks for the innermost assertion.
func situationOf(frames []runtime.Frame) situation {
	for _, f := range frames {
		switch {
		case strings.HasPrefix(f.Function, asyncPrefix), strings.HasPrefix(f.Function, trialPrefix):
			return polled
		case strings.HasPrefix(f.Function, syncPrefix):
			switch strings.TrimPrefix(f.Function, syncPrefix) {
			case "NotTo", "ToNot", "ShouldNot":
				return negated
			case "To", "Should":
				return asserted
			}
		}
	}
	return asserted
}
