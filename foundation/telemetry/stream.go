package telemetry

import (
	"context"
	"fmt"
	"sync"

	"github.com/sleepless-go/sleepless/internal/bubble"
	"github.com/sleepless-go/sleepless/internal/caller"
)

// DropPolicy says what a Stream does with an event when its channel is full.
type DropPolicy int

// The drop policies.
const (
	DropNewest DropPolicy = iota // drop the event that has no room; the default
	DropOldest                   // drop the event that has waited longest
)

// StreamOptions are the options of a Stream.
type StreamOptions struct {
	// Capacity is the number of events the channel holds. It must be at least
	// 1: nothing in this package grows without a bound somebody chose.
	Capacity int
	// Policy is DropNewest or DropOldest.
	Policy DropPolicy
	// Name shows in Bus.Handlers; optional.
	Name string
}

// Stream delivers events through a channel with a bound: emitters never wait
// for the receiver, and what finds no room is dropped and counted. It is for
// consumers with a goroutine of their own; a test that must not miss anything
// uses a recorder. It owns no goroutine. All methods may be called from any
// goroutine.
//
// A stream made inside a synctest bubble belongs to it: events emitted outside
// are dropped and counted, since the runtime lets nobody else touch its channel.
type Stream[T any] struct {
	handle *Handle
	bubble uint64 // 0 outside bubbles
	policy DropPolicy

	mu        sync.Mutex // never held while blocking: sends have a default
	c         chan T
	closed    bool
	delivered uint64
	dropped   uint64
}

// Stream attaches a channel to this event. Close the stream when done.
func (e *Event[T]) Stream(bus *Bus, o StreamOptions) (*Stream[T], error) {
	s, err := newStream[T](o)
	if err != nil {
		return nil, err
	}
	h := newHandle(caller.Capture(0), []AttachOption{Named(o.Name)})
	h.listens = e.d.Name
	h.matches = func(d *Descriptor) bool { return d == e.d }
	h.typed = func(_ context.Context, v T) { s.push(v) }
	s.handle = bus.attach(h)
	return s, nil
}

// StreamPrefix attaches a channel to all events under a prefix; see
// Bus.AttachPrefix for what matches and which error says that nothing does.
func (b *Bus) StreamPrefix(prefix string, o StreamOptions) (*Stream[Record], error) {
	matches, err := prefixMatcher(prefix)
	if err != nil {
		return nil, err
	}
	return b.streamRecords(caller.Capture(0), prefix+".*", matches, o)
}

// StreamAll attaches a channel to all events.
func (b *Bus) StreamAll(o StreamOptions) (*Stream[Record], error) {
	return b.streamRecords(caller.Capture(0), "*", everything, o)
}

func (b *Bus) streamRecords(site caller.Stack, listens string, matches func(*Descriptor) bool, o StreamOptions) (*Stream[Record], error) {
	s, err := newStream[Record](o)
	if err != nil {
		return nil, err
	}
	push := func(_ context.Context, r Record) { s.push(r) }
	s.handle = b.attachRecord(site, listens, matches, push, []AttachOption{Named(o.Name)})
	return s, nil
}

func newStream[T any](o StreamOptions) (*Stream[T], error) {
	if o.Capacity < 1 {
		return nil, fmt.Errorf("telemetry: StreamOptions.Capacity is %d, want at least 1: how many events may wait for the receiver?", o.Capacity)
	}
	if o.Policy != DropNewest && o.Policy != DropOldest {
		return nil, fmt.Errorf("telemetry: StreamOptions.Policy is %d, want DropNewest or DropOldest", o.Policy)
	}
	return &Stream[T]{c: make(chan T, o.Capacity), policy: o.Policy, bubble: bubbleID()}, nil
}

// C returns the channel. It is closed by Close; events that are in it by then
// can still be received.
func (s *Stream[T]) C() <-chan T { return s.c }

// Delivered counts the events that were received or are in the channel. With
// DropOldest an event is taken off this count when it is dropped after all.
func (s *Stream[T]) Delivered() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.delivered
}

// Dropped counts the events that found no room or came too late. Delivered and
// Dropped add up to the events that reached the stream.
func (s *Stream[T]) Dropped() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dropped
}

// Close detaches the stream and closes its channel, once; further calls do
// nothing. It is safe beside emitters: one that is just about to deliver has
// its event dropped. Called from outside the bubble of the stream it leaves the
// channel open, which nobody there may touch.
func (s *Stream[T]) Close() {
	s.handle.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed && s.touchable() {
		close(s.c)
	}
	s.closed = true
}

func (s *Stream[T]) push(v T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || !s.touchable() {
		s.dropped++
		return
	}
	for {
		select {
		case s.c <- v:
			s.delivered++
			return
		default:
		}
		if s.policy == DropNewest {
			s.dropped++
			return
		}
		select {
		case <-s.c:
			s.delivered--
			s.dropped++
		default: // the receiver made room meanwhile
		}
	}
}

// touchable reports whether the calling goroutine may use the channel.
func (s *Stream[T]) touchable() bool { return s.bubble == 0 || s.bubble == bubble.ID() }

// bubbleID returns the number of the caller's synctest bubble, 0 outside.
func bubbleID() uint64 {
	if !bubble.Inside() {
		return 0
	}
	return bubble.ID()
}
