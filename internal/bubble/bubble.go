// Package bubble tells whether the calling goroutine runs inside a
// testing/synctest bubble, and in which.
//
// The standard library keeps that fact to itself (internal/synctest.IsInBubble
// cannot be linked to), but two public facts give it away: a time read inside
// a bubble carries no monotonic reading, and the header of a goroutine's stack
// names its bubble.
package bubble

import (
	"bytes"
	"runtime"
	"strconv"
	"time"
)

// Inside reports whether the calling goroutine is in a bubble.
// It costs one time.Now.
func Inside() bool { return Virtual(time.Now()) }

// Virtual reports whether now, just returned by time.Now, was read inside a
// bubble: Round(0) strips the monotonic reading, so the two are identical only
// if there was none to strip.
func Virtual(now time.Time) bool { return now == now.Round(0) }

// ID returns the number of the calling goroutine's bubble, or 0 outside all
// bubbles. It reads the header of the goroutine's own stack, which costs a few
// microseconds.
func ID() uint64 {
	var buf [256]byte
	return parseID(buf[:runtime.Stack(buf[:], false)])
}

// parseID finds the bubble in a header such as
//
//	goroutine 8 [running, synctest bubble 7]:
func parseID(stack []byte) uint64 {
	header, _, _ := bytes.Cut(stack, []byte("\n"))
	_, rest, found := bytes.Cut(header, []byte("synctest bubble "))
	if !found {
		return 0
	}
	digits := rest
	for i, c := range rest {
		if c < '0' || c > '9' {
			digits = rest[:i]
			break
		}
	}
	id, err := strconv.ParseUint(string(digits), 10, 64)
	if err != nil {
		return 0
	}
	return id
}
