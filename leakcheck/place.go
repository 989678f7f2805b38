package leakcheck

import (
	"path"
	"strconv"
	"strings"

	"github.com/sleepless-go/sleepless/internal/caller"
	"github.com/sleepless-go/sleepless/internal/stacks"
)

// callers returns the calls that led to a function of this package, up to the
// test.
func callers() []Frame {
	var out []Frame
	for _, f := range stacks.Own().Frames {
		if f.Package() == "testing" {
			break
		}
		if !inside(f) {
			out = append(out, Frame(f))
		}
	}
	return out
}

func inside(f stacks.Frame) bool {
	return f.Package() == caller.Module+"/leakcheck" && !strings.HasSuffix(f.File, "_test.go")
}

func placeOf(frames []Frame) string {
	if len(frames) == 0 {
		return "an unknown place"
	}
	return position(frames[0])
}

func short(f Frame) string { return path.Base(f.Function) + " " + position(f) }

func position(f Frame) string { return path.Base(f.File) + ":" + strconv.Itoa(f.Line) }
