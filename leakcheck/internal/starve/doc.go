// Package starve holds tests that a starved machine must not lead astray: tests
// that leak nothing, beside tests that leak exactly so much, all in parallel.
// They judge leakcheck from inside and are meant to be run very often while all
// processors are busy with something else:
//
//	go test -c -o starve.test ./leakcheck/internal/starve
//	for i in $(seq 1000); do ./starve.test -test.cpu=1,2,4 || break; done
package starve
