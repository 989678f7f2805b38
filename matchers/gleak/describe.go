package gleak

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/sleepless-go/sleepless/internal/stacks"
)

// ReportFilenameWithPath makes reports show the files of calls with their full
// path. By default they show the folder and the name: "cache/cache.go:118". Set
// it before the tests run.
var ReportFilenameWithPath = false

const (
	shownGroups = 3 // places with leaks
	shownCalls  = 3 // calls of each, without the go statement
)

// group is the goroutines that are in the same place.
type group struct {
	state  string // of the first, without how long, in which bubble and with which labels
	calls  []stacks.Frame
	origin stacks.Frame
	ids    []uint64
	proven int
}

// describe tells what leaked, the most frequent place first.
func (m *HaveLeakedMatcher) describe() string {
	groups := m.groups()
	var b strings.Builder
	fmt.Fprintf(&b, "Expected not to leak %s:\n", count(len(m.leaked), "goroutine"))
	for i, g := range groups {
		if i == shownGroups {
			fmt.Fprintf(&b, "    … and %d more in %s\n", len(m.leaked)-shown(groups[:i]), count(len(groups)-i, "other place"))
			break
		}
		g.write(&b)
	}
	fmt.Fprintf(&b, "fix: %s", m.cure(groups))
	return b.String()
}

func shown(groups []*group) (n int) {
	for _, g := range groups {
		n += len(g.ids)
	}
	return n
}

// groups puts goroutines with the same calls and the same origin together.
func (m *HaveLeakedMatcher) groups() []*group {
	var groups []*group
	at := map[string]*group{}
	for _, g := range m.leaked {
		state, _, _ := strings.Cut(g.State, " labels:{")
		state, _, _ = strings.Cut(state, ", ")
		calls := frames(g)
		if len(calls) == 0 {
			calls = []stacks.Frame{{Function: cmp.Or(g.TopFunction, "(its stack is unknown)")}}
		}
		key := fmt.Sprint(state, calls, g.CreatorFunction, g.BornAt)
		one := at[key]
		if one == nil {
			one = &group{state: state, calls: calls, origin: bornAt(g)}
			at[key] = one
			groups = append(groups, one)
		}
		one.ids = append(one.ids, g.ID)
		if m.proven[g.ID] {
			one.proven++
		}
	}
	slices.SortStableFunc(groups, func(a, b *group) int {
		if a.proven != b.proven {
			return b.proven - a.proven
		}
		return len(b.ids) - len(a.ids)
	})
	return groups
}

func bornAt(g Goroutine) stacks.Frame {
	parsed := stacks.Parse("goroutine 1 [?]:\ncreated by " + g.CreatorFunction + "\n\t" + g.BornAt)
	if g.CreatorFunction == "" || len(parsed) == 0 {
		return stacks.Frame{Function: g.CreatorFunction}
	}
	return parsed[0].Creator
}

func (g *group) write(b *strings.Builder) {
	fmt.Fprintf(b, "    %dx [%s], %s %s", len(g.ids), cmp.Or(g.state, "state unknown"), plural(len(g.ids), "goroutine"), list(g.ids))
	if g.proven > 0 {
		fmt.Fprintf(b, ", %d proven leaked: nothing can wake it any more", g.proven)
	}
	b.WriteByte('\n')
	for i, call := range g.calls {
		if i == shownCalls && len(g.calls) > shownCalls+1 {
			fmt.Fprintf(b, "        … %d more calls\n", len(g.calls)-i)
			break
		}
		fmt.Fprintf(b, "        %s\n", at(call))
	}
	if g.origin.Function != "" {
		fmt.Fprintf(b, "        created by %s\n", at(g.origin))
	}
}

// cure says what to do about the first place.
func (m *HaveLeakedMatcher) cure(groups []*group) string {
	g := groups[0]
	culprit := g.origin
	for _, call := range slices.Backward(g.calls) {
		if !call.Standard() {
			culprit = call
			break
		}
	}
	if culprit.Function == "" {
		culprit = g.calls[0]
	}
	return fmt.Sprintf("let %s return before the check (close, cancel, stop it, and wait), or expect it with HaveLeaked(%s)",
		path.Base(culprit.Function), g.ignoring(culprit))
}

// ignoring returns the matcher that expects the group, and as little else as can
// be: one for time.Sleep would ignore all that sleeps.
func (g *group) ignoring(culprit stacks.Frame) string {
	top := g.calls[0]
	switch {
	case !top.Standard() || culprit.Function == top.Function:
		return fmt.Sprintf("IgnoringTopFunction(%q)", top.Function)
	case culprit == g.origin:
		return fmt.Sprintf("IgnoringCreator(%q)", culprit.Function)
	default:
		return fmt.Sprintf("IgnoringInBacktrace(%q)", culprit.Function)
	}
}

func at(f stacks.Frame) string {
	if f.File == "" {
		return f.Function
	}
	file := f.File
	if !ReportFilenameWithPath {
		file = path.Join(path.Base(path.Dir(file)), path.Base(file))
	}
	return fmt.Sprintf("%s at %s:%d", f.Function, file, f.Line)
}

// list shows the first numbers of goroutines.
func list(ids []uint64) string {
	const most = 5
	var b strings.Builder
	for i, id := range ids {
		if i == most {
			fmt.Fprintf(&b, " and %d more", len(ids)-i)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprint(&b, id)
	}
	return b.String()
}

func count(n int, noun string) string { return fmt.Sprintf("%d %s", n, plural(n, noun)) }

func plural(n int, noun string) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}
