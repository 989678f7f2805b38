package bubblewatch

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sleepless-go/sleepless/internal/stacks"
)

// Explain turns what synctest.Test has panicked with into a report for the test
// whose bubble had that number; drained says that time was let pass at its end.
// A panic that is none of synctest's is not explained.
func Explain(cause any, number uint64, drained bool) (report string, ok bool) {
	said := fmt.Sprint(cause)
	switch {
	case strings.HasPrefix(said, "deadlock: main bubble goroutine has exited"):
		return leftover(of(stacks.All(), number), drained), true
	case strings.HasPrefix(said, "deadlock: "):
		return deadlock(of(stacks.All(), number)), true
	case strings.Contains(said, "asynctimerchan"):
		return oldTimers(said), true
	}
	return "", false
}

// leftover reports goroutines that outlived the test's own.
func leftover(inside []stacks.Goroutine, drained bool) string {
	left := slices.DeleteFunc(slices.Clone(inside), machinery)
	var t text
	t.line("eventually: the test in the bubble is over, and %s it started %s not: nothing can wake %s",
		count(len(left)), plural(len(left), "has", "have"), plural(len(left), "it", "them"))
	t.list(left)
	t.line("    cure: end what the test starts before it returns: close it (defer x.Close(), or eventually.Close(&x) as an option),")
	t.line("        give it t.Context(), which ends with the test, or close the channel that it waits for")
	if slices.ContainsFunc(left, ranging) {
		t.line("        a loop that ranges over a ticker's channel does not end when the ticker is stopped: let it select on a done channel too")
	}
	switch timed := slices.ContainsFunc(left, timed); {
	case timed && drained:
		t.line("        eventually.Drain() let a virtual minute pass, and that has not ended them")
	case timed:
		t.line("        or, as time would go on for one of them: the option eventually.Drain() lets a virtual minute pass at the end")
	}
	return strings.TrimRight(t.String(), "\n")
}

// timed reports whether g waits for time to pass.
func timed(g stacks.Goroutine) bool {
	source := source(g)
	return g.State == "sleep" || strings.Contains(source, "time.After(") || strings.Contains(source, ".C")
}

// ranging reports whether g ranges over a channel that is called C.
func ranging(g stacks.Goroutine) bool {
	source := source(g)
	return strings.Contains(source, "range ") && strings.Contains(source, ".C {")
}

// source returns the statement that g is blocked in.
func source(g stacks.Goroutine) string {
	f, ok := place(g)
	if !ok {
		return ""
	}
	return statement(sourceOf(f))
}

// deadlock reports a test that is itself blocked for good.
func deadlock(inside []stacks.Goroutine) string {
	test := testOf(inside)
	others := slices.DeleteFunc(slices.Clone(inside), func(g stacks.Goroutine) bool { return machinery(g) || g.ID == test.ID })
	var t text
	t.line("eventually: every goroutine of the bubble is blocked, and no timer is armed in it: nothing can wake them")
	if test.ID != 0 {
		t.goroutines("the test waits:", []stacks.Goroutine{test})
	}
	t.others(others)
	t.line("    cure: make sure that what the test waits for is sent, closed or unlocked in every case; if it comes from outside the bubble, make its source inside")
	switch {
	case test.Calls("testing.(*common).runCleanup"):
		t.line("    The test is over: what waits is one of its cleanups, or what eventually.Close ends. Cleanups that were registered earlier have not run.")
	default:
		t.line("    The cleanups of the test have not run, since it has not returned.")
	}
	return strings.TrimRight(t.String(), "\n")
}

// list shows goroutines with who started them, and nothing else.
func (t *text) list(all []stacks.Goroutine) {
	groups := grouped(all)
	const most = 5
	for i, g := range groups {
		if i == most {
			t.line("        … and %d more", members(groups[i:]))
			return
		}
		t.line("        %s", g)
		if c := callers(g.Goroutine); len(c) > 0 {
			t.line("            %s", c[len(c)-1])
		}
	}
}

func oldTimers(said string) string {
	return "eventually: bubbles need the timers of Go 1.23, and this test binary has the old ones (asynctimerchan=1), because the go line of its main module is older or GODEBUG says so\n" +
		"    cure: go 1.23 or later in go.mod; or, in a _test.go file of this package, before the package clause: //go:debug asynctimerchan=0; or GODEBUG=asynctimerchan=0\n" +
		"    synctest: " + said
}

func count(n int) string {
	if n == 1 {
		return "1 goroutine that"
	}
	return fmt.Sprintf("%d goroutines that", n)
}

func plural(n int, one, more string) string {
	if n == 1 {
		return one
	}
	return more
}
