package eventually

import (
	"fmt"
	"path"
	"strings"

	"github.com/sleepless-go/sleepless/internal/caller"
	"github.com/sleepless-go/sleepless/internal/stacks"
)

// user returns the innermost frame of the code of the person who reads the
// report, or of a module they use. There is none if the goroutine belongs to
// the machinery of the test: the runtime's, that of waits, and tests that only
// wait for their subtests, their turn or their bubble.
func user(g stacks.Goroutine) (stacks.Frame, bool) {
	for _, f := range g.Frames {
		switch {
		case strings.HasPrefix(f.Function, "testing.") || strings.HasPrefix(f.Function, "github.com/onsi/ginkgo/v2/") || strings.HasPrefix(f.Function, "internal/synctest.Run"):
			return stacks.Frame{}, false
		case !f.Standard() && !plumbing(f) && f.File != "_testmain.go":
			return f, true
		}
	}
	return stacks.Frame{}, false
}

func plumbing(f stacks.Frame) bool {
	within, ours := strings.CutPrefix(f.Package(), caller.Module+"/")
	if !ours || strings.HasSuffix(f.File, "_test.go") {
		return false
	}
	switch within {
	case "eventually", "eventually/testify", "matchers", "foundation/telemetry/telemetrytest": // all that waits
		return true
	default:
		return strings.HasPrefix(within, "internal/")
	}
}

// stackOf returns the stack of the goroutine that runs w. A frame of a method
// shows its receiver, and each wait has a waiter of its own. Where the compiler
// has not kept a receiver the frame shows another number, so several frames are
// tried; where none shows it the answer is all goroutines, the right one among
// them.
func stackOf(w *waiter) string {
	all := stacks.All()
	for _, g := range all {
		for _, method := range []string{"check", "look", "loop"} {
			if strings.Contains(g.Text, fmt.Sprintf(".(*waiter).%s(%p", method, w)) {
				return g.Text
			}
		}
	}
	texts := make([]string, len(all))
	for i, g := range all {
		texts[i] = g.Text
	}
	return strings.Join(texts, "\n\n")
}

// maxGoroutines bounds that section of a report.
const maxGoroutines = 4

// describe names the goroutines of all that could still do something: those of
// that bubble, or outside bubbles those in none.
func describe(all []stacks.Goroutine, bubble uint64) []string {
	count := map[string]int{}
	var lines []string
	total := 0
	for _, g := range all {
		f, ok := user(g)
		if !ok || g.Bubble != bubble {
			continue
		}
		line := fmt.Sprintf("[%s] %s %s", g.State, path.Base(f.Function), path.Base(f.Place()))
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
