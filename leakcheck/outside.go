package leakcheck

import (
	"runtime"

	"github.com/sleepless-go/sleepless/internal/bubble"
)

// outside holds channels that were made outside all bubbles. A cleanup of the
// runtime runs outside too, and ends the process if it closes a channel that was
// made in a bubble; a goroutine of a bubble on the other hand may use channels
// from outside.
var outside = make(chan chan struct{}, 16)

func init() { fillOutside() }

func fillOutside() {
	for {
		select {
		case outside <- make(chan struct{}):
		default:
			return
		}
	}
}

// makeOutside returns a channel that belongs to no bubble, wherever it is
// called. In a bubble it takes one from the store. If that is empty it has the
// garbage collector run a cleanup, which is the one way for a goroutine of a
// bubble to get something done outside.
func makeOutside() chan struct{} {
	if !bubble.Inside() {
		return make(chan struct{})
	}
	select {
	case ch := <-outside:
		return ch
	default:
	}
	dropLure()
	runtime.GC()
	return <-outside // from the cleanup, which the collection has queued
}

// dropLure makes an object that is garbage at once and whose cleanup fills the
// store.
//
//go:noinline
func dropLure() {
	lure := new([4]uintptr)
	runtime.AddCleanup(lure, func(struct{}) { fillOutside() }, struct{}{})
}
