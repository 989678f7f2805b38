// Package peers measures Sleepless beside the libraries it is measured against,
// in the same run.
//
//	go test -bench . ./benchmarks/peers
//
// It is a module of its own, so that none of these libraries becomes a
// requirement of Sleepless, and it has no code to import.
//
// # How to read it
//
// The last part of a name says whose figure it is: lib=sleepless is ours.
//
//   - x-ours of a peer is its time as a multiple of ours in the same run: 30
//     means thirty times as long. For waits it is the median overshoot that is
//     compared, not ns/op.
//   - floor:UNIT stands beside our own figures: the most that UNIT may be.
//     benchmarks/internal/table tells whether it is kept. Nothing here fails.
//   - p50-µs, p99-µs and mean-µs are the overshoot of a wait: the time from the
//     event to the moment the waiter goes on.
//
// # What is not equal
//
// github.com/benbjohnson/clock sleeps a real millisecond whenever it moves. Where
// others fire 10,000 timers it fires 100, and quartz, whose timers cost more the
// more there are, 1,000; the metric ns/timer is comparable and the output says
// so.
//
// The caches promise different things about the end of an entry's life; see
// BenchmarkCacheSweep. A bus that calls functions by reflection, and a logger,
// are not the same as typed events: they are what one would use instead.
package peers
