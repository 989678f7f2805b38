package telemetry

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// ErrUnknownEvent is wrapped by the errors of everything that names events
// nobody declared, so that a misspelt name cannot match nothing in silence.
// The usual cause besides a typing mistake is that the package which declares
// the event is not imported.
var ErrUnknownEvent = errors.New("telemetry: unknown event")

// catalogue holds every declaration of the program: names, types and docs, but
// no handlers and no state, which is why it may be global.
var catalogue registry

type registry struct {
	mu     sync.RWMutex
	byName map[string]*Descriptor
}

// Catalogue returns all declared events, sorted by name.
func Catalogue() []*Descriptor {
	catalogue.mu.RLock()
	defer catalogue.mu.RUnlock()
	all := make([]*Descriptor, 0, len(catalogue.byName))
	for _, d := range catalogue.byName {
		all = append(all, d)
	}
	slices.SortFunc(all, func(a, b *Descriptor) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// Lookup returns the descriptor of the event with that name, and whether one
// is declared.
func Lookup(name string) (*Descriptor, bool) {
	catalogue.mu.RLock()
	defer catalogue.mu.RUnlock()
	d, ok := catalogue.byName[name]
	return d, ok
}

func (c *registry) add(d *Descriptor) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if other, dup := c.byName[d.Name]; dup {
		return fmt.Errorf("%w of %q at %s: already declared at %s", ErrDeclaration, d.Name, d.declared(), other.declared())
	}
	if c.byName == nil {
		c.byName = map[string]*Descriptor{}
	}
	c.byName[d.Name] = d
	return nil
}

// unknown returns the error for a name or prefix that matches no event.
func unknown(what, name string) error {
	var names []string
	for _, d := range Catalogue() {
		names = append(names, d.Name)
	}
	if near := nearest(name, names); len(near) > 0 {
		return fmt.Errorf("%w: %s %q; did you mean %s?", ErrUnknownEvent, what, name, strings.Join(near, ", "))
	}
	return fmt.Errorf("%w: %s %q; none of the %d declared events is like it: is the package that declares it imported?",
		ErrUnknownEvent, what, name, len(names))
}

// nearest returns up to three of the names that could have been meant: those
// which hold what was written as a part, and those a few typing mistakes away,
// closest first.
func nearest(name string, names []string) []string {
	type candidate struct {
		name string
		far  int
	}
	var near []candidate
	for _, n := range names {
		far := distance(name, n)
		if strings.Contains("."+n+".", "."+name+".") {
			far = min(far, 1)
		}
		if prefix := strings.Split(n, "."); strings.Count(name, ".") < len(prefix)-1 {
			// A prefix was written: compare it with as many parts.
			far = min(far, distance(name, strings.Join(prefix[:strings.Count(name, ".")+1], ".")))
		}
		if far <= max(2, len(name)/4) {
			near = append(near, candidate{n, far})
		}
	}
	slices.SortStableFunc(near, func(a, b candidate) int { return cmp.Compare(a.far, b.far) })
	var best []string
	for _, c := range near[:min(3, len(near))] {
		best = append(best, c.name)
	}
	return best
}

// distance is the edit distance of Levenshtein between two byte strings.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
