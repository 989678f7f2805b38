package bubblewatch

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sleepless-go/sleepless/internal/stacks"
)

// Explain turns what synctest.Test has panicked with into a report for the test
// whose bubble had that number. A panic that is none of synctest's is not
// explained.
func Explain(cause any, number uint64) (report string, ok bool) {
	said := fmt.Sprint(cause)
	switch {
	case strings.HasPrefix(said, "deadlock: main bubble goroutine has exited"):
		return leftover(of(stacks.All(), number)), true
	case strings.HasPrefix(said, "deadlock: "):
		return deadlock(of(stacks.All(), number)), true
	case strings.Contains(said, "asynctimerchan"):
		return oldTimers(said), true
	}
	return "", false
}

// leftover reports goroutines that outlived the test's own.
func leftover(inside []stacks.Goroutine) string {
	left := slices.DeleteFunc(slices.Clone(inside), machinery)
	var t text
	t.line("eventually: the test in the bubble is over, and %s it started %s not: nothing can wake %s",
		count(len(left)), plural(len(left), "has", "have"), plural(len(left), "it", "them"))
	t.list(left)
	asleep := slices.ContainsFunc(left, func(g stacks.Goroutine) bool { return timed(g) })
	t.line("    cure: end what the test starts before it returns: close it (defer x.Close(), or eventually.Close(&x) as an option),")
	t.line("    give it t.Context(), which ends with the test, or close the channel that it waits for")
	if asleep {
		t.line("    or, as one of them waits for time to pass: the option eventually.Drain() lets a virtual minute pass at the end")
	}
	return strings.TrimRight(t.String(), "\n")
}

// timed reports whether time alone may end what g waits for.
func timed(g stacks.Goroutine) bool {
	if g.State == "sleep" {
		return true
	}
	f, ok := place(g)
	if !ok {
		return false
	}
	source := statement(sourceOf(f))
	return strings.Contains(source, "time.After(") || strings.Contains(source, ".C")
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
	t.line("    The cleanups of the test have not run, since it has not returned.")
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
