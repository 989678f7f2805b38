package fakeclock

import (
	"fmt"
	"strings"
	"time"
)

// Operation is a kind of call on a clock, a timer or a ticker.
type Operation uint8

// The operations that [Fake.Trap] can intercept. Those from OpNewTimer to
// OpReset arm a timer and are counted by [Fake.Arms].
const (
	OpNow       Operation = iota + 1 // Clock.Now and Nanos
	OpStop                           // Timer.Stop and Ticker.Stop
	OpNewTimer                       // Clock.NewTimer
	OpNewTicker                      // Clock.NewTicker
	OpAfterFunc                      // Clock.AfterFunc
	OpReset                          // Timer.Reset and Ticker.Reset
)

var operationNames = [...]string{"?", "Now", "Stop", "NewTimer", "NewTicker", "AfterFunc", "Reset"}

// String returns the name of the method, such as "NewTimer".
func (o Operation) String() string {
	if int(o) < len(operationNames) {
		return operationNames[o]
	}
	return operationNames[0]
}

// event is what a Match looks at, and the key under which arm events are
// counted.
type event struct {
	op  Operation
	tag string
	d   time.Duration // 0 for Now and Stop
}

// Match selects calls on a clock. Several are combined with and; none selects
// everything.
type Match interface {
	matches(event) bool
	String() string
}

// Op selects calls of any of the given operations.
func Op(ops ...Operation) Match { return opMatch(ops) }

type opMatch []Operation

func (m opMatch) matches(e event) bool {
	for _, op := range m {
		if op == e.op {
			return true
		}
	}
	return false
}

func (m opMatch) String() string {
	names := make([]string, len(m))
	for i, op := range m {
		names[i] = op.String()
	}
	return strings.Join(names, " or ")
}

// Tag selects calls made through a view with that tag (see [Fake.Tagged]), and
// Stop and Reset of timers made through it. The empty string selects what has
// no tag.
func Tag(tag string) Match { return tagMatch(tag) }

type tagMatch string

func (m tagMatch) matches(e event) bool { return e.tag == string(m) }
func (m tagMatch) String() string       { return fmt.Sprintf("tag %q", string(m)) }

// Duration selects calls with exactly this duration. Now and Stop have none and
// are never selected.
func Duration(d time.Duration) Match { return durationMatch(d) }

type durationMatch time.Duration

func (m durationMatch) matches(e event) bool {
	return e.d == time.Duration(m) && e.op != OpNow && e.op != OpStop
}
func (m durationMatch) String() string { return "duration " + time.Duration(m).String() }

func matchAll(match []Match, e event) bool {
	for _, m := range match {
		if !m.matches(e) {
			return false
		}
	}
	return true
}

// describe returns for instance ` (NewTimer, tag "janitor")`, or nothing.
func describe(match []Match) string {
	if len(match) == 0 {
		return ""
	}
	parts := make([]string, len(match))
	for i, m := range match {
		parts[i] = m.String()
	}
	return " (" + strings.Join(parts, ", ") + ")"
}
