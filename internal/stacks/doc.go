// Package stacks reads what the runtime writes about goroutines: their states,
// the bubbles they are in, where they are and who started them.
//
// The runtime offers these facts only as text, in the format of a panic. The
// parser takes all that Go 1.24 to 1.27 write there (durations, locked threads,
// durable states, the word leaked, labels, elided frames, ancestors) and passes over
// what it does not know, so that a newer runtime costs a fact and not the
// report. It is meant for diagnosis: a dump stops the world.
package stacks
