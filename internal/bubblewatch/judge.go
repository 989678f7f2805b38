package bubblewatch

import (
	"slices"

	"github.com/sleepless-go/sleepless/internal/stacks"
)

// Kind says why a bubble does not end.
type Kind int

const (
	Running  Kind = iota // its goroutines get on with something
	Ticking              // the test's own goroutine waits, and others keep time passing, or from passing
	Spinning             // a goroutine runs and runs, so virtual time stands still
	External             // a goroutine is in I/O or a system call
	Lock                 // a mutex is awaited
	Once                 // the end of somebody else's sync.Once.Do is awaited
	Group                // a WaitGroup from outside the bubble is awaited
	Context              // the Done channel of a context from outside is awaited
	Channel              // a channel from outside is awaited
)

// Verdict is what a few looks at a bubble amount to.
type Verdict struct {
	Kind Kind
	// Still: no goroutine of the bubble can run, two looks agree on that, and
	// none outside is seen at work that could change it.
	Still bool
	// Seen are the goroutines that the kind is about.
	Seen []stacks.Goroutine
	// Holders may hold the lock that is awaited: in the bubble first.
	Holders []stacks.Goroutine
	// Test is the goroutine of the test itself, the zero Goroutine if it has
	// ended.
	Test stacks.Goroutine
	// Others are the remaining goroutines of the bubble, without machinery.
	Others []stacks.Goroutine
}

// fewest is how many looks it takes to say that a goroutine runs all the time.
const fewest = 3

// judge forms a verdict on the bubble of that number. Each look is a dump of all
// goroutines, the first of which took it.
func judge(looks [][]stacks.Goroutine, bubble uint64) Verdict {
	last := looks[len(looks)-1]
	inside := of(last, bubble)
	v := Verdict{Test: testOf(inside)}
	blocked, busy, external := sorted(inside)
	switch {
	case len(busy) == 0 && len(external) == 0 && len(blocked) > 0:
		v.blame(blocked, last)
		agree := len(looks) > 1 && same(of(looks[len(looks)-2], bubble), inside)
		v.Still = agree && !help(blocked, last[1:], bubble)
	case len(busy) == 0 && len(external) > 0:
		v.Kind, v.Seen = External, external
	default:
		v.move(looks, bubble)
	}
	v.rest(inside)
	return v
}

// of returns the goroutines of a bubble.
func of(all []stacks.Goroutine, bubble uint64) []stacks.Goroutine {
	var inside []stacks.Goroutine
	for _, g := range all {
		if g.Bubble == bubble {
			inside = append(inside, g)
		}
	}
	return inside
}

// sorted tells those that wait, in a way that keeps time from passing, for
// another goroutine from those that are busy and those that the outer world
// keeps. Waits that let time pass are in none of the three. A state that is not
// known counts as busy, so that what a later runtime adds ends no process.
func sorted(inside []stacks.Goroutine) (blocked, busy, external []stacks.Goroutine) {
	for _, g := range inside {
		switch {
		case g.Durable:
		case g.State == "IO wait" || g.State == "syscall":
			external = append(external, g)
		case awaits(g) != Running:
			blocked = append(blocked, g)
		default:
			busy = append(busy, g)
		}
	}
	return blocked, busy, external
}

// awaits says for what a goroutine waits that is blocked and not durably so.
func awaits(g stacks.Goroutine) Kind {
	switch g.State {
	case "sync.Mutex.Lock", "sync.RWMutex.Lock", "sync.RWMutex.RLock":
		if inOnce(g) {
			return Once
		}
		return Lock
	case "sync.WaitGroup.Wait":
		return Group
	case "chan receive", "chan send", "select":
		if awaitsContext(g) {
			return Context
		}
		return Channel
	}
	return Running
}

// inOnce reports whether the lock that g waits for is that of a sync.Once.
func inOnce(g stacks.Goroutine) bool {
	for _, f := range g.Frames {
		if f.Function == "sync.(*Once).doSlow" {
			return true
		}
		if !f.Standard() {
			return false
		}
	}
	return false
}

