package bubblewatch

import (
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/sleepless-go/sleepless/internal/stacks"
)

// What is shown of each list, so that a report stays under 25 lines.
const (
	maxShown   = 2 // goroutines with their callers
	maxCallers = 2
	maxOthers  = 2
)

// kinds are the texts of the verdicts: what is wrong, the rule behind it, the
// heading of the goroutines, and the cure.
var kinds = map[Kind]struct{ what, why, seen, cure string }{
	Running: {
		"its goroutines are still running", "",
		"",
		"if it computes, leave it alone, or give it eventually.Limit; if it should have ended, look at the goroutines above",
	},
	Ticking: {
		"the test waits while something else runs on",
		"A ticker, or a timer that is armed again and again, moves the time on for ever, so the runtime never finds a deadlock; a loop that looks again and again keeps it from moving at all.",
		"",
		"make sure that what the test waits for can happen; stop the ticker, and put time.Sleep(time.Millisecond), which is virtual, into the loop; a wait with a limit in virtual time, such as eventually.Until, fails where time passes, and says what happened",
	},
	Spinning: {
		"a goroutine runs without a pause",
		"Time passes only while every goroutine of the bubble is blocked, so a loop that looks again and again waits for ever.",
		"runs all the time:",
		"wait for the event (a channel, eventually.Until with a source), or put time.Sleep(time.Millisecond), which is virtual, into the loop or its default branch",
	},
	External: {
		"a goroutine is in real I/O or in a system call",
		"Virtual time stands still meanwhile, since the runtime cannot know when the outer world answers.",
		"waits for the outer world:",
		"use net.Pipe or another connection in memory, and no listener or process; or test this without a bubble, with eventually's sources or a fake clock",
	},
	Lock: {
		"a mutex is held across a wait",
		"A goroutine that waits for a lock counts as running, so time cannot pass, and its holder waits for time to pass, or for ever.",
		"waits for the lock:",
		"do not sleep, send, receive or wait while holding the lock: unlock first; where it has to last, use a channel of capacity 1 as the lock: waiting for that lets time pass",
	},
	Once: {
		"a sync.Once is held across a wait",
		"A goroutine that waits for the end of somebody else's Do counts as running, so time cannot pass, and the function in Do waits for it to pass, or for ever.",
		"waits for the Once:",
		"call it once before the bubble starts, or keep the wait out of the function that runs in Do",
	},
	Group: {
		"a sync.WaitGroup from outside the bubble is awaited",
		"Only a WaitGroup that got its first Add or Go inside the bubble, and is no package-level variable, lets time pass.",
		"waits for it:",
		"make the WaitGroup inside the bubble: a local variable, or a field of something made there",
	},
	Context: {
		"a context from outside the bubble stops its time",
		"A select with one channel from outside does not let time pass: the Done channel of a context made outside is one.",
		"waits for it:",
		"derive the context inside the bubble from the t.Context() of its own t; pass no context in from outside",
	},
	Channel: {
		"a channel from outside the bubble is awaited",
		"It was made outside, perhaps by a package-level variable, pool or singleton; time stands still for whoever waits for it.",
		"waits for it:",
		"make inside the bubble what the test talks to: an instance of its own instead of the package's default one, with its own channels and goroutines",
	},
}

// text collects the lines of a report.
type text struct{ strings.Builder }

func (t *text) line(format string, args ...any) { fmt.Fprintf(t, format+"\n", args...) }

// final is what is written before the process ends.
func final(test string, v Verdict, p plan) string {
	var t text
	k := kinds[v.Kind]
	switch {
	case v.Still:
		t.line("eventually: the bubble of %s hangs: %s", test, k.what)
		t.line("    None of its goroutines can run, and nothing outside is at work for it.")
	case p.limited:
		t.line("eventually: the bubble of %s has not ended within its Limit of %v of real time: %s", test, p.end, k.what)
	default:
		t.line("eventually: the bubble of %s has not ended, and the test's own deadline is near: %s", test, k.what)
	}
	t.body(v)
	t.line("    A bubble cannot be ended from outside, so the process exits; tests that have not ended yet get no verdict.")
	return t.String()
}

