package leakcheck

import (
	"fmt"

	"github.com/sleepless-go/sleepless/internal/bubble"
	"github.com/sleepless-go/sleepless/internal/goid"
	"github.com/sleepless-go/sleepless/internal/stacks"
)

// Baseline is the set of the goroutines of one moment. It goes by identity, so
// that one goroutine which ended does not make up for another one which leaked;
// numbers of goroutines cannot tell that apart. A Baseline does not change and
// may be used from any goroutine.
type Baseline struct {
	created uint64 // read before the ids, so that it errs on the safe side
	ids     map[uint64]bool
}

// TakeBaseline notes the goroutines that exist now, the calling one included.
func TakeBaseline() *Baseline {
	b := &Baseline{created: created(), ids: map[uint64]bool{}}
	for _, g := range dumpAll() {
		b.ids[g.ID] = true
	}
	return b
}

// Since returns the goroutines that exist now and did not exist then, except
// the calling one and those of the machinery of tests. Inside a bubble it
// returns those of that bubble, outside those of none. It takes one look and
// does not wait; Find with the option Since does.
func (b *Baseline) Since() []Goroutine {
	if b.unchanged() {
		return nil
	}
	all := dumpAll()
	var out []Goroutine
	for _, g := range all[1:] {
		if g.Bubble != all[0].Bubble || b.has(g) {
			continue
		}
		if g.ReadFrames(); !machinery(g) {
			out = append(out, goroutineOf(g))
		}
	}
	return out
}

// Restored is an eventually.Condition: it is done when Since is empty. A wait on
// it needs a source that tells when the goroutines may have ended, or polls.
func (b *Baseline) Restored() (done bool, why string, err error) {
	left := b.Since()
	if len(left) == 0 {
		return true, "", nil
	}
	return false, fmt.Sprintf("%d goroutines more than at the baseline, one of them in %s", len(left), left[0].place()), nil
}

// unchanged reports whether no goroutine was started since.
func (b *Baseline) unchanged() bool { return b.created != 0 && b.created == created() }

func (b *Baseline) has(g stacks.Goroutine) bool { return b.ids[g.ID] }

// whereabouts are the calling goroutine and its bubble.
func whereabouts() (id, inBubble uint64) {
	if bubble.Inside() {
		inBubble = bubble.ID()
	}
	return goid.ID(), inBubble
}
