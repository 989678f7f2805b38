package fssource

import (
	"fmt"

	"github.com/fsnotify/fsnotify"
)

// Op is what happened to a file or directory.
type Op uint8

// The operations.
const (
	Created    Op = iota + 1 // it appeared, also by being renamed to this name
	Written                  // something was written to it
	Removed                  // it was removed
	Renamed                  // it was renamed away, or moved; its new name is Created
	Attributes               // mode, owner or times changed
	Overflow                 // the system lost events, of whatever file
)

var opNames = [...]string{"unknown", "created", "written", "removed", "renamed", "attributes", "overflow"}

// String returns for instance "created".
func (o Op) String() string {
	if int(o) >= len(opNames) {
		o = 0
	}
	return opNames[o]
}

// Event is a change of one file or directory.
type Event struct {
	Op Op
	// Path is relative to the watched directory, with slashes: "report.json",
	// "sub/a.txt". It is "." for the directory itself and "" for Overflow. Of a
	// watched file it is the file's name.
	Path string
}

// String returns for instance "created report.json".
func (e Event) String() string {
	if e.Path == "" {
		return e.Op.String()
	}
	return fmt.Sprintf("%s %s", e.Op, e.Path)
}

// Seen returns a match for eventually.Event: one of ops happened to path, as in
// [Event]. Without ops it is any that happened to it.
func Seen(path string, ops ...Op) func(Event) bool {
	return func(e Event) bool {
		if e.Path != path {
			return false
		}
		for _, op := range ops {
			if e.Op == op {
				return true
			}
		}
		return len(ops) == 0
	}
}

// operations lists what an event of fsnotify, which may be several things at
// once, says. What makes a file comes before what changes it.
func operations(op fsnotify.Op) (ops []Op) {
	for _, x := range []struct {
		theirs fsnotify.Op
		ours   Op
	}{{fsnotify.Create, Created}, {fsnotify.Write, Written}, {fsnotify.Chmod, Attributes}, {fsnotify.Rename, Renamed}, {fsnotify.Remove, Removed}} {
		if op.Has(x.theirs) {
			ops = append(ops, x.ours)
		}
	}
	return ops
}
