// Package scenario tests the project from the outside: a small service in a
// module of its own, written from the README and the documents alone, and
// tested with what they teach.
//
// The service and its tests are in testdata/*.txtar. The test of this package
// unpacks them into an empty folder outside the repository, adds the module as
// the manual says, and runs go test. Then it breaks the service in the ways
// that the archive lists, and expects the service's tests to fail.
package scenario
