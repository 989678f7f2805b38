// Package eventually holds waits: calls that return as soon as something has
// happened in another goroutine, timer or program, and fail a test with an
// account of what happened instead.
//
// A wait is told what can change its answer. It registers there, looks, and
// blocks until a change is reported:
//
//	var ready eventually.Counter
//	go func() { serve(); ready.Add(1) }()
//	eventually.Until(t, "the server is ready", func() bool { return ready.Load() == 1 }, eventually.On(&ready))
//
// No time passes in it but that until the event, so there is no interval to
// choose and nothing to be too short on a busy machine.
//
// # When to use what
//
//   - [Until] waits for a condition, [Value] for a value, whose history the
//     failure shows, and [Check] for a group of assertions of testify or Gomega.
//   - [Event], [EventLike] and [InOrder] wait for what a [Recorder] recorded,
//     before the wait or during it. Prefer them: a condition can be true for a
//     moment between two looks, an event cannot be missed.
//   - [Never] shows that something does not happen, and [Settle] waits until
//     nothing goes on any more. The option [AtOnce] makes a wait look once: for the
//     moment after a fake clock was advanced, when all that was due is done.
//   - [Wait] is the engine beneath them, for use without a test.
//
// What wakes a wait is a [Source], given with [On]: a [Recorder], a [Var] or
// [Counter], [Chan] and [Ctx], the records of log/slog ([Slog]), [Lines] of a log,
// a [Process], a condition variable ([Cond]), the connections of an HTTP server
// (package httpsource), or any type with a [Signal] in it. [File], [Port] and the
// pool of a [DB] can only be polled; reports call them so.
// With no source at all the wait looks again and again, first yielding, then
// with pauses that grow from 50 µs to 5 ms, and its failure says that no source
// was given.
//
// # Record first, act second, wait third
//
// Open the recorder before the action. It remembers everything, so a wait that
// begins after the fact finds it in the history, and there is no moment in which
// an event is lost. A recorder has a cursor: each Event moves it behind the
// event found, so that two waits find two events. [Recorder.Mark] and [After]
// search from another place, [Recorder.Since] looks back without consuming, and
// a [Recorder.Strict] recorder fails the test for events nobody waited for.
//
// # What is guaranteed
//
//   - No wake-up is lost. A wait registers first and looks second; a source
//     changes its state first and reports second. What happens before the look
//     is seen by it, what happens after it wakes the wait.
//   - The condition runs on the goroutine that called, at least once, and once
//     more at the limit. It may fail the test or panic; the wait then leaves
//     nothing behind.
//   - No goroutine that a wait starts outlives it.
//   - The limit is [DefaultLimit] unless [Within] is given, times the number in
//     the variable EVENTUALLY_SCALE, and at most 90 % of what is left to the
//     test's deadline, so that the report is still written.
//   - A condition that does not return is named, with its stack, on standard
//     error (see [OnStuck]).
//
// # Bubbles
//
// Inside a testing/synctest bubble limits and pauses are virtual time. With a
// source a wait ends at the very instant of the event; without one it probes,
// at most 10 ms and 1.6 % late, at no cost in real time. Start in the bubble
// what is to wake a wait there: the runtime ends a process in which a goroutine
// touches a channel of a bubble from outside. A [Signal] does not do that. It
// holds the wake-up back, the wait notices the change at its limit, and the
// report names the line that should have been inside. [Advance] moves virtual
// time.
//
// [Bubble] is synctest.Test with an account of what went wrong: which mutex,
// spin, channel or context keeps virtual time from passing, and which goroutines
// were left.
//
// # Artefacts
//
// A failure text is short. With EVENTUALLY_ARTEFACTS=dir in the environment, or
// the option [Artefacts], a wait that fails also leaves a directory: the whole
// timeline as a page for a browser and as JSON, all goroutines, armed timers,
// and the last seconds of the process as recorded by the runtime. The failure
// names the directory. See [ArtefactsVariable].
//
// # What it does not do
//
// It does not make a condition atomic: between two looks an answer can change
// and change back. It cannot stop a condition that blocks. A window in which
// Never saw nothing proves nothing about later, unless every source that could
// originate something is an [Idler] and idle (a [Witness], such as a recorder,
// only passes on what others do). Waits fail a test with FailNow, which only the goroutine of
// the test may call; elsewhere use Wait and pass the error on. Nothing in here
// replaces a fake clock: waiting for an hour that the code under test measures
// on the system's clock takes an hour, outside a bubble.
//
// # A complete example
//
//	func TestEviction(t *testing.T) {
//		rec := eventually.NewRecorder[Evicted](t)           // record first
//		cache := New(Options{Size: 2, OnEvict: rec.Emit})
//		defer cache.Close()
//		cache.Put("a", 1)                                   // act second
//		cache.Put("b", 2)
//		cache.Put("c", 3)
//		e := eventually.Event(t, "a is evicted", rec, func(e Evicted) bool { return e.Key == "a" }) // wait third
//		if e.Reason != Full {
//			t.Errorf("reason = %v", e.Reason)
//		}
//		eventually.Never(t, "b is evicted", func() bool { return !cache.Has("b") }, eventually.On(rec))
//	}
//
// If "a" is pinned it fails with
//
//	cache_test.go:12: eventually: "a is evicted" did not happen within 5s
//	    last check: 1 event, none matches (since +60ms)
//	    checks:     3 (1 woken by events); sources: recorder of cache.Evicted
//	    timeline of recorder of cache.Evicted:
//	      +60ms      {Key:b Reason:full}
//	    goroutines: [select] cache.(*Cache).janitor cache.go:118
package eventually
