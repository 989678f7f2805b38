package cache

import "math"

// never is the instant at which entries expire that do not.
const never int64 = math.MaxInt64

// expiryHeap orders the entries that expire by when they do, at one instant by
// when they were put. Entries know their place in it, so that one in the middle
// can be taken out. The instants stand in the heap itself: ordering entries
// does not touch them.
type expiryHeap[K comparable, V any] []due[K, V]

type due[K comparable, V any] struct {
	at    int64
	order uint64
	entry *entry[K, V]
}

func (a due[K, V]) before(b due[K, V]) bool {
	return a.at < b.at || a.at == b.at && a.order < b.order
}

// next returns the first entry that is due at now, or nil. An entry is due from
// the very instant on that its lifetime ends.
func (h expiryHeap[K, V]) next(now int64) *entry[K, V] {
	if len(h) == 0 || h[0].at > now {
		return nil
	}
	return h[0].entry
}

func (h *expiryHeap[K, V]) add(e *entry[K, V]) {
	*h = append(*h, due[K, V]{e.expires, e.order, e})
	h.up(len(*h) - 1)
}

func (h *expiryHeap[K, V]) remove(e *entry[K, V]) {
	old := *h
	i, last := e.place, len(old)-1
	moved := old[last]
	old[last] = due[K, V]{}
	*h = old[:last]
	e.place = absent
	if i == last {
		return
	}
	h.set(i, moved)
	h.down(i)
	h.up(moved.entry.place)
}

func (h expiryHeap[K, V]) set(i int, d due[K, V]) {
	h[i] = d
	d.entry.place = i
}

func (h expiryHeap[K, V]) up(i int) {
	d := h[i]
	for i > 0 {
		parent := (i - 1) / 2
		if !d.before(h[parent]) {
			break
		}
		h.set(i, h[parent])
		i = parent
	}
	h.set(i, d)
}

func (h expiryHeap[K, V]) down(i int) {
	d := h[i]
	for {
		child := 2*i + 1
		if child >= len(h) {
			break
		}
		if right := child + 1; right < len(h) && h[right].before(h[child]) {
			child = right
		}
		if !h[child].before(d) {
			break
		}
		h.set(i, h[child])
		i = child
	}
	h.set(i, d)
}
