// Package house holds the tests that keep the project in shape: which package
// may import which, and which places may wait on time. It has no code of its
// own.
package house
