package stacks

import (
	"reflect"
	"runtime"
	"strings"
	"sync"

	"github.com/sleepless-go/sleepless/internal/caller"
)

// standardRoot is the directory of the standard library's source as compiled
// in, or "" where -trimpath left it out.
var standardRoot = sync.OnceValue(func() string {
	f := runtime.FuncForPC(reflect.ValueOf(strings.TrimSpace).Pointer())
	file, _ := f.FileLine(f.Entry())
	root, _ := strings.CutSuffix(file, "strings/strings.go")
	return root
})

// Standard tells the frames of the standard library: by their files, or where
// those bear no root by their import path, of which the first element has no
// dot.
func (f Frame) Standard() bool {
	if root := standardRoot(); root != "" {
		return strings.HasPrefix(f.File, root)
	}
	return standardByPath(f.Function)
}

func standardByPath(function string) bool {
	first, _, _ := strings.Cut(caller.Package(function), "/")
	return !strings.Contains(first, ".") && first != "main"
}

// Package returns the import path of the function's package.
func (f Frame) Package() string { return caller.Package(f.Function) }

// Calls reports whether the function is on the goroutine's stack.
func (g Goroutine) Calls(function string) bool {
	for _, f := range g.Frames {
		if f.Function == function {
			return true
		}
	}
	return false
}
