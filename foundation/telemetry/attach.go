package telemetry

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sleepless-go/sleepless/internal/caller"
)

// AttachOption changes how one handler is attached: Named, Awaitable, OnPanic
// and After.
type AttachOption interface{ applyAttach(*Handle) }

// BusOption changes how a bus is made: Named, OnPanic and After.
type BusOption interface{ applyBus(*Bus) }

// Named gives a handler or a bus a name: a handler's shows in Bus.Handlers and
// in failure events, a bus's is the Instance of the failure events.
func Named(name string) NameOption { return NameOption{name} }

// NameOption is what Named returns: an option for buses and handlers.
type NameOption struct{ name string }

func (o NameOption) applyAttach(h *Handle) { h.name = o.name }
func (o NameOption) applyBus(b *Bus)       { b.name = o.name }

// Awaitable has the calls of a handler counted while they run, so that
// Handle.CloseAndWait can wait for them. It costs each call two atomic adds.
func Awaitable() AttachOption { return awaitable{} }

type awaitable struct{}

func (awaitable) applyAttach(h *Handle) { h.counted = true }

// AttachPrefix registers a handler for all events whose name starts with the
// parts of prefix: "foundation.cache" matches foundation.cache.hit but not
// foundation.cachex.hit. Events that are declared or bound later are included.
// The error wraps ErrUnknownEvent if no event declared so far matches, and
// names those it could have been meant for. The handler gets boxed records:
// what boxing costs is paid once per emission, whatever the number of such
// handlers. AttachPrefix panics if handler is nil.
func (b *Bus) AttachPrefix(prefix string, handler func(context.Context, Record), opts ...AttachOption) (*Handle, error) {
	matches, err := prefixMatcher(prefix)
	if err != nil {
		return nil, err
	}
	return b.attachRecord(caller.Capture(0), prefix+".*", matches, handler, opts), nil
}

// AttachNames registers one handler for several events. The error wraps
// ErrUnknownEvent if one of the names is not declared; then nothing is
// attached. AttachNames panics if handler is nil.
func (b *Bus) AttachNames(names []string, handler func(context.Context, Record), opts ...AttachOption) (*Handle, error) {
	if len(names) == 0 {
		return nil, fmt.Errorf("%w: AttachNames got no names; use AttachAll for every event", ErrUnknownEvent)
	}
	var errs []error
	wanted := map[*Descriptor]bool{}
	for _, name := range names {
		if d, ok := Lookup(name); ok {
			wanted[d] = true
		} else {
			errs = append(errs, unknown("name", name))
		}
	}
	if errs != nil {
		return nil, errors.Join(errs...)
	}
	matches := func(d *Descriptor) bool { return wanted[d] }
	return b.attachRecord(caller.Capture(0), strings.Join(names, ", "), matches, handler, opts), nil
}

// AttachAll registers a handler for every event, those declared later
// included. It panics if handler is nil.
func (b *Bus) AttachAll(handler func(context.Context, Record), opts ...AttachOption) *Handle {
	return b.attachRecord(caller.Capture(0), "*", everything, handler, opts)
}

func (b *Bus) attachRecord(site caller.Stack, listens string, matches func(*Descriptor) bool, handler func(context.Context, Record), opts []AttachOption) *Handle {
	if handler == nil {
		panic("telemetry: attaching a nil handler to " + listens)
	}
	h := newHandle(site, opts)
	h.listens, h.matches, h.record = listens, matches, handler
	return b.attach(h)
}

func everything(*Descriptor) bool { return true }

// prefixMatcher returns a function that matches the events under a prefix, of
// which there must be one already.
func prefixMatcher(prefix string) (func(*Descriptor) bool, error) {
	if err := checkParts(strings.Split(prefix, ".")); err != nil {
		return nil, fmt.Errorf("%w: prefix %q: %w; use AttachAll for every event", ErrUnknownEvent, prefix, err)
	}
	matches := func(d *Descriptor) bool {
		rest, ok := strings.CutPrefix(d.Name, prefix)
		return ok && (rest == "" || rest[0] == '.')
	}
	if !slices.ContainsFunc(Catalogue(), matches) {
		return nil, unknown("prefix", prefix)
	}
	return matches, nil
}

// HandlerInfo tells about one handler of a bus.
type HandlerInfo struct {
	ID          uint64 // 1 for the first one attached to the bus
	Name        string // as given with Named, or empty
	Listens     string // "foundation.cache.hit", "foundation.cache.*", "*", or names separated by commas
	Attached    string // function, file and line that attached it
	State       State
	Failures    uint64 // panics and Goexits
	LastFailure string // text of the last one, or empty
}

// Handlers lists the handlers in attach order: the active, the quarantined and
// those detached by policy, but not the closed ones. A health check may report
// every handler that is not Active.
func (b *Bus) Handlers() []HandlerInfo {
	b.mu.Lock()
	defer b.mu.Unlock()
	infos := make([]HandlerInfo, len(b.handles))
	for i, h := range b.handles {
		infos[i] = HandlerInfo{
			ID: h.id, Name: h.name, Listens: h.listens,
			Attached: h.site.Outside(plumbing).String(),
			State:    h.State(), Failures: h.Failures(), LastFailure: h.last,
		}
	}
	return infos
}

// plumbing tells the packages that attach handlers for somebody else.
func plumbing(pkg string) bool {
	const own = caller.Module + "/foundation/telemetry"
	return pkg == own || pkg == own+"/telemetrytest"
}
