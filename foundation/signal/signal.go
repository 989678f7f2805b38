// Package signal holds the Signal, by which a component tells that it has
// changed: the sending side of everything that a test can wait for.
//
// A component embeds a Signal, or keeps one in a field and passes Notify on.
// Whoever waits (package eventually does, for tests) registers a channel, looks
// at the component, and blocks until the Signal is broadcast. With nobody
// waiting a Broadcast costs one atomic load, so it can stay in production code.
// The package does not know what has changed; waits look for themselves. For
// facts that should be remembered use telemetry.
//
//	type Queue struct {
//		changed signal.Signal
//		// …
//	}
//
//	func (q *Queue) Push(x Item) {
//		q.append(x)           // first the change,
//		q.changed.Broadcast() // then the signal, outside every lock
//	}
//
//	func (q *Queue) Notify(ch chan<- struct{}) (stop func()) { return q.changed.Notify(ch) }
//
// A component that knows whether it is busy adds
//
//	func (q *Queue) Idle() (idle bool, why string)
//
// and broadcasts once more when it has become idle: first all effects are
// visible, then Idle says so, then comes the Broadcast.
package signal

import "github.com/sleepless-go/sleepless/internal/notify"

// Signal wakes whoever waits for a change. The zero value is ready, and all
// methods may be called from any goroutine. It must not be copied after first
// use.
//
// A waiter inside a synctest bubble cannot be woken from outside it (the
// runtime would end the process). Such a broadcast is counted instead, and the
// report of the wait says where it came from.
type Signal struct {
	hub notify.Hub
}

// Notify registers ch until stop is called. Sends to it never block: ch needs
// room for one value, and broadcasts coalesce while that is unread. Notify must
// be called by the goroutine that waits; stop is idempotent.
func (s *Signal) Notify(ch chan<- struct{}) (stop func()) { return s.hub.Notify(ch) }

// Broadcast wakes every waiter that is registered.
func (s *Signal) Broadcast() { s.hub.Broadcast() }

// Waiting returns how many waiters are registered.
func (s *Signal) Waiting() int { return s.hub.Waiting() }

// Outside reports how many broadcasts could not be delivered because they came
// from outside the bubble of the waiter, and which line caused the last one.
func (s *Signal) Outside() (count uint64, last string) {
	f := s.hub.Foreign()
	return f.Count, f.Last
}
