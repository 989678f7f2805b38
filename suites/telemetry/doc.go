// Package telemetry holds the Ginkgo suite over foundation/telemetry and its
// shared events: the tests of suites/legacy/telemetry, name for name, without a
// sleep, and those that the originals only pretended to be.
//
// Every spec has a bus and a recorder of its own, so specs may run in any order
// and in parallel processes.
//
//	go test ./suites/telemetry
//	go test ./suites/telemetry -ginkgo.v -ginkgo.randomize-all
//	ginkgo -p ./suites/telemetry
//
// The package has no code of its own.
package telemetry
