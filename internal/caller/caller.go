// Package caller names places in source: who armed a timer, who declared an
// event, who emitted from the wrong bubble. Capturing is cheap enough for a
// path that allocates anyway; names are looked up only when somebody reads
// them.
package caller

import (
	"path"
	"runtime"
	"strconv"
	"strings"
)

// Module is the import path prefix of this module's packages.
const Module = "github.com/sleepless-go/sleepless"

// Stack holds the program counters of up to eight callers.
type Stack struct {
	pcs [8]uintptr
	n   uint8
}

// Capture records the callers of the calling function; skip leaves out as many
// of the innermost ones.
func Capture(skip int) Stack {
	var s Stack
	s.n = uint8(runtime.Callers(skip+3, s.pcs[:]))
	return s
}

// Site is one line of source.
type Site struct {
	Func string // with the full import path
	File string // absolute, as compiled in
	Line int
}

// Outside returns the innermost captured call that was made from a package for
// which skip is false. Where every captured call is to be skipped it returns
// the outermost one. Test files of a skipped package count as outside, so that
// a package's own tests can name themselves.
func (s Stack) Outside(skip func(pkg string) bool) Site {
	frames := runtime.CallersFrames(s.pcs[:s.n])
	var site Site
	for {
		f, more := frames.Next()
		if f.Function != "" {
			site = Site{f.Function, f.File, f.Line}
			if strings.HasSuffix(f.File, "_test.go") || !skip(Package(f.Function)) {
				return site
			}
		}
		if !more {
			return site
		}
	}
}

// String returns for instance "cache.(*Cache).janitor cache.go:118".
func (s Site) String() string {
	if s.Func == "" {
		return "unknown"
	}
	return shortFunc(s.Func) + " " + s.Position()
}

// Position returns for instance "cache.go:118".
func (s Site) Position() string {
	if s.File == "" {
		return "unknown"
	}
	return path.Base(s.File) + ":" + strconv.Itoa(s.Line)
}

// Package returns the import path in a function's full name. Dots in the last
// element of an import path are escaped by the compiler, so the first dot after
// the last slash ends it.
func Package(function string) string {
	slash := strings.LastIndexByte(function, '/')
	if i := strings.IndexByte(function[slash+1:], '['); i >= 0 {
		// The type arguments of a generic function hold import paths too.
		return Package(function[:slash+1+i])
	}
	if bracket := strings.IndexByte(function, '['); bracket >= 0 {
		return Package(function[:bracket])
	}
	if dot := strings.IndexByte(function[slash+1:], '.'); dot >= 0 {
		return function[:slash+1+dot]
	}
	return function
}

func shortFunc(function string) string {
	pkg := Package(function)
	return path.Base(pkg) + strings.TrimPrefix(function, pkg)
}
