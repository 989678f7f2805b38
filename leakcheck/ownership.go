package leakcheck

import (
	"context"
	"maps"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/sleepless-go/sleepless/internal/goid"
	"github.com/sleepless-go/sleepless/internal/stacks"
)

// labelKey is the runtime/pprof label by which goroutines know their test. New
// goroutines inherit the labels of the one that starts them.
const labelKey = "leakcheck"

// ledger knows the tests that are being checked, and what was reported.
var ledger = struct {
	sync.Mutex
	next     uint64
	tests    map[uint64]*ownership // by the goroutine that the test runs on
	reported map[uint64]bool       // goroutines
}{tests: map[uint64]*ownership{}, reported: map[uint64]bool{}}

// ownership is what ties goroutines to one test. It is the scope of Check.
type ownership struct {
	token     string     // the value of the label, unique to one call of Check
	goroutine uint64     // that the test runs on
	created   uint64     // goroutines before the test
	around    *ownership // of the test that called this one, on the same goroutine
	over      bool
}

// claim labels the calling goroutine as that of a test.
func claim(name string) *ownership {
	o := &ownership{goroutine: goid.ID()}
	ledger.Lock()
	ledger.next++
	o.token = name + "#" + strconv.FormatUint(ledger.next, 10)
	o.around = ledger.tests[o.goroutine]
	ledger.tests[o.goroutine] = o
	ledger.Unlock()
	labels := own().Labels
	setLabels(with(labels, o.token))
	o.created = created()
	return o
}

// testOf returns the test's name in a token.
func testOf(token string) string {
	if i := strings.LastIndexByte(token, '#'); i >= 0 {
		return token[:i]
	}
	return token
}

// release takes the label off the calling goroutine and leaves it those that it
// has from elsewhere. A test that was called by another one on the same
// goroutine, as those of property tests are, gives the label back to that.
func (o *ownership) release() {
	around := o.leave()
	if goid.ID() != o.goroutine {
		return
	}
	labels := own().Labels
	switch {
	case labels[labelKey] != o.token:
		return
	case around != nil:
		labels[labelKey] = around.token
	default:
		delete(labels, labelKey)
	}
	setLabels(labels)
}

// leave takes the test out of the ledger, and returns the one around it that
// still goes on.
func (o *ownership) leave() (around *ownership) {
	ledger.Lock()
	defer ledger.Unlock()
	o.over = true
	for around = o.around; around != nil && around.over; {
		around = around.around
	}
	switch {
	case ledger.tests[o.goroutine] != o: // the one around it ends first
	case around != nil:
		ledger.tests[o.goroutine] = around
	default:
		delete(ledger.tests, o.goroutine)
	}
	return around
}

func with(labels map[string]string, token string) map[string]string {
	out := map[string]string{labelKey: token}
	for key, value := range labels {
		if key != labelKey {
			out[key] = value
		}
	}
	return out
}

func setLabels(labels map[string]string) {
	var pairs []string
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		pairs = append(pairs, key, labels[key])
	}
	ctx := context.Background()
	if len(pairs) > 0 {
		ctx = pprof.WithLabels(ctx, pprof.Labels(pairs...))
	}
	pprof.SetGoroutineLabels(ctx)
}

// clean holds while no goroutine at all was started since the claim.
func (o *ownership) clean() bool { return o.created != 0 && o.created == created() }

func (o *ownership) has(g stacks.Goroutine, f family) bool {
	return f.token(g) == o.token && !reported(g)
}

// family is a dump seen as descent.
type family struct {
	members map[uint64]*stacks.Goroutine
	lost    map[uint64]string // tokens of tests whose goroutine lost its label
	bearers map[uint64]bool   // goroutines of tests that have it still
}

func familyOf(all []stacks.Goroutine) family {
	f := family{members: make(map[uint64]*stacks.Goroutine, len(all)), lost: map[uint64]string{}, bearers: map[uint64]bool{}}
	for i := range all {
		f.members[all[i].ID] = &all[i]
	}
	ledger.Lock()
	defer ledger.Unlock()
	for id, o := range ledger.tests {
		// A test goroutine that bears its label passes it on, so what it started
		// without the label was started before the claim. Only one that lost it
		// is known by descent.
		if g, ok := f.members[id]; ok && g.Labels[labelKey] == o.token {
			f.bearers[id] = true
		} else {
			f.lost[id] = o.token
		}
	}
	return f
}

// token returns that of the test a goroutine belongs to: its own label, or that
// of the nearest ancestor which still runs and has one; "" if none has.
func (f family) token(g stacks.Goroutine) string {
	for range len(f.members) + 1 { // ancestry has no circles, but it is read from text
		if token := g.Labels[labelKey]; token != "" {
			return token
		}
		if token, ok := f.lost[g.ID]; ok {
			return token
		}
		if f.bearers[g.Parent] {
			return ""
		}
		parent, ok := f.members[g.Parent]
		if !ok {
			return f.lost[g.Parent]
		}
		g = *parent
	}
	return ""
}

// ancestors returns the go statements that led to the goroutine's own, nearest
// first, as far as the goroutines that ran them still exist.
func (f family) ancestors(g stacks.Goroutine) []Frame {
	var out []Frame
	for range len(f.members) {
		parent, ok := f.members[g.Parent]
		if !ok || parent.Creator == (stacks.Frame{}) || tester(parent.Creator) {
			break
		}
		out = append(out, Frame(parent.Creator))
		g = *parent
	}
	return out
}