// note is what is written about a bubble that takes long and may well be right.
func note(test string, v Verdict, elapsed time.Duration, p plan) string {
	var t text
	t.line("eventually: the bubble of %s has run for %v of real time: %s", test, elapsed.Round(100*time.Millisecond), kinds[v.Kind].what)
	t.body(v)
	switch {
	case p.limited:
		t.line("    It goes on, up to its Limit of %v.", p.end)
	case p.end > 0:
		t.line("    It goes on; eventually.Limit(d) would end it earlier than the deadline of the test does.")
	default:
		t.line("    It goes on; eventually.Limit(d) would end it.")
	}
	return t.String()
}

func (t *text) body(v Verdict) {
	k := kinds[v.Kind]
	if k.why != "" {
		t.line("    %s", k.why)
	}
	if v.Kind == Ticking {
		t.goroutines("the test waits:", []stacks.Goroutine{v.Test})
	}
	t.goroutines(k.seen, v.Seen)
	if len(v.Holders) > 0 {
		t.goroutines("likely holds it, being in the same code:", v.Holders)
	}
	t.others(v.Others)
	t.line("    cure: %s", k.cure)
}

// goroutines lists some with their callers.
func (t *text) goroutines(heading string, all []stacks.Goroutine) {
	if len(all) == 0 {
		return
	}
	t.line("    %s", heading)
	groups := grouped(all)
	for i, g := range groups {
		if i == maxShown {
			t.line("        … and %d more", members(groups[i:]))
			break
		}
		t.line("        %s", g)
		for _, c := range callers(g.Goroutine) {
			t.line("            %s", c)
		}
	}
}

// others lists goroutines by one line each.
func (t *text) others(all []stacks.Goroutine) {
	if len(all) == 0 {
		return
	}
	t.line("    also in the bubble:")
	groups := grouped(all)
	for i, g := range groups {
		if i == maxOthers {
			t.line("        … and %d more", members(groups[i:]))
			break
		}
		t.line("        %s", g)
	}
}

// group is a number of goroutines that are in the same state at the same place.
type group struct {
	stacks.Goroutine
	n int
}

func grouped(all []stacks.Goroutine) []group {
	var groups []group
	index := map[string]int{}
	for _, g := range all {
		key := group{g, 1}.String() + strings.Join(callers(g), "\n")
		i, ok := index[key]
		if !ok {
			i = len(groups)
			index[key] = i
			groups = append(groups, group{Goroutine: g})
		}
		groups[i].n++
	}
	return groups
}

func members(groups []group) int {
	n := 0
	for _, g := range groups {
		n += g.n
	}
	return n
}

// String returns "[sync.Mutex.Lock] cache.(*Cache).Get cache.go:41: c.mu.Lock()".
func (g group) String() string {
	var b strings.Builder
	if g.n > 1 {
		fmt.Fprintf(&b, "%d× ", g.n)
	}
	state := g.State
	if state == "runnable" { // a dump stops what runs
		state = "running"
	}
	fmt.Fprintf(&b, "[%s] ", state)
	f, ok := place(g.Goroutine)
	switch {
	case !ok && len(g.Frames) == 0:
		b.WriteString("without a stack")
		return b.String()
	case !ok:
		f = g.Frames[0]
	case f == g.Creator && !isFrame(g.Goroutine, f):
		fmt.Fprintf(&b, "%s, started by ", path.Base(g.Frames[0].Function))
	}
	b.WriteString(short(f))
	if line := sourceLine(f); line != "" {
		fmt.Fprintf(&b, ": %s", line)
	}
	return b.String()
}

func isFrame(g stacks.Goroutine, f stacks.Frame) bool {
	for _, own := range g.Frames {
		if own == f {
			return true
		}
	}
	return len(g.Frames) == 0
}

// callers are the frames above the one that names the goroutine, as far as the
// reader knows them, and the go statement.
func callers(g stacks.Goroutine) []string {
	at, _ := place(g)
	var lines, by []string
	seen := false
	for _, f := range g.Frames {
		switch {
		case f == at:
			seen = true
		case seen && known(f) && len(by) < maxCallers:
			by = append(by, "by "+short(f))
		}
	}
	if len(by) > 0 {
		lines = append(lines, "called "+strings.Join(by, ", "))
	}
	if known(g.Creator) && at != g.Creator {
		lines = append(lines, "started by "+short(g.Creator))
	}
	return lines
}
