// Package callsite finds out in which form of assertion a Gomega matcher is
// being asked: whether its caller is going to ask again, and for which answer.
// Gomega does not tell its matchers; the frames of the call and the source line
// of the assertion do.
package callsite

import (
	"go/ast"
	"go/parser"
	"go/token"
	"runtime"
	"slices"
	"sync"
)

const asyncPrefix = "github.com/onsi/gomega/internal.(*AsyncAssertion)."

// Frames returns the frames above the caller's caller. Calls that the compiler
// inlined are among them.
func Frames() []runtime.Frame {
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

// Form is what an assertion asks for.
type Form uint8

const (
	Match   Form = iota // Should, To
	NoMatch             // ShouldNot, NotTo, ToNot
)

// methods of an assertion by form. The first is the one that the others call.
var methods = [...][]string{
	Match:   {"Should", "To"},
	NoMatch: {"ShouldNot", "NotTo", "ToNot"},
}

// Retried tells whether a Match that is called from the frames (the innermost
// first) is asked by an Eventually of that form, with nothing between the two:
// the other answer will make it ask again. Everywhere else an answer is final,
// and a late or an evasive one would be wrong.
//
// Eventually and Consistently run the same loop; neither the frames nor what
// the loop asks of a matcher tells them apart. So the assertion is looked up in
// its source. Where that cannot be found the answer is no.
func Retried(frames []runtime.Frame, form Form) bool {
	return retried(frames, form, saysEventually)
}

func retried(frames []runtime.Frame, form Form, says func(file string, line int, form Form) bool) bool {
	for _, method := range []string{"pollMatcher", "match", methods[form][0]} {
		if len(frames) == 0 || frames[0].Function != asyncPrefix+method {
			return false
		}
		frames = frames[1:]
	}
	for _, method := range methods[form][1:] {
		if len(frames) > 0 && frames[0].Function == asyncPrefix+method {
			frames = frames[1:]
			break
		}
	}
	return len(frames) > 0 && says(frames[0].File, frames[0].Line, form)
}

// assertions remembers the result of saysEventually for each place.
var assertions sync.Map // place → bool

type place struct {
	file string
	line int
	form Form
}

// saysEventually reports whether the source has a call chain at that line which
// begins with Eventually and ends with a method of the form, and none that
// begins with anything but Eventually or Expect.
func saysEventually(file string, line int, form Form) bool {
	at := place{file, line, form}
	if known, ok := assertions.Load(at); ok {
		return known.(bool)
	}
	found, other := false, false
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, file, nil, parser.SkipObjectResolution)
	if err == nil {
		ast.Inspect(tree, func(n ast.Node) bool {
			root, last := chain(n, form)
			if last == token.NoPos || set.Position(last).Line != line {
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
	assertions.Store(at, found && !other)
	return found && !other
}

// chain returns the name of the call with which a chain of calls begins, such
// as Eventually in Eventually(x).WithTimeout(d).Should(m), and where it says
// Should or another method of the form; token.NoPos if n is no such chain.
func chain(n ast.Node, form Form) (root string, at token.Pos) {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return "", token.NoPos
	}
	last, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || !slices.Contains(methods[form], last.Sel.Name) {
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
