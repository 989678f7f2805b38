package leakcheck

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sleepless-go/sleepless/internal/stacks"
)

// The text of a report stays below 25 lines: what is beyond these numbers is
// counted, and all of it is in the JSON.
const (
	maxKinds   = 4
	fewerKinds = 3 // beside resources or objects
	maxOthers  = 2 // of resources, and of objects
	maxArbiter = 8 // lines of an arbiter

	arbitersHead = " in state " // is in the line by which goleak names a goroutine
)

// String returns the report as text: what leaked, grouped by identical stacks
// and the surest first, where it was started, what to try, and how the verdict
// came about.
func (r *Report) String() string {
	if r.misuse != nil {
		return r.misuse.Error()
	}
	if !r.Leaked() {
		return "leakcheck: no leaks in " + r.subject() + "; " + r.effort()
	}
	kinds := kindsOf(r.charged())
	var b strings.Builder
	fmt.Fprintf(&b, "leakcheck: %s leaked %s", r.subject(), r.summary(len(kinds)))
	if r.TestFailed {
		b.WriteString("\n  (tests failed; this may be a consequence, or the reason)")
	}
	r.writeArbiters(&b)
	limit := maxKinds
	if len(r.Resources)+len(r.Objects) > 0 {
		limit = fewerKinds
	}
	for i, k := range kinds {
		if i == limit {
			fmt.Fprintf(&b, "\n  … and %s", plural(countOf(kinds[i:]), "more goroutine"))
			break
		}
		k.write(&b, r)
	}
	limited(&b, r.Resources, "open resource", func(h OpenHandle) {
		fmt.Fprintf(&b, "\n  resource %q opened at %s%s, not closed", h.Name, placeOf(h.Opened), r.byTest(h.Test))
	})
	if len(r.Resources) > 0 {
		b.WriteString("\n      fix: call Close where the test is done with it")
	}
	limited(&b, r.Objects, "reachable object", func(o HeldObject) {
		fmt.Fprintf(&b, "\n  object %q (%s) tracked at %s%s, still reachable", o.Name, o.Type, placeOf(o.Tracked), r.byTest(o.Test))
	})
	if len(r.Objects) > 0 {
		b.WriteString("\n      fix: find the map, slice, closure or goroutine that holds it")
	}
	b.WriteString("\n" + r.effort())
	return b.String()
}

// writeArbiters quotes the first arbiter: beside goroutines of our own with the
// lines that say which ones it means, else with what it has to say.
func (r *Report) writeArbiters(b *strings.Builder) {
	if len(r.Arbiters) == 0 {
		return
	}
	lines := strings.Split(strings.TrimSpace(r.Arbiters[0].Error()), "\n")
	more := len(lines) > maxArbiter
	if len(r.Goroutines) > 0 {
		more = len(lines) > 1
		lines = slices.DeleteFunc(lines, func(line string) bool { return line != lines[0] && !strings.Contains(line, arbitersHead) })
		more = more && len(lines) == 1 || len(lines) > maxArbiter
	}
	if len(lines) > maxArbiter {
		lines = lines[:maxArbiter]
	}
	if more {
		lines[len(lines)-1] += " …"
	}
	fmt.Fprintf(b, "\n  %s", strings.Join(lines, "\n  "))
}

func limited[E any](b *strings.Builder, all []E, noun string, write func(E)) {
	for i, e := range all {
		if i == maxOthers {
			fmt.Fprintf(b, "\n  … and %s", plural(len(all)-i, "more "+noun))
			return
		}
		write(e)
	}
}

func (r *Report) subject() string { return cmp.Or(r.Test, "the process") }

