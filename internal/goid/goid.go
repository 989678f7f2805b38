// Package goid names goroutines by the number that stack dumps show. The
// runtime keeps it to itself for good reasons: it must not be used to store
// state by goroutine. Here it serves diagnosis, and telling one's own doing
// from that of others.
package goid

import (
	"bytes"
	"runtime"
	"strconv"
)

// ID returns the number of the calling goroutine. It reads the header of the
// goroutine's stack dump, which costs a microsecond or more, so keep it off hot
// paths.
func ID() uint64 {
	var buf [64]byte
	return Parse(buf[:runtime.Stack(buf[:], false)])
}

// Parse returns the number in a dump's header, such as
//
//	goroutine 8 [running]:
//
// or 0 if there is none.
func Parse(stack []byte) uint64 {
	rest, found := bytes.CutPrefix(stack, []byte("goroutine "))
	if !found {
		return 0
	}
	digits, _, found := bytes.Cut(rest, []byte(" "))
	if !found {
		return 0
	}
	id, err := strconv.ParseUint(string(digits), 10, 64)
	if err != nil {
		return 0
	}
	return id
}
