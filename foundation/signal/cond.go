package signal

import "sync"

// Cond is a sync.Cond that tests can hear: a drop-in for code that announces
// its changes on one. Wait, Signal and Broadcast do what those of sync.Cond do;
// Signal and Broadcast also wake whoever waits with Notify. Both do, since a
// Signal means that something has changed, and to whom it goes is the business
// of the goroutines in Wait.
//
//	type Queue struct {
//		mu       sync.Mutex
//		nonEmpty *signal.Cond // signal.NewCond(&q.mu); was *sync.Cond
//		// …
//	}
//
//	func (q *Queue) Push(x Item) {
//		q.mu.Lock()
//		q.items = append(q.items, x) // change the state under the lock,
//		q.mu.Unlock()
//		q.nonEmpty.Broadcast() // then announce it
//	}
//
// A sync.Cond that cannot be replaced cannot be listened to: a goroutine that
// waited on it would take Signals that are meant for another, and could be
// stopped only by waking all.
//
// All methods may be called from any goroutine. A Cond must not be copied after
// first use. To announce through the sync.Cond inside is to leave tests out.
type Cond struct {
	sync.Cond
	changed Signal
}

// NewCond returns a Cond with that lock, as sync.NewCond does.
func NewCond(l sync.Locker) *Cond { return &Cond{Cond: sync.Cond{L: l}} }

// Signal wakes one goroutine that is in Wait, if there is any, and every waiter
// of Notify. The lock may be held, and need not be.
func (c *Cond) Signal() {
	c.Cond.Signal()
	c.changed.Broadcast()
}

// Broadcast wakes every goroutine that is in Wait and every waiter of Notify.
// The lock may be held, and need not be.
func (c *Cond) Broadcast() {
	c.Cond.Broadcast()
	c.changed.Broadcast()
}

// Notify registers ch until stop is called, as that of Signal does.
func (c *Cond) Notify(ch chan<- struct{}) (stop func()) { return c.changed.Notify(ch) }

// Outside reports how many announcements could not be delivered because they
// came from outside the bubble of a waiter, and which line made the last one.
func (c *Cond) Outside() (count uint64, last string) { return c.changed.Outside() }

// String names the Cond in reports.
func (c *Cond) String() string { return "condition variable" }
