// Package telemetry holds the tests of the telemetry core as they were, written
// with testify and kept on purpose: they sleep, twice, and hope.
//
// They show what such suites look like before anything is done about them, and
// are the material for tools that look for sleeps. Each has a twin of the same
// name in suites/telemetry, which waits for what happened. Do not mend them
// here, and do not copy them.
//
// The sleeps are 10 ms so that a waiter has attached its handler before the
// event it waits for is emitted, and 20 ms so that there is something to poll
// for. On a busy machine the first loses the event, and with it the test. Two
// more tests burn 50 ms each to see that nothing happens, and see only that
// nothing has happened yet. They run in go test work, but are left out of the
// jobs that repeat tests or starve them of processors.
package telemetry
