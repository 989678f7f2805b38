package artefact

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/sleepless-go/sleepless/internal/stacks"
)

// GroupGoroutines puts goroutines with the same frames in the same state
// together. The first of all is the one that waited. top names the frame of a
// goroutine that is worth reading, and says whether it is one of the test's
// rather than of the machinery. Those that could still have acted come first.
func GroupGoroutines(all []stacks.Goroutine, top func(stacks.Goroutine) (stacks.Frame, bool)) []Group {
	var groups []Group
	at := map[string]int{}
	for i, g := range all {
		key := fmt.Sprint(i == 0, g.State, g.Bubble, g.Frames, g.Creator)
		if n, ok := at[key]; ok {
			groups[n].Count++
			groups[n].IDs = append(groups[n].IDs, g.ID)
			continue
		}
		frame, own := top(g)
		if !own && len(g.Frames) > 0 {
			frame = g.Frames[0]
		}
		at[key] = len(groups)
		groups = append(groups, Group{
			Count: 1, IDs: []uint64{g.ID}, State: g.State, Bubble: g.Bubble, Minutes: int(g.Blocked.Minutes()),
			Waiting: i == 0, Able: i > 0 && own && g.Bubble == all[0].Bubble,
			Top: line(frame), Stack: g.Text,
		})
	}
	slices.SortStableFunc(groups, func(a, b Group) int { return rank(a) - rank(b) })
	return groups
}

func rank(g Group) int {
	switch {
	case g.Able:
		return 0
	case g.Waiting:
		return 1
	default:
		return 2
	}
}

// line returns for instance "cache.(*Cache).janitor cache.go:118".
func line(f stacks.Frame) string {
	if f.Function == "" {
		return "no frame"
	}
	return strings.TrimSpace(path.Base(f.Function) + " " + path.Base(f.Place()))
}
