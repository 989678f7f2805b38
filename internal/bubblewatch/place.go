package bubblewatch

import (
	"path"
	"slices"
	"strings"

	"github.com/sleepless-go/sleepless/internal/caller"
	"github.com/sleepless-go/sleepless/internal/stacks"
)

// place returns the innermost frame of the code that the reader of a report
// knows: not the standard library's nor that of the waits. A goroutine without
// one is known by who started it.
func place(g stacks.Goroutine) (stacks.Frame, bool) {
	for _, f := range g.Frames {
		if known(f) {
			return f, true
		}
	}
	return g.Creator, known(g.Creator)
}

func known(f stacks.Frame) bool {
	return f.Function != "" && !f.Standard() && !plumbing(f) && f.File != "_testmain.go"
}

// plumbing tells frames of the harness itself. Its tests are not, as they stand
// for those of the users.
func plumbing(f stacks.Frame) bool {
	pkg := f.Package()
	harness := pkg == caller.Module+"/eventually" || strings.HasPrefix(pkg, caller.Module+"/internal/")
	return harness && !strings.HasSuffix(f.File, "_test.go")
}

// machinery tells the goroutines that every bubble has: the one that called
// synctest.Test, and the one that waits for the test's.
func machinery(g stacks.Goroutine) bool {
	return g.Calls("internal/synctest.Run") || g.Calls("testing/synctest.testingSynctestTest") && !g.Calls("testing.tRunner")
}

// testOf returns the goroutine that runs the test's function in the bubble.
func testOf(inside []stacks.Goroutine) stacks.Goroutine {
	for _, g := range inside {
		if g.Calls("testing.tRunner") && !machinery(g) {
			return g
		}
	}
	return stacks.Goroutine{}
}

// holders returns who may hold the lock that g waits for. The runtime does not
// know, so it is who is nearest to it: in a method of the same type, or else in
// the same package. Those in the bubble come first.
func holders(g stacks.Goroutine, all []stacks.Goroutine) []stacks.Goroutine {
	f, ok := place(g)
	if !ok {
		return nil
	}
	near := func(match func(stacks.Frame) bool) []stacks.Goroutine {
		var found []stacks.Goroutine
		for _, h := range all {
			if h.ID == g.ID || machinery(h) || awaits(h) == Lock || awaits(h) == Once || !slices.ContainsFunc(h.Frames, match) {
				continue
			}
			if h.Bubble == g.Bubble || h.Bubble == 0 && !testWaits(h) {
				found = append(found, h)
			}
		}
		slices.SortStableFunc(found, func(a, b stacks.Goroutine) int { return rank(a, g) - rank(b, g) })
		return found
	}
	if awaits(g) == Once {
		if found := near(func(h stacks.Frame) bool { return h.Function == "sync.(*Once).doSlow" }); len(found) > 0 {
			return found
		}
	}
	if t := receiver(f.Function); t != "" {
		if found := near(func(h stacks.Frame) bool { return receiver(h.Function) == t }); len(found) > 0 {
			return found
		}
	}
	return near(func(h stacks.Frame) bool { return h.Package() == f.Package() && !plumbing(h) })
}

// rank puts those of the same bubble first, and among them those that sleep or
// wait.
func rank(h, g stacks.Goroutine) int {
	switch {
	case h.Bubble != g.Bubble:
		return 2
	case h.Durable:
		return 0
	}
	return 1
}

// testWaits tells tests that wait for their subtests or their turn.
func testWaits(g stacks.Goroutine) bool {
	return len(g.Frames) > 0 && strings.HasPrefix(g.Frames[0].Function, "testing.")
}

// receiver returns "example.com/cache.(*Cache)" for a method of *Cache, also
// for a function literal in it, and "" for other functions.
func receiver(function string) string {
	pkg := caller.Package(function)
	rest := strings.TrimPrefix(function, pkg+".")
	if !strings.HasPrefix(rest, "(*") {
		return ""
	}
	if end := strings.Index(rest, ")."); end >= 0 {
		return pkg + "." + rest[:end+1]
	}
	return ""
}

// short returns "cache.(*Cache).Get cache.go:41".
func short(f stacks.Frame) string {
	return path.Base(f.Function) + " " + path.Base(f.Place())
}