// same reports whether two looks show the same goroutines in the same places.
func same(a, b []stacks.Goroutine) bool {
	if len(a) != len(b) {
		return false
	}
	before := make(map[uint64]stacks.Goroutine, len(a))
	for _, g := range a {
		before[g.ID] = g
	}
	for _, g := range b {
		old, ok := before[g.ID]
		if !ok || old.State != g.State || old.Durable != g.Durable || !slices.Equal(old.Frames, g.Frames) {
			return false
		}
	}
	return true
}

// blame picks the kind that explains most: who waits for a lock, waits for
// whoever else is blocked, and not the other way round.
func (v *Verdict) blame(blocked, all []stacks.Goroutine) {
	v.Kind = awaits(blocked[0])
	for _, g := range blocked[1:] {
		v.Kind = min(v.Kind, awaits(g))
	}
	for _, g := range blocked {
		if awaits(g) == v.Kind {
			v.Seen = append(v.Seen, g)
		}
	}
	if v.Kind == Lock || v.Kind == Once {
		v.Holders = holders(v.Seen[0], all)
	}
}

// help reports whether a goroutine outside is seen at work that could end one of
// the waits, whichever the verdict is about: it is in the code that the waiting
// goroutine is in.
func help(blocked, all []stacks.Goroutine, bubble uint64) bool {
	for _, g := range all {
		for _, w := range blocked {
			if g.Bubble == bubble || !atWork(g, awaits(w)) {
				continue
			}
			if f, ok := place(w); ok && (within(g, f.Package()) || g.Creator.Package() == f.Package()) {
				return true
			}
		}
	}
	return false
}

// atWork reports whether g can go on by itself. That somebody holds a lock while
// asleep or in I/O is common; that he sends on a channel after it is not, and
// listeners and tickers would be taken for help.
func atWork(g stacks.Goroutine, k Kind) bool {
	switch g.State {
	case "running", "runnable", "syscall":
		return true
	case "IO wait", "sleep":
		return !g.Durable && (k == Lock || k == Once)
	}
	return false
}

func within(g stacks.Goroutine, pkg string) bool {
	return slices.ContainsFunc(g.Frames, func(f stacks.Frame) bool { return f.Package() == pkg })
}

// move judges a bubble in which something goes on.
func (v *Verdict) move(looks [][]stacks.Goroutine, bubble uint64) {
	at := map[uint64]int{} // how often a goroutine was busy
	waits := v.Test.ID != 0
	for _, look := range looks {
		inside := of(look, bubble)
		_, busy, _ := sorted(inside)
		for _, g := range busy {
			at[g.ID]++
		}
		test := testOf(inside)
		waits = waits && test.Durable && slices.Equal(test.Frames, v.Test.Frames)
	}
	inside := of(looks[len(looks)-1], bubble)
	for _, g := range inside {
		if at[g.ID] == len(looks) && len(looks) >= fewest && !machinery(g) {
			v.Seen = append(v.Seen, g)
		}
	}
	switch {
	case waits && len(looks) >= fewest && v.Test.State != "sleep":
		v.Kind, v.Seen = Ticking, nil
	case len(v.Seen) > 0:
		v.Kind = Spinning
	default:
		v.Kind = Running
	}
}

// rest fills in the goroutines of the bubble that nothing else names.
func (v *Verdict) rest(inside []stacks.Goroutine) {
	named := map[uint64]bool{}
	for _, g := range slices.Concat(v.Seen, v.Holders) {
		named[g.ID] = true
	}
	if v.Kind == Ticking {
		named[v.Test.ID] = true
	}
	for _, g := range inside {
		if !named[g.ID] && !machinery(g) {
			v.Others = append(v.Others, g)
		}
	}
	if v.Kind == Ticking { // by what runs, whether it is woken again and again or never pauses
		slices.SortStableFunc(v.Others, func(a, b stacks.Goroutine) int { return pausing(a) - pausing(b) })
	}
}

// pausing is 1 for a goroutine that waits, and 0 for one that runs.
func pausing(g stacks.Goroutine) int {
	if g.Durable {
		return 1
	}
	return 0
}