// summary returns for instance "3 goroutines (2 distinct), 1 resource".
func (r *Report) summary(kinds int) string {
	var parts []string
	if n := len(r.charged()); n > 0 {
		part := plural(n, "goroutine")
		if kinds < n {
			part += fmt.Sprintf(" (%d distinct)", kinds)
		}
		parts = append(parts, part)
	}
	if n := len(r.Resources); n > 0 {
		parts = append(parts, plural(n, "resource"))
	}
	if n := len(r.Objects); n > 0 {
		parts = append(parts, plural(n, "object"))
	}
	if len(parts) == 0 {
		return "something, as its arbiter says"
	}
	return strings.Join(parts, ", ")
}

// effort returns what the verdict cost, and how sure it is.
func (r *Report) effort() string {
	parts := []string{plural(r.Looks, "look")}
	if r.GCs > 0 {
		parts = append(parts, plural(r.GCs, "garbage collection"))
	}
	text := fmt.Sprintf("verdict took %s (%s)", rounded(r.Took), strings.Join(parts, ", "))
	if r.waited == 0 {
		return text + ", no waiting"
	}
	return text + fmt.Sprintf(", %s of it waiting", rounded(r.waited))
}

func rounded(d time.Duration) time.Duration {
	if d > time.Millisecond {
		return d.Round(100 * time.Microsecond)
	}
	return d.Round(time.Microsecond)
}

func (r *Report) byTest(test string) string {
	if test == "" || test == r.Test {
		return ""
	}
	return " by " + test
}

// kind is a group of goroutines that cannot be told apart.
type kind struct {
	Goroutine
	count int
}

func kindsOf(goroutines []Goroutine) []kind {
	var kinds []kind
	for _, g := range goroutines {
		i := slices.IndexFunc(kinds, func(k kind) bool { return k.same(g) })
		if i < 0 {
			kinds = append(kinds, kind{g, 0})
			i = len(kinds) - 1
		}
		kinds[i].count++
	}
	slices.SortStableFunc(kinds, func(a, b kind) int {
		return cmp.Or(-cmp.Compare(a.Verdict, b.Verdict), -cmp.Compare(a.count, b.count))
	})
	return kinds
}

func (k kind) same(g Goroutine) bool {
	return k.Verdict == g.Verdict && k.State == g.State && k.Test == g.Test && k.Creator == g.Creator &&
		slices.Equal(k.Stack, g.Stack) && slices.Equal(k.Ancestors, g.Ancestors)
}

func countOf(kinds []kind) int {
	n := 0
	for _, k := range kinds {
		n += k.count
	}
	return n
}

func (k kind) write(b *strings.Builder, r *Report) {
	fmt.Fprintf(b, "\n  %dx %s [%s]%s", k.count, k.Verdict.sentence(r), k.State, r.byTest(k.Test))
	fmt.Fprintf(b, "\n      at %s", k.place())
	fmt.Fprintf(b, "\n      started by %s", short(k.Creator))
	for _, f := range k.Ancestors {
		fmt.Fprintf(b, " <- %s", short(f))
	}
	fmt.Fprintf(b, "\n      fix: %s", cure(k.Goroutine))
}

func (v Verdict) sentence(r *Report) string {
	switch {
	case v == Proven:
		return "proven leaked: nothing that is left can wake it"
	case v == Blocked && r.Grace == 0:
		return "blocked: nothing has woken it"
	case v == Blocked:
		return fmt.Sprintf("blocked but reachable: nothing woke it within %s", r.Grace)
	case r.Grace == 0:
		return "still running"
	default:
		return fmt.Sprintf("still running or timed after %s", r.Grace)
	}
}

// place names where a goroutine is: the innermost call of code that is not the
// standard library's, and in what it called.
func (g Goroutine) place() string {
	if len(g.Stack) == 0 {
		return "an unknown place"
	}
	for i, f := range g.Stack {
		if stacks.Frame(f).Standard() {
			continue
		}
		if i > 0 {
			return short(f) + ", in " + short(g.Stack[i-1])
		}
		return short(f)
	}
	if len(g.Stack) == 1 { // go time.Sleep(d)
		return short(g.Stack[0])
	}
	return short(g.Stack[len(g.Stack)-1]) + ", in " + short(g.Stack[0])
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
