package eventually

import (
	"sync"

	"github.com/sleepless-go/sleepless/foundation/signal"
)

// Cond is a sync.Cond that is a Source. It is that of package
// foundation/signal, which production code can use without this package, in
// place of a sync.Cond: only the type changes, and Signal and Broadcast wake
// waits as well.
//
// Change the state under the lock, then call Broadcast or Signal. A condition
// that reads the state takes the lock:
//
//	eventually.Until(t, "two jobs are queued", func() bool {
//		queue.mu.Lock()
//		defer queue.mu.Unlock()
//		return len(queue.jobs) == 2
//	}, eventually.On(queue.changed))
//
// The wait does not hold the lock while it blocks. In a bubble Cond.Wait blocks
// durably, as sync.Cond.Wait does.
type Cond = signal.Cond

// NewCond returns a Cond with that lock, as sync.NewCond does.
func NewCond(l sync.Locker) *Cond { return signal.NewCond(l) }
