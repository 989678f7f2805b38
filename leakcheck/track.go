package leakcheck

import (
	"context"
	"fmt"
	"reflect"
	"runtime"
	"sync"
	"weak"

	"github.com/sleepless-go/sleepless/foundation/signal"
)

// collections is how many garbage collections an object may take to go: one for
// itself, two more for what a sync.Pool gives up in steps, or a finalizer keeps
// for a while.
const collections = 3

// Ref watches one object without keeping it alive. It is an eventually.Source
// which a wait also polls: each poll is a garbage collection. All methods may
// be called from any goroutine, inside bubbles and outside.
type Ref struct {
	name    string
	typ     string
	owner   owner
	tracked []Frame
	serial  uint64
	err     error       // why it cannot be watched
	held    func() bool // whether the object can still be reached
	gone    chan struct{}
	once    sync.Once
	changed signal.Signal
}

// Track watches the object at p, to learn when the garbage collector has taken
// it. Objects that are still reachable at the end are reported by the Check of
// the test, by that of the nearest parent test which has one, or else by Main;
// with neither of these use Await.
//
// p must point to an object of its own on the heap. Pointers into a larger
// object watch that object as a whole. These make the test fail at once, since
// the runtime never tells when they go: nil, package variables, objects of size
// 0, and objects below 16 bytes without pointers, which share a block.
func Track[T any](t TB, p *T, name string) *Ref {
	t.Helper()
	r := &Ref{name: name, typ: reflect.TypeFor[*T]().String(), owner: ownerOf(t), tracked: callers(), gone: makeOutside()}
	if r.err = trackable(reflect.TypeFor[T](), p == nil); r.err == nil && runtime.AddCleanup(p, (*Ref).collected, r) == (runtime.Cleanup{}) {
		r.err = fmt.Errorf("it is a package variable, which lives as long as the process; track an object that is made with new, & or make")
	}
	if r.err != nil {
		r.err = fmt.Errorf("leakcheck: cannot track %q (%s): %w", name, r.typ, r.err)
		t.Errorf("%v", r.err)
		return r
	}
	w := weak.Make(p)
	r.held = func() bool { return w.Value() != nil }
	handles.track(r)
	return r
}

// trackable returns why objects of a type cannot be watched.
func trackable(typ reflect.Type, isNil bool) error {
	const tiny = 16 // runtime.maxTinySize
	switch {
	case isNil:
		return fmt.Errorf("the pointer is nil; track the object after it is made")
	case typ.Size() == 0:
		return fmt.Errorf("objects of size 0 have no place of their own; track what holds it")
	case typ.Size() < tiny && !holdsPointers(typ):
		return fmt.Errorf("objects of %d bytes without pointers share a block with others, so the runtime may never tell when one goes; track what holds it, or add a field such as _ *byte", typ.Size())
	default:
		return nil
	}
}

func holdsPointers(typ reflect.Type) bool {
	switch typ.Kind() {
	case reflect.Array:
		return typ.Len() > 0 && holdsPointers(typ.Elem())
	case reflect.Struct:
		for i := range typ.NumField() {
			if holdsPointers(typ.Field(i).Type) {
				return true
			}
		}
		return false
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr,
		reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128:
		return false
	default:
		return true
	}
}

// collected runs when the object is gone, on a goroutine of the runtime or on
// one that has found out for itself.
func (r *Ref) collected() {
	r.once.Do(func() {
		handles.untrack(r)
		close(r.gone)
		r.changed.Broadcast()
	})
}

// Collected returns a channel that is closed when the object is gone. Somebody
// has to collect garbage for that: the runtime in its own time, Await, or a wait
// that polls the Ref.
func (r *Ref) Collected() <-chan struct{} { return r.gone }

// Done is Collected, under the name by which matchers.EventuallyCleanedUp knows
// the end of things.
func (r *Ref) Done() <-chan struct{} { return r.gone }

// Closed reports whether the object is gone. It takes no collection.
func (r *Ref) Closed() bool {
	if r.held != nil && !r.held() {
		r.collected() // the weak pointer knows before the cleanup has run
	}
	select {
	case <-r.gone:
		return true
	default:
		return false
	}
}

// Await collects garbage until the object is gone, three times at most. It waits
// for nothing else: what is reachable after that stays so until the program
// changes. The error names the object, or is that of ctx, which is looked at
// between collections.
func (r *Ref) Await(ctx context.Context) error {
	if r.err != nil {
		return r.err
	}
	for range collections {
		if r.Closed() {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("leakcheck: object %q was not awaited: %w", r.name, context.Cause(ctx))
		}
		runtime.GC()
	}
	if r.Closed() {
		return nil
	}
	return fmt.Errorf("leakcheck: object %q (%s, tracked at %s) is still reachable after %d garbage collections; look for a map, a slice, a closure or a goroutine that holds it, and for a variable of the test that is used later", r.name, r.typ, placeOf(r.tracked), collections)
}

// Notify makes a Ref an eventually.Source.
func (r *Ref) Notify(ch chan<- struct{}) (stop func()) { return r.changed.Notify(ch) }

// Poll collects garbage and reports whether the object is gone.
func (r *Ref) Poll() bool {
	if !r.Closed() {
		runtime.GC()
	}
	return r.Closed()
}

// String returns the name.
func (r *Ref) String() string { return r.name }

// HeldObject is a tracked object that is still reachable.
type HeldObject struct {
	Name    string
	Test    string // that tracked it
	Type    string // of the pointer
	Tracked []Frame
}
