package leakcheck

import (
	"errors"
	"runtime"
	"slices"
	"time"
)

// ErrLeak is what the error of a Report with leaks wraps.
var ErrLeak = errors.New("leaks")

// Report is what one check found.
type Report struct {
	Test       string        // the test that was checked, "" for Find and Main
	Goroutines []Goroutine   // that are still there, also if the arbiters find no leak
	Resources  []OpenHandle  // that were not closed
	Objects    []HeldObject  // that are tracked and still reachable
	Took       time.Duration // from the beginning of the check; virtual time in a bubble
	Grace      time.Duration // that was given to goroutines which are not proven leaked
	Looks      int           // at the goroutines
	GCs        int           // garbage collections
	TestFailed bool          // leaks may then be a consequence

	// Arbiters are the errors of the arbiters that say there are leaks.
	Arbiters []error
	decided  bool          // by arbiters
	misuse   error         // of an option
	waited   time.Duration // for goroutines to end
}

// Leaked reports whether there is anything to report.
func (r *Report) Leaked() bool {
	return r.misuse != nil || len(r.Resources) > 0 || len(r.Objects) > 0 ||
		len(r.Arbiters) > 0 || len(r.charged()) > 0
}

// charged returns the goroutines that are leaks: all, or none if the arbiters
// say so.
func (r *Report) charged() []Goroutine {
	if r.decided && len(r.Arbiters) == 0 {
		return nil
	}
	return r.Goroutines
}

// Err returns nil if there are no leaks, and else an error with the text of the
// report, which wraps ErrLeak (or is about the misuse of an option).
func (r *Report) Err() error {
	switch {
	case !r.Leaked():
		return nil
	case r.misuse != nil:
		return r.misuse
	default:
		return reportError{r}
	}
}

type reportError struct{ r *Report }

func (e reportError) Error() string   { return e.r.String() }
func (e reportError) Unwrap() []error { return append([]error{ErrLeak}, e.r.Arbiters...) }

// Proven returns how many of the goroutines are proven leaked.
func (r *Report) Proven() int {
	n := 0
	for _, g := range r.Goroutines {
		if g.Verdict == Proven {
			n++
		}
	}
	return n
}

// collect adds what mine is true of: resources that are open, and objects that
// are still reachable.
func (r *Report) collect(c config, mine func(owner) bool) {
	if c.only {
		return
	}
	for _, h := range handles.takeOpen(mine) {
		r.Resources = append(r.Resources, OpenHandle{h.name, h.owner.name, h.opened})
	}
	if c.noGC {
		return
	}
	refs := handles.takeTracked(mine)
	for range collections {
		refs = slices.DeleteFunc(refs, (*Ref).Closed)
		if len(refs) == 0 {
			return
		}
		runtime.GC()
		r.GCs++
	}
	for _, ref := range slices.DeleteFunc(refs, (*Ref).Closed) {
		r.Objects = append(r.Objects, HeldObject{ref.name, ref.owner.name, ref.typ, ref.tracked})
	}
}
