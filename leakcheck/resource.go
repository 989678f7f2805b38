package leakcheck

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/sleepless-go/sleepless/foundation/signal"
	"github.com/sleepless-go/sleepless/internal/stacks"
)

// Handle accounts for one resource: a connection, a file, a subscription. It is
// open until Close. All methods may be called from any goroutine.
type Handle struct {
	name    string
	owner   owner
	opened  []Frame
	serial  uint64
	closed  chan struct{}
	once    sync.Once
	changed signal.Signal
}

// Resource notes that the test has opened something. Put it where the resource
// is made and call Close where it is released. What is still open at the end is
// reported, with the stack that opened it, by the Check of the test, by that of
// the nearest parent test which has one, or else by Main.
//
// A Handle made in a bubble must be closed in that bubble.
func Resource(t TB, name string) *Handle {
	t.Helper()
	h := &Handle{name: name, owner: ownerOf(t), opened: callers(), closed: make(chan struct{})}
	handles.open(h)
	return h
}

// Close notes that the resource is released. It returns nil, and may be called
// more than once.
func (h *Handle) Close() error {
	h.once.Do(func() {
		handles.close(h)
		close(h.closed)
		h.changed.Broadcast()
	})
	return nil
}

// Done returns a channel that is closed by Close.
func (h *Handle) Done() <-chan struct{} { return h.closed }

// Closed reports whether Close was called.
func (h *Handle) Closed() bool {
	select {
	case <-h.closed:
		return true
	default:
		return false
	}
}

// Notify makes a Handle an eventually.Source, which reports the Close.
func (h *Handle) Notify(ch chan<- struct{}) (stop func()) { return h.changed.Notify(ch) }

// String returns the name.
func (h *Handle) String() string { return h.name }

// Await waits until the resource is closed. A Close that came before the wait
// is seen as well. The error is that of ctx, with the line that opened it.
func (h *Handle) Await(ctx context.Context) error {
	select {
	case <-h.closed:
		return nil
	default:
	}
	select {
	case <-h.closed:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("resource %q, opened at %s, is not closed: %w", h.name, h.place(), context.Cause(ctx))
	}
}

func (h *Handle) place() string { return placeOf(h.opened) }

// OpenHandle is a resource that was not closed.
type OpenHandle struct {
	Name   string
	Test   string  // that opened it
	Opened []Frame // the calls that did, innermost first
}

// owner is a test.
type owner struct {
	t    any // nil if it cannot be compared
	name string
}

func typeOf(t TB) reflect.Type {
	typ := reflect.TypeOf(t)
	for typ != nil && typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	return typ
}

func ownerOf(t TB) owner {
	o := owner{}
	if reflect.ValueOf(t).Comparable() {
		o.t = t
	}
	if n, ok := t.(interface{ Name() string }); ok {
		o.name = n.Name()
	}
	return o
}

// owns reports whether a check of o answers for what other has: its own, and
// that of its subtests.
func (o owner) owns(other owner) bool {
	if o.t != nil && o.t == other.t {
		return true
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

// collect adds resources and objects to a report.
func (r *Report) collect(c config, mine func(owner) bool) {
	for _, h := range handles.takeOpen(mine) {
		r.Resources = append(r.Resources, OpenHandle{h.name, h.owner.name, h.opened})
	}
}

// callers returns the calls that led to a function of this package, without
// those of packages of the machinery.
func callers() []Frame {
	var out []Frame
	for _, f := range stacks.Own().Frames {
		if f.Package() == "testing" {
			break
		}
		if !inside(f) {
			out = append(out, Frame(f))
		}
	}
	return out
}

func inside(f stacks.Frame) bool {
	const own = "github.com/sleepless-go/sleepless/leakcheck"
	return f.Package() == own && !strings.HasSuffix(f.File, "_test.go")
}

func placeOf(frames []Frame) string {
	if len(frames) == 0 {
		return "an unknown place"
	}
	return position(frames[0])
}
