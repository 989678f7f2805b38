package eventually

import (
	"context"
	"fmt"
	"sync"
)

// Chan makes a channel a Source, for code that announces things on one. While a
// wait is on, it receives from c on a goroutine that the wait stops; values are
// remembered in order of arrival and stay in c otherwise, so none is lost from
// one wait to the next. Nothing else should receive from c. Two waits at the same
// time receive side by side: each value is remembered once, and values that come
// at the same moment in either order.
//
// A sender that does not block (select with default) loses what it sends while
// no wait is on. For those use RecordChan, which receives all the time.
//
// In a bubble c must have been made inside: receiving from another channel stops
// virtual time for as long as the wait is on.
func Chan[T any](c <-chan T) *Channel[T] { return &Channel[T]{c: c} }

// Channel is the Source made by Chan. Its methods may be called from any
// goroutine.
type Channel[T any] struct {
	c       <-chan T
	changed Signal // wakes every wait, whichever wait's goroutine received

	mu       sync.Mutex
	received []T
	closed   bool
}

// Notify implements Source. What is in the channel already is received at once;
// then it starts a goroutine that receives, and stop waits for its end.
func (s *Channel[T]) Notify(ch chan<- struct{}) (stop func()) {
	unregister := s.changed.Notify(ch)
	drain(s.c, s.receive)
	quit, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-quit:
				return
			case v, ok := <-s.c:
				s.receive(v, ok)
				if !ok {
					return
				}
			}
		}
	}()
	return sync.OnceFunc(func() {
		unregister()
		close(quit)
		<-ended
	})
}

// drain hands over what is buffered in c now, and no more, so that a sender
// which never pauses cannot keep it busy.
func drain[T any](c <-chan T, receive func(v T, ok bool)) {
	for range len(c) {
		select {
		case v, ok := <-c:
			receive(v, ok)
		default:
			return
		}
	}
}

func (s *Channel[T]) receive(v T, ok bool) {
	s.mu.Lock()
	if ok {
		s.received = append(s.received, v)
	} else {
		s.closed = true
	}
	s.mu.Unlock()
	s.changed.Broadcast()
}

// Outside tells, for reports, of wake-ups that a bubble's wall held up.
func (s *Channel[T]) Outside() (count uint64, last string) { return s.changed.Outside() }

// Received returns what the waits have received so far.
func (s *Channel[T]) Received() []T {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]T(nil), s.received...)
}

// Last returns the value received last, if any.
func (s *Channel[T]) Last() (v T, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.received); n > 0 {
		return s.received[n-1], true
	}
	return v, false
}

// Closed reports whether a wait has seen the channel closed.
func (s *Channel[T]) Closed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

// String names the channel in reports.
func (s *Channel[T]) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	state := ""
	if s.closed {
		state = ", closed"
	}
	return fmt.Sprintf("%T (%d received%s)", s.c, len(s.received), state)
}

// RecordChan returns a Recorder of everything that is sent on c from now on. A
// goroutine receives until c is closed or t ends; t must have a Cleanup method,
// which waits for that goroutine, or RecordChan panics. When c is closed, so is
// the recorder. What is buffered in c when t ends is still recorded, so that a
// Strict recorder misses nothing. In a bubble call it inside the bubble.
func RecordChan[T any](t TB, c <-chan T, opts ...RecorderOption) *Recorder[T] {
	owner, ok := t.(cleaner)
	if !ok {
		panic(fmt.Sprintf("eventually: RecordChan needs a TB with a Cleanup method to stop its goroutine, and %T has none; use Chan", t))
	}
	r := NewRecorder[T](t, opts...)
	quit, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		defer r.Close()
		for {
			select {
			case <-quit:
				drain(c, func(v T, ok bool) {
					if ok {
						r.Emit(v)
					}
				})
				return
			case v, ok := <-c:
				if !ok {
					return
				}
				r.Emit(v)
			}
		}
	}()
	owner.Cleanup(func() {
		close(quit)
		<-ended
	})
	return r
}

// Ctx makes the end of a context a Source. It costs no goroutine while the
// context lives. Inside a bubble the context must come from inside it: the end
// of one from outside cannot wake the wait, which says so in its report, and
// ends the process if nobody called its Done before the bubble did.
func Ctx(ctx context.Context) Source { return contextSource{ctx, new(Signal)} }

type contextSource struct {
	ctx   context.Context
	ended *Signal
}

func (s contextSource) Notify(ch chan<- struct{}) (stop func()) {
	unregister := s.ended.Notify(ch)
	// The lock is let go by the function, once it has been started. A channel
	// would belong to the bubble of the wait, and closing it from outside would
	// end the process.
	running := new(sync.Mutex)
	running.Lock()
	release := context.AfterFunc(s.ctx, func() {
		defer running.Unlock()
		s.ended.Broadcast()
	})
	return sync.OnceFunc(func() {
		unregister()
		if !release() {
			running.Lock() // no goroutine outlives the wait
		}
	})
}

// Outside tells, for reports, of an end that a bubble's wall held up.
func (s contextSource) Outside() (count uint64, last string) { return s.ended.Outside() }

// Idle implements Idler: a context that has ended will not change any more.
func (s contextSource) Idle() (bool, string) {
	if s.ctx.Err() == nil {
		return false, "the context has not ended"
	}
	return true, ""
}

func (s contextSource) String() string {
	if err := s.ctx.Err(); err != nil {
		return "context (" + context.Cause(s.ctx).Error() + ")"
	}
	return "context (not ended)"
}
