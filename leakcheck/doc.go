// Package leakcheck finds leaks: goroutines, resources and objects that outlive the test which made
// them.
package leakcheck
