package eventually

import (
	"fmt"
	"path"
	"reflect"
	"runtime"
	"strings"
	"sync"

	"github.com/sleepless-go/sleepless/internal/caller"
)

// goroutine is one entry of a stack dump.
type goroutine struct {
	header string  // "goroutine 7 [chan receive, 2 minutes]:"
	frames []frame // innermost first, without the one that created it
	text   string
}

type frame struct {
	function string // "example.com/cache.(*Cache).janitor"
	place    string // "/src/cache/cache.go:118"
}

// dump returns all goroutines, the calling one first.
func dump() []goroutine {
	buf := make([]byte, 64<<10)
	for {
		n := runtime.Stack(buf, true)
		if n < len(buf) {
			return parseDump(string(buf[:n]))
		}
		buf = make([]byte, 2*len(buf))
	}
}

// parseDump reads what runtime.Stack writes: blocks with a header and then two
// lines a frame, of which the second is indented by a tab.
func parseDump(text string) []goroutine {
	var all []goroutine
	for block := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		header, rest, _ := strings.Cut(block, "\n")
		g := goroutine{header: header, text: block}
		function := ""
		for line := range strings.SplitSeq(rest, "\n") {
			place, indented := strings.CutPrefix(line, "\t")
			switch {
			case !indented:
				function = line
			case function != "" && !strings.HasPrefix(function, "created by "):
				place, _, _ = strings.Cut(place, " +0x")
				g.frames = append(g.frames, frame{functionOf(function), place})
			}
		}
		all = append(all, g)
	}
	return all
}

// functionOf strips the arguments of a frame: they are the last parenthesis.
func functionOf(line string) string {
	if strings.HasSuffix(line, ")") {
		if i := strings.LastIndexByte(line, '('); i > 0 {
			return line[:i]
		}
	}
	return line
}

// state is for instance "chan receive"; durations and bubbles are left out.
func (g goroutine) state() string {
	_, rest, _ := strings.Cut(g.header, "[")
	state, _, _ := strings.Cut(rest, "]")
	state, _, _ = strings.Cut(state, ",")
	return strings.TrimSuffix(state, " (durable)")
}

// bubble is for instance "synctest bubble 7", or "" outside.
func (g goroutine) bubble() string {
	_, after, found := strings.Cut(g.header, "synctest bubble ")
	if !found {
		return ""
	}
	id, _, _ := strings.Cut(after, "]")
	id, _, _ = strings.Cut(id, ",")
	return "synctest bubble " + id
}

// user returns the innermost frame of the code of the person who reads the
// report, or of a module they use. There is none if the goroutine belongs to
// the machinery of the test: the runtime's, this package's, and tests that only
// wait for their subtests, their turn or their bubble.
func (g goroutine) user() (frame, bool) {
	for _, f := range g.frames {
		switch {
		case strings.HasPrefix(f.function, "testing.") || strings.HasPrefix(f.function, "github.com/onsi/ginkgo/v2/") || strings.HasPrefix(f.function, "internal/synctest.Run"):
			return frame{}, false
		case !standard(f) && !plumbing(f) && !strings.Contains(f.place, "_testmain.go:"):
			return f, true
		}
	}
	return frame{}, false
}

func plumbing(f frame) bool {
	return caller.Package(f.function) == caller.Module+"/eventually" && !strings.Contains(f.place, "_test.go:")
}

// standardRoot is the directory of the standard library's source as compiled
// in, or "" where -trimpath left it out.
var standardRoot = sync.OnceValue(func() string {
	f := runtime.FuncForPC(reflect.ValueOf(strings.TrimSpace).Pointer())
	file, _ := f.FileLine(f.Entry())
	root, _ := strings.CutSuffix(file, "strings/strings.go")
	return root
})

// standard tells the frames of the standard library: by their files, or where
// those bear no root by their import path, of which the first element has no
// dot.
func standard(f frame) bool {
	if root := standardRoot(); root != "" {
		return strings.HasPrefix(f.place, root)
	}
	return standardByPath(f.function)
}

func standardByPath(function string) bool {
	first, _, _ := strings.Cut(caller.Package(function), "/")
	return !strings.Contains(first, ".") && first != "main"
}

// stackOf returns the stack of the goroutine that runs w. A frame of a method
// shows its receiver, and each wait has a waiter of its own. Where the compiler
// has not kept a receiver the frame shows another number, so several frames are
// tried; where none shows it the answer is all goroutines, the right one among
// them.
func stackOf(w *waiter) string {
	all := dump()
	for _, g := range all {
		for _, method := range []string{"check", "look", "loop"} {
			if strings.Contains(g.text, fmt.Sprintf(".(*waiter).%s(%p", method, w)) {
				return g.text
			}
		}
	}
	texts := make([]string, len(all))
	for i, g := range all {
		texts[i] = g.text
	}
	return strings.Join(texts, "\n\n")
}

// maxGoroutines bounds that section of a report.
const maxGoroutines = 4

// others describes the goroutines that could still do something, other than the
// caller: those of its own bubble, or outside bubbles those in none.
func others() []string {
	all := dump()
	return describe(all[1:], all[0].bubble())
}

func describe(all []goroutine, bubble string) []string {
	count := map[string]int{}
	var lines []string
	total := 0
	for _, g := range all {
		f, ok := g.user()
		if !ok || g.bubble() != bubble {
			continue
		}
		line := fmt.Sprintf("[%s] %s %s", g.state(), path.Base(f.function), path.Base(f.place))
		if count[line]++; count[line] == 1 {
			lines = append(lines, line)
		}
		total++
	}
	for i, line := range lines {
		if n := count[line]; n > 1 {
			lines[i] = fmt.Sprintf("%d× %s", n, line)
		}
	}
	if len(lines) > maxGoroutines {
		lines = append(lines[:maxGoroutines], fmt.Sprintf("… %d in all", total))
	}
	return lines
}

func indent(text, by string) string {
	return by + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n"+by)
}
