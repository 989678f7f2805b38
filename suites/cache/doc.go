// Package cache holds the Ginkgo suite over foundation/cache: the tests of
// suites/legacy/cache_telemetry, name for name, without a sleep, and those that
// the originals only pretended to be.
//
// Every spec has a bus, a recorder and a clock of its own, so specs may run in
// any order and in parallel processes. Two styles stand side by side: most
// specs give the cache a fake clock and move it; those under "in a bubble" leave
// it on the system's clock, which is virtual in there. Neither takes real time.
//
//	go test ./suites/cache
//	go test ./suites/cache -ginkgo.v -ginkgo.randomize-all
//	ginkgo -p ./suites/cache
//
// The package has no code of its own.
package cache
