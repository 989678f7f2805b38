// Package cachetelemetry holds the tests of the cache's events as they were,
// kept on purpose: they sleep, twice, and hope.
//
// They show what such suites look like before anything is done about them, and
// are the material for tools that look for sleeps. Each has a twin of the same
// name in suites/cache, which waits for what happened. Do not mend them here,
// and do not copy them.
//
// The sleeps are 20 ms for an entry that lives 10 ms, and 60 ms for a sweep that
// comes every 50 ms. The first only costs time. The second loses the race when
// the machine is busy: the sweep has 10 ms to run and to be heard. That is why
// these tests run in go test work, on the system's clock, but are left out of
// the jobs that repeat tests or starve them of processors.
package cachetelemetry
