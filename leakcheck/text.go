package leakcheck

import (
	"fmt"
	"strings"
)

// String returns the report as text.
func (r *Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "leakcheck: %s leaked %d goroutines", r.Test, len(r.Goroutines))
	for _, g := range r.Goroutines {
		fmt.Fprintf(&b, "\n  %s: %s [%s]", g.Verdict, g.place(), g.State)
	}
	return b.String()
}

// place names where a goroutine is.
func (g Goroutine) place() string {
	for _, f := range g.Stack {
		return short(f)
	}
	return g.Creator.Function
}
