package leakcheck

// Ref is one object.
type Ref struct{ owner owner }

// HeldObject is a tracked object that is still reachable.
type HeldObject struct {
	Name string
	Test string // that tracked it
	Type string
}
