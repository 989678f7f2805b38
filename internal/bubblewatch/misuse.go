package bubblewatch

import (
	"path"
	"runtime"
	"strconv"
)

// forbidden are the calls that panic in a bubble, and what to do instead.
var forbidden = map[string]struct{ call, cure string }{
	"testing.(*T).Run":      {"t.Run", "put the bubble into the subtest: t.Run(name, func(t *testing.T) { eventually.Bubble(t, …) }); where a helper calls t.Run, call Bubble in the function that the helper is given"},
	"testing.(*T).Parallel": {"t.Parallel", "call t.Parallel on the outer t, before Bubble"},
	"testing.(*T).Deadline": {"t.Deadline", "the deadline is real time and means nothing in here: ask the outer t before Bubble, or use a limit in virtual time"},
	"internal/synctest.Run": {"synctest.Test", "a bubble cannot hold another: leave out the inner one, or make two tests"},
}

// Misuse reports, from within a deferred function, whether a call that is
// forbidden in a bubble is panicking. It reads the stack and recovers nothing,
// so that any other panic goes its way untouched.
func Misuse() (report string, ok bool) {
	var pcs [32]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for {
		f, more := frames.Next()
		if f.Function == "runtime.gopanic" && more {
			break
		}
		if !more {
			return "", false
		}
	}
	culprit, more := frames.Next()
	rule, ok := forbidden[culprit.Function]
	if !ok || !more {
		return "", false
	}
	where := "?"
	for more {
		var f runtime.Frame
		f, more = frames.Next()
		if f.Function != "testing/synctest.Test" {
			where = path.Base(f.Function) + " " + path.Base(f.File) + ":" + strconv.Itoa(f.Line)
			break
		}
	}
	return "eventually: " + rule.call + " was called inside a bubble, by " + where + ", where it must not be\n    cure: " + rule.cure, true
}
