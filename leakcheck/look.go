package leakcheck

import (
	"cmp"
	"slices"
	"time"

	"github.com/sleepless-go/sleepless/internal/stacks"
)

// scope tells which goroutines of a dump a check is about; the calling one and
// those of other bubbles are left out already.
type scope interface {
	// clean reports whether it is certain, without a look, that there are none.
	clean() bool
	has(g stacks.Goroutine, f family) bool
}

// everything is the scope of Find.
type everything struct{}

func (everything) clean() bool { return false }

func (everything) has(stacks.Goroutine, family) bool { return true }

// world is what a check needs of the runtime; tests put other things in.
type world struct {
	dump  func() []stacks.Goroutine
	prove func() (all []stacks.Goroutine, ok bool)
	now   func() time.Time
	yield func()              // to goroutines that can run
	pause func(time.Duration) // for those that cannot yet
}

// check is one search for goroutines that should have ended.
type check struct {
	config
	world
	scope  scope
	report *Report
	start  time.Time
	left   map[uint64]sighting
	fresh  bool // something unproven has changed since the last proof
}

// sighting is what the looks found out about a goroutine.
type sighting struct {
	goroutine stacks.Goroutine
	steady    bool // where it was at the look before
	test      string
	ancestors []Frame
}

func newCheck(c config, s scope) *check {
	return &check{config: c, scope: s, world: surroundings(), report: &Report{Grace: c.grace, misuse: c.err}}
}

// run looks until nothing is left, all that is left is proven, or the grace is
// over. All of it happens on the calling goroutine.
func (k *check) run() *Report {
	k.start = k.now()
	if k.err == nil && !k.clean() {
		k.search()
	}
	k.report.Took = k.now().Sub(k.start)
	k.report.Goroutines = k.verdicts()
	for _, a := range k.arbiters {
		k.report.decided = true
		if err := a.find(); err != nil {
			k.report.Arbiters = append(k.report.Arbiters, arbiterError{a.name, err})
		}
	}
	return k.report
}

// clean reports whether there is nothing to look for.
func (k *check) clean() bool {
	return k.scope.clean() || slices.ContainsFunc(k.since, (*Baseline).unchanged)
}

// search looks again and again, with pauses in between. The last look is one
// that began when the grace was over: on a busy machine time may pass between a
// look and its verdict, and a goroutine end in that time.
func (k *check) search() {
	k.yield()
	for pause := firstPause; ; pause *= 2 {
		last := k.elapsed() >= k.grace
		if k.look(k.dump()) || k.proof() {
			return
		}
		if last {
			k.lookAgain()
			return
		}
		if left := k.grace - k.elapsed(); left > 0 {
			k.pause(min(pause, left))
			k.report.waited = k.elapsed()
		}
		if k.elapsed() >= k.grace {
			k.yield() // what the end of the grace has woken
		}
	}
}

func (k *check) elapsed() time.Duration { return k.now().Sub(k.start) }

// lookAgain finds out whether what is blocked now stays so. On a machine so busy
// that the grace has passed between two looks, it may have come to its place
// only in between.
func (k *check) lookAgain() {
	if k.grace == 0 {
		return // one look was asked for
	}
	for _, s := range k.left {
		if !s.steady && blocked(s.goroutine.State) {
			k.pause(firstPause)
			k.look(k.dump())
			return
		}
	}
}

// firstPause is that before the second look. It doubles from look to look, so
// that the default grace needs a dozen.
const firstPause = 500 * time.Microsecond

// look takes in a dump and reports whether the search is over.
func (k *check) look(all []stacks.Goroutine) (done bool) {
	k.report.Looks++
	before := k.left
	k.left = make(map[uint64]sighting, len(before))
	family := familyOf(all)
	for _, g := range k.candidates(all, family) {
		s := sighting{goroutine: g, test: testOf(family.token(g)), ancestors: family.ancestors(g)}
		if old, ok := before[g.ID]; ok {
			s.steady = g.State == old.goroutine.State && slices.Equal(g.Frames, old.goroutine.Frames)
			g.Leaked = g.Leaked || old.goroutine.Leaked
			s.goroutine = g
		}
		k.fresh = k.fresh || !s.steady && !g.Leaked
		k.left[g.ID] = s
	}
	return k.decided()
}

// decided reports whether more looks could not change the answer.
func (k *check) decided() bool {
	for _, s := range k.left {
		if !s.goroutine.Leaked {
			return false
		}
	}
	return true
}

// maxProofs bounds the garbage collections of one check.
const maxProofs = 4

// proof lets the garbage collector judge what is left, if there is something
// that it has not seen as it is now.
func (k *check) proof() (done bool) {
	if k.noGC || !k.fresh || k.report.GCs >= maxProofs || !k.anyBlocked() {
		return false
	}
	all, ok := k.prove()
	if !ok {
		return false
	}
	k.fresh = false
	k.report.GCs++
	return k.look(all)
}

func (k *check) anyBlocked() bool {
	for _, s := range k.left {
		if !s.goroutine.Leaked && blocked(s.goroutine.State) {
			return true
		}
	}
	return false
}

// candidates are the goroutines of a dump that must not be there. The dump
// begins with the calling goroutine, except one that was made with a proof.
func (k *check) candidates(all []stacks.Goroutine, f family) []stacks.Goroutine {
	self, in := whereabouts()
	var others []stacks.Goroutine
	for _, g := range all {
		if g.ID == self || g.Bubble != in || k.known(g) || !k.scope.has(g, f) {
			continue
		}
		g.ReadFrames()
		if !machinery(g) && !k.ignored(g) {
			others = append(others, g)
		}
	}
	return others
}

func (k *check) known(g stacks.Goroutine) bool {
	return slices.ContainsFunc(k.since, func(b *Baseline) bool { return b.has(g) })
}

func (k *check) ignored(g stacks.Goroutine) bool {
	if len(k.ignore) == 0 {
		return false
	}
	shown := goroutineOf(g)
	return slices.ContainsFunc(k.ignore, func(f func(Goroutine) bool) bool { return f(shown) })
}

// verdicts returns what is left, the surest first.
func (k *check) verdicts() []Goroutine {
	var out []Goroutine
	for _, s := range k.left {
		g := goroutineOf(s.goroutine)
		g.Verdict, g.Test, g.Ancestors = s.verdict(k.report.Looks), s.test, s.ancestors
		out = append(out, g)
	}
	slices.SortFunc(out, func(a, b Goroutine) int {
		return cmp.Or(-cmp.Compare(a.Verdict, b.Verdict), cmp.Compare(a.ID, b.ID))
	})
	return out
}

// verdict is what the looks say. One look alone cannot tell whether a goroutine
// moves, only whether it is blocked.
func (s sighting) verdict(looks int) Verdict {
	switch {
	case s.goroutine.Leaked:
		return Proven
	case blocked(s.goroutine.State) && (s.steady || looks == 1):
		return Blocked
	default:
		return Running
	}
}

// blocked tells the states of goroutines that wait for others; a goroutine that
// sleeps waits for time only.
func blocked(state string) bool {
	switch state {
	case "running", "runnable", "syscall", "sleep", "idle", "preempted", "copystack", "":
		return false
	default:
		return true
	}
}

type arbiterError struct {
	name string
	err  error
}

func (e arbiterError) Error() string { return e.name + ": " + e.err.Error() }
func (e arbiterError) Unwrap() error { return e.err }
