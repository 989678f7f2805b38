// Package telemetrytest is how tests listen to telemetry: a Recorder remembers
// every event of a bus or of one component, and waits find them, before or
// after they happen.
//
//	bus := telemetry.NewBus()
//	rec := telemetrytest.Record(t, bus) // before the action
//	c, _ := cache.New(cache.Options[string, int]{Events: bus, …})
//	…
//	e := telemetrytest.Await(t, "a is evicted", rec, cache.Evicted, func(e cache.EvictedData) bool { return e.Key == "a" })
//
// A Recorder is a telemetry.Sink itself, so a component can be given one in
// place of a bus. Recorders are independent of each other: with a bus, or a
// recorder, for each test, parallel tests cannot hear one another.
//
// Waits search the history from the recorder's cursor before they block, so an
// event that came early is found and no "give it a moment to attach" exists.
// Where order matters, InOrder goes by the commit sequence of each instance,
// not by arrival: handlers run outside the emitter's locks, so two goroutines
// may deliver in another order than they committed.
//
// Contract is a reusable test of what an event promises: that it is emitted
// after the state it announces is visible, outside every lock, with identity
// and commit sequence, before the call returns. Run it over every component
// that emits.
//
// The package does not check that an event is true; that is for the test of the
// component, with Contract's See.
package telemetrytest
