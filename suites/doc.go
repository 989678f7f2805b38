// Package suites shows one set of tests written twice: suites/legacy as such
// tests are mostly written, and its event-driven twins beside it.
//
// Every test of the legacy suites has a twin of the same name, so that the two
// can be laid side by side; a test here checks that none is missing. The twins
// go on where the originals only pretended to test something: the waiter that
// comes after the event, the nanosecond at which an entry expires, the cycle
// that found nothing, absence without a window.
//
//	legacy                          twin                what they are about
//	suites/legacy/cache_telemetry   suites/cache        12 tests of the cache's events (testing → Ginkgo)
//	suites/legacy/telemetry         suites/telemetry    18 tests of the telemetry core (testify → Ginkgo)
//
// # The four sleeps
//
//	sleep   legacy test                                  what it waited for, and what waits now
//	20 ms   TestEmitsMissWithReasonExpired               a lifetime of 10 ms to end: the fake clock is moved by 10 ms, and in
//	                                                     other specs to the nanosecond before
//	60 ms   TestEmitsCleanupWithExpiredCount             the timer of a 50 ms sweep, with 10 ms to spare: the clock is moved by
//	                                                     50 ms and Await finds the event, or, in a bubble, Await alone lets
//	                                                     virtual time pass
//	10 ms   TestWaitReturnsTheEventOfADelayedEmitter     the waiter to attach before the event: nothing has to, since a
//	                                                     recorder is opened before the action and remembers
//	20 ms   TestPollSeesTheCounterChange                 nothing, it is there to give the poll something to wait for: the
//	                                                     waiter is proven to be blocked, then the counter changes and wakes it
//
// Two more tests of the original wait 50 ms each to see that nothing happens. In
// their twins a time-out is virtual, and absence is proven by idleness.
//
// # How to run them
//
//	go test ./suites/...                           # both sides
//	go test -v ./suites/cache ./suites/telemetry   # the twins
//	go test ./suites/cache -ginkgo.v -ginkgo.randomize-all
//	ginkgo -p ./suites/cache                       # in parallel processes
//
// Ginkgo runs a suite once per process: repeat a twin with ginkgo --repeat=N or
// --until-it-fails instead of -count, which Ginkgo refuses, and run one go test
// for each -cpu. The legacy suites wait for the machine's clock and lose races
// on a busy one. They belong into no job that repeats tests or starves them; that
// they can fail there is what they show.
package suites
