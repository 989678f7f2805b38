// Package benchmarks shows what it costs a test to wait, by the way it waits.
//
//	go test -bench . ./benchmarks
//
// It has no code to import; it is one measurement in two parts, and runs for
// half a minute.
//
// # What is measured
//
// The operation is real: a goroutine fills a foundation/cache through a loader,
// and the test asserts that the entry is there. The loader's work is a timer.
// Nine times in ten it takes between 1 and 3 ms; every tenth time, as on a
// machine that is busy, four times as long. All ways get the same sequence, and
// one iteration is one test: make the cache, start the work, wait, assert, close.
//
//   - BenchmarkFixedSleep sleeps for 1, 2, 5 and 10 times the 2 ms that its
//     author saw once.
//   - BenchmarkPollGomega and BenchmarkPollTestify look every 10 ms, as stock
//     gomega.Eventually does and as assert.Eventually is mostly told to.
//   - BenchmarkEvent waits for the cache's own event with a recorder, and
//     BenchmarkAwait does the same through Gomega matchers.
//   - BenchmarkBubble waits for the event in a testing/synctest bubble, and
//     BenchmarkFakeClock moves a fake clock.
//
// BenchmarkWakeUp is the part that no work hides: something happens at a random
// instant within 5 ms, and what counts is how long after it the waiter goes on.
//
// # How to read it
//
// ns/op is what the test takes, the work included, so event waits cannot get
// below the mean work of 2.6 ms without virtual time. overshoot-µs is the median
// time from the end of the work to the moment the test goes on. missed/op is
// the share of tests that looked too early and would have failed: what is gained
// by sleeping shorter. A wait for an event misses nothing and its overshoot does
// not grow with the padding, since it has none.
//
// In the bubble overshoot is virtual time, and exactly 0. With virtual time or a
// fake clock the 2.6 ms themselves are gone from ns/op.
//
// When benchmarks of the first part have run, a table compares them. Its last
// column is the time per test as a multiple of the event's.
//
// # What it does not show
//
// How often a sleep is too short on your machine: the slow tenth is an
// assumption, written down so that it can be argued with. Nothing here fails on
// time, and none of the figures is a test.
//
// The floors that Sleepless sets itself, beside other libraries, are measured
// in the module benchmarks/peers; RESULTS.md has the figures of both.
package benchmarks
