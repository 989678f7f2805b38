package gleak

import (
	"strconv"
	"strings"

	"github.com/onsi/gomega/gleak/goroutine"

	"github.com/sleepless-go/sleepless/internal/bubble"
	"github.com/sleepless-go/sleepless/internal/stacks"
)

// Goroutine is one goroutine of a dump. It is the type of Gomega's own gleak, so
// that matchers and helpers written for either package work with both.
type Goroutine = goroutine.Goroutine

// Goroutines returns all goroutines, the calling one first: a snapshot. It
// stops the world for the time of a dump, some 10 µs and 1 µs for each
// goroutine. A dump that this Go version writes differently costs facts about a
// goroutine, and never a panic.
func Goroutines() []Goroutine {
	all := stacks.All()
	out := make([]Goroutine, len(all))
	for i, g := range all {
		out[i] = of(g)
	}
	return out
}

func of(g stacks.Goroutine) Goroutine {
	header, rest, _ := strings.Cut(g.Text, "\n")
	out := Goroutine{
		ID: g.ID, State: stateIn(header),
		CreatorFunction: g.Creator.Function, BornAt: g.Creator.Place(),
	}
	if rest != "" {
		out.Backtrace = rest + "\n"
	}
	if len(g.Frames) > 0 {
		out.TopFunction = g.Frames[0].Function
	}
	return out
}

// stateIn returns what stands in the brackets of a header.
func stateIn(header string) string {
	_, rest, _ := strings.Cut(header, "[")
	if end := strings.LastIndexByte(rest, ']'); end >= 0 {
		return rest[:end]
	}
	return rest
}

// frames reads a goroutine's backtrace.
func frames(g Goroutine) []stacks.Frame {
	parsed := stacks.Parse("goroutine " + strconv.FormatUint(max(g.ID, 1), 10) + " [?]:\n" + g.Backtrace)
	if len(parsed) == 0 {
		return nil
	}
	return parsed[0].Frames
}

// bubbleOf returns the number of the bubble that a goroutine is in, 0 for none.
func bubbleOf(g Goroutine) uint64 {
	if !strings.Contains(g.State, "synctest bubble ") {
		return 0
	}
	parsed := stacks.Parse("goroutine 1 [" + g.State + "]:")
	if len(parsed) == 0 {
		return 0
	}
	return parsed[0].Bubble
}

// ownBubble returns the number of the caller's bubble.
func ownBubble() uint64 {
	if !bubble.Inside() {
		return 0
	}
	return bubble.ID()
}
