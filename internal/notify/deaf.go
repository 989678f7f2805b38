package notify

import (
	"sync"
	"sync/atomic"

	"github.com/sleepless-go/sleepless/internal/goid"
)

// deaf maps the channels of waiters that are checking right now to the
// goroutine that checks. anyDeaf counts them, so that a broadcast looks only if
// there is one.
var (
	deaf    sync.Map // chan<- struct{} → uint64
	anyDeaf atomic.Int32
)

// Deafen makes every Hub ignore broadcasts by the given goroutine for the
// waiter of ch, until hear is called.
//
// A condition may cause events itself: reading a cache emits a hit or a miss.
// If such an event woke the very wait that caused it, the wait would look again
// and again without ever blocking, and in a bubble time would stand still. What
// others do while the condition runs still counts.
func Deafen(ch chan<- struct{}, goroutine uint64) (hear func()) {
	deaf.Store(ch, goroutine)
	anyDeaf.Add(1)
	return func() {
		deaf.Delete(ch)
		anyDeaf.Add(-1)
	}
}

// own reports whether the caller is the goroutine that ch is deaf to. id is
// looked up once for a broadcast.
func own(ch chan<- struct{}, id *uint64) bool {
	to, ok := deaf.Load(ch)
	if !ok {
		return false
	}
	if *id == 0 {
		*id = goid.ID()
	}
	return to.(uint64) == *id
}
