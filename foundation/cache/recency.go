package cache

// recency orders the entries by when they were used last. It is a ring through
// the entries themselves, so that a hit allocates nothing.
type recency[K comparable, V any] struct {
	root entry[K, V] // root.newer is the oldest entry, root.older the newest
}

func (r *recency[K, V]) init() {
	r.root.newer, r.root.older = &r.root, &r.root
}

// oldest returns the least recently used entry, nil if there is none.
func (r *recency[K, V]) oldest() *entry[K, V] {
	if e := r.root.newer; e != &r.root {
		return e
	}
	return nil
}

// add makes e the most recently used entry.
func (r *recency[K, V]) add(e *entry[K, V]) {
	newest := r.root.older
	e.older, e.newer = newest, &r.root
	newest.newer, r.root.older = e, e
}

func (r *recency[K, V]) remove(e *entry[K, V]) {
	e.older.newer, e.newer.older = e.newer, e.older
	e.older, e.newer = nil, nil
}

// touch makes e, which is in the order, the most recently used entry.
func (r *recency[K, V]) touch(e *entry[K, V]) {
	if r.root.older != e {
		r.remove(e)
		r.add(e)
	}
}
