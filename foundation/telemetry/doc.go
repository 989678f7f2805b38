// Package telemetry defines the event: a typed fact about something a program
// has done, emitted by the code that did it to whoever listens.
//
// Use it in components, so that tests can wait for what happened, and metrics,
// traces and logs come from the same statements. Each kind of event is a
// package-level variable beside the code that emits it; a component takes a
// [Sink] and binds its events once:
//
//	// Hit is emitted by Get.
//	var Hit = telemetry.NewEvent[HitData]("foundation.cache.hit", "A lookup found a live entry.")
//
//	type HitData struct {
//		telemetry.Commit
//		Key      string        `telemetry:"attr" doc:"The key looked up."`
//		Duration time.Duration `telemetry:"measure" doc:"Time spent in Get."`
//	}
//
//	type Cache struct {
//		name string
//		hit  telemetry.Emitter[HitData]
//		seq  telemetry.Sequence
//		// …
//	}
//
//	func New(name string, events telemetry.Sink) *Cache {
//		return &Cache{name: name, hit: Hit.Bind(events)}
//	}
//
//	func (c *Cache) Get(ctx context.Context, key string) (value any, ok bool) {
//		c.mu.Lock()
//		value, ok = c.entries[key]
//		seq := c.seq.Next() // in the critical section
//		c.mu.Unlock()
//		if ok {
//			commit := telemetry.Commit{Instance: c.name, Seq: seq}
//			c.hit.Emit(ctx, HitData{Commit: commit, Key: key}) // after it
//		}
//		return value, ok
//	}
//
// The other side attaches handlers to a [Bus]:
//
//	bus := telemetry.NewBus()
//	h := cache.Hit.Attach(bus, func(ctx context.Context, hit cache.HitData) { hits.Add(1) })
//	defer h.Close()
//	c := cache.New("users", bus)
//
// # What an emitter promises
//
//   - An event is emitted after the state it announces is visible through the
//     public API, and outside every lock: a handler may call that API, sees
//     the new state and does not deadlock.
//   - It carries the identity of what it is about, and a number drawn from the
//     instance's [Sequence] while the state was committed.
//   - When a call returns, its own events have been delivered.
//
// Two goroutines may deliver the events of one instance in another order than
// they committed them, since delivery is outside the lock. Whoever cares about
// order compares [Commit].Seq.
//
// # What a Bus promises
//
// Handlers run in the emitter's goroutine, in attach order, whether they listen
// to one event, to a prefix or to everything. Attaching and closing never make
// an emitter wait: an emission goes by the list of handlers that was there when
// it began. Of these, one that is closed meanwhile is skipped, unless it has
// been picked as the next to call. After [Handle.CloseAndWait] of an [Awaitable]
// handler none of its calls is running and none will start. A handler may
// attach, close and emit; what it emits is delivered before it goes on.
//
// A handler that panics neither reaches the emitter nor stops the handlers
// after it: the panic is counted, reported as [HandlerFailure] and shown by
// [Bus.Handlers], and the [Policy] decides whether the handler stays. A handler
// that calls [runtime.Goexit], as t.FailNow does, cannot be stopped from ending
// the emitter's goroutine; the handlers after it still get the event, and it is
// counted and reported in the same way.
//
// With nobody listening an emission is one atomic load. One that is listened to
// allocates nothing unless a handler takes records of any kind.
//
// # What it does not do
//
// It stamps no time: reading a clock costs several times what an emission
// costs, so a handler that needs the time reads it. It does not queue: a slow
// handler holds up the emitter, and [Stream] is the way out, with a bound and a
// count of what was dropped. It keeps no history; that is a recorder's job. A
// bus has no goroutines and nothing to close.
//
// # Names
//
// All kinds of events that the program's packages declare are in the
// [Catalogue], with their fields, units and docs, from which reference pages
// and dashboards are generated. Whatever takes a name returns an error wrapping
// [ErrUnknownEvent] when nobody declared it.
//
// # Spans
//
// A [Span] is an event with a duration: [Tracer.Do] emits [SpanStarted] and,
// exactly once on return, error, panic and Goexit, [SpanEnded]. It travels in
// the context, with the ids and headers of W3C Trace Context.
package telemetry
