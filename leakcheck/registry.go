package leakcheck

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// owner is a test.
type owner struct {
	t      any // nil if it cannot be compared
	name   string
	bubble uint64 // in which it was named, 0 for none
}

// spec is the identity of a spec of Ginkgo, which makes a new GinkgoT at each
// call: there is one at a time, and the name tells which.
type spec struct{}

func typeOf(t TB) reflect.Type {
	typ := reflect.TypeOf(t)
	for typ != nil && typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	return typ
}

func ownerOf(t TB) owner {
	_, in := whereabouts()
	o := owner{bubble: in}
	switch {
	case ofGinkgo(t):
		o.t = spec{}
	case reflect.ValueOf(t).Comparable():
		o.t = t
	}
	if n, ok := t.(interface{ Name() string }); ok {
		o.name = n.Name()
	}
	return o
}

// owns reports whether a check of o answers for what other has: its own, and
// that of its subtests. The test of a bubble has the name of the one around it,
// and does not answer for that.
func (o owner) owns(other owner) bool {
	if o.t != nil && o.t == other.t && o.name == other.name {
		return true
	}
	if o.bubble != 0 && o.bubble != other.bubble {
		return false
	}
	return o.name != "" && strings.HasPrefix(other.name+"/", o.name+"/")
}

// handles are the open resources, the tracked objects and the checks under way.
var handles = registry{sessions: map[owner]*session{}, opened: map[*Handle]bool{}, tracked: map[*Ref]bool{}}

type registry struct {
	mu       sync.Mutex
	serial   uint64
	sessions map[owner]*session
	opened   map[*Handle]bool
	tracked  map[*Ref]bool
}

// begin enters a session, or adds its options to the one that is there.
func (r *registry) begin(s *session) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if old, ok := r.sessions[s.owner]; ok && s.owner.t != nil {
		old.opts = append(old.opts, s.opts...)
		return false
	}
	r.sessions[s.owner] = s
	return true
}

func (r *registry) end(s *session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.sessions, s.owner)
}

// leftTo tells whose things the check of o accounts for, once it has ended
// itself: those that o answers for, except of tests whose own check is under
// way. takeOpen and takeTracked call the function, with the lock held.
func (r *registry) leftTo(o owner) func(owner) bool {
	return func(other owner) bool {
		_, checked := r.sessions[other]
		return !checked && o.owns(other)
	}
}

func (r *registry) open(h *Handle) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.serial++
	h.serial = r.serial
	r.opened[h] = true
}

func (r *registry) close(h *Handle) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.opened, h)
}

func (r *registry) track(ref *Ref) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.serial++
	ref.serial = r.serial
	r.tracked[ref] = true
}

func (r *registry) untrack(ref *Ref) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.tracked, ref)
}

// takeTracked removes and returns the tracked objects of which mine is true, as
// far as nobody knows that they are gone.
func (r *registry) takeTracked(mine func(owner) bool) []*Ref {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []*Ref
	for ref := range r.tracked {
		if mine(ref.owner) {
			out = append(out, ref)
			delete(r.tracked, ref)
		}
	}
	slices.SortFunc(out, func(a, b *Ref) int { return cmp.Compare(a.serial, b.serial) })
	return out
}

// takeOpen removes and returns the open handles of which mine is true.
func (r *registry) takeOpen(mine func(owner) bool) []*Handle {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []*Handle
	for h := range r.opened {
		if mine(h.owner) {
			out = append(out, h)
			delete(r.opened, h)
		}
	}
	slices.SortFunc(out, func(a, b *Handle) int { return cmp.Compare(a.serial, b.serial) })
	return out
}
