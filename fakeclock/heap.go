package fakeclock

// timerHeap is a binary heap of the live timers, the next to fire first. Each
// timer knows its place, so that any can be removed in O(log n).
type timerHeap []*timer

// before orders by instant and, at one instant, by the order of arming.
func (t *timer) before(u *timer) bool {
	return t.when < u.when || t.when == u.when && t.seq < u.seq
}

func (h *timerHeap) push(t *timer) {
	t.place = len(*h)
	*h = append(*h, t)
	h.up(t.place)
}

// remove takes t, which must be in the heap, out of it.
func (h *timerHeap) remove(t *timer) {
	i, last := t.place, len(*h)-1
	if i != last {
		h.swap(i, last)
	}
	(*h)[last] = nil
	*h = (*h)[:last]
	t.place = dormant
	if i != last {
		h.fix(i)
	}
}

// fix restores the order after the timer at place i has changed its instant.
func (h timerHeap) fix(i int) {
	if !h.down(i) {
		h.up(i)
	}
}

func (h timerHeap) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if !h[i].before(h[parent]) {
			return
		}
		h.swap(i, parent)
		i = parent
	}
}

func (h timerHeap) down(i int) (moved bool) {
	for {
		child := 2*i + 1
		if child >= len(h) {
			return moved
		}
		if right := child + 1; right < len(h) && h[right].before(h[child]) {
			child = right
		}
		if !h[child].before(h[i]) {
			return moved
		}
		h.swap(i, child)
		i, moved = child, true
	}
}

func (h timerHeap) swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i, j
}
