package cache

import (
	"context"
	"fmt"
	"time"

	"github.com/sleepless-go/sleepless/foundation/telemetry"
)

// line is an event bound to the cache's sink.
type line[T any] struct {
	telemetry.Emitter[T]
	// foreign sinks are not asked whether they listen while a lock is held,
	// since their answer is code of the user: they are taken to listen, and
	// Emit asks them.
	foreign bool
}

// on reports whether an event is to be prepared. With a Bus it is one atomic
// load.
func (l line[T]) on() bool { return l.foreign || l.Enabled() }

func bind[T any](e *telemetry.Event[T], sink telemetry.Sink) line[T] {
	_, bus := sink.(*telemetry.Bus)
	return line[T]{e.Bind(sink), sink != nil && !bus}
}

// lines are all events of the package, bound to one sink.
type lines struct {
	started line[StartedData]
	hit     line[HitData]
	miss    line[MissData]
	put     line[PutData]
	delete  line[DeleteData]
	cleared line[ClearedData]
	evicted line[EvictedData]
	cleanup line[CleanupData]
	error   line[ErrorData]
}

func bindAll(sink telemetry.Sink) lines {
	return lines{
		started: bind(Started, sink),
		hit:     bind(Hit, sink),
		miss:    bind(Miss, sink),
		put:     bind(Put, sink),
		delete:  bind(Delete, sink),
		cleared: bind(Cleared, sink),
		evicted: bind(Evicted, sink),
		cleanup: bind(Cleanup, sink),
		error:   bind(Error, sink),
	}
}

// draw returns the next commit number if the event is listened to, else 0. It
// is called in the critical section that commits, after the commit.
func (c *Cache[K, V]) draw(on bool) uint64 {
	if !on {
		return 0
	}
	return c.seq.Next()
}

func (c *Cache[K, V]) commitOf(seq uint64) telemetry.Commit {
	return telemetry.Commit{Instance: c.name, Seq: seq}
}

// since returns the time since a reading of the clock taken before, in this or
// another goroutine; the other's may be the later one.
func (c *Cache[K, V]) since(start int64) time.Duration {
	return time.Duration(max(0, c.nanos()-start))
}

// removal is an entry that the cache removed by itself, and what is to be said
// about it. A zero seq means that nobody listens.
type removal[K comparable, V any] struct {
	entry  *entry[K, V]
	reason string
	seq    uint64
}

// removed draws the number of an eviction that has been committed.
func (c *Cache[K, V]) removed(e *entry[K, V], reason string) removal[K, V] {
	if e == nil {
		return removal[K, V]{}
	}
	return removal[K, V]{e, reason, c.draw(c.events.evicted.on())}
}

func (c *Cache[K, V]) announceRemoval(ctx context.Context, r removal[K, V], now int64) {
	if r.seq == 0 || !c.events.evicted.Enabled() {
		return
	}
	c.events.evicted.Emit(ctx, EvictedData{
		Commit: c.commitOf(r.seq), Key: c.keyString(r.entry.key), Reason: r.reason,
		Age: time.Duration(max(0, now-r.entry.put)),
	})
}

// fail counts and announces an error and returns it. A key that is refused is
// printed, not handed to Options.KeyString, which may rely on keys being valid.
func (c *Cache[K, V]) fail(ctx context.Context, operation string, key *K, err error) error {
	c.errors.Add(1)
	c.hub.Broadcast()
	if !c.events.error.Enabled() {
		return err
	}
	data := ErrorData{Commit: c.commitOf(c.seq.Next()), Operation: operation, Reason: reason(operation, err), Error: err.Error()}
	switch {
	case key == nil:
	case data.Reason == ReasonInvalidKey:
		data.Key = fmt.Sprint(*key)
	default:
		data.Key = c.keyString(*key)
	}
	c.events.error.Emit(ctx, data)
	return err
}
