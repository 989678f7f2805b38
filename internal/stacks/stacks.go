package stacks

import (
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Goroutine is one entry of a dump.
type Goroutine struct {
	ID      uint64
	State   string        // "chan receive", "running"; without what the next four fields hold
	Blocked time.Duration // how long, in whole minutes; 0 below one
	Bubble  uint64        // the number of its testing/synctest bubble, 0 outside all
	Durable bool          // blocked in a way that lets the time of its bubble pass
	Leaked  bool          // the collector found that nothing can wake it
	Locked  bool          // to its thread

	// Labels are those of runtime/pprof. The runtime writes them only if the
	// variable GODEBUG says tracebacklabels=1.
	Labels map[string]string

	Frames  []Frame // innermost first, without the creator's
	Creator Frame   // the go statement; the zero Frame for the first goroutine
	Parent  uint64  // the goroutine that ran it, 0 if unknown

	Text string // as the runtime wrote it
}

// Frame is one call.
type Frame struct {
	Function string // "example.com/cache.(*Cache).janitor"
	File     string
	Line     int
}

// Place returns for instance "/src/cache/cache.go:118", or "" for the zero
// Frame.
func (f Frame) Place() string {
	if f.File == "" {
		return ""
	}
	return f.File + ":" + strconv.Itoa(f.Line)
}

// All returns all goroutines, the calling one first.
func All() []Goroutine { return Parse(Dump(true)) }

// Own returns the calling goroutine, beginning with the caller's frame.
func Own() Goroutine {
	g := Parse(Dump(false))[0]
	g.Frames = slices.DeleteFunc(g.Frames, func(f Frame) bool {
		return f.Function == pkg+".DumpInto" || f.Function == pkg+".Dump" || f.Function == pkg+".Own"
	})
	return g
}

// OwnHead is Own without the frames.
func OwnHead() Goroutine {
	for size := 1 << 10; ; size *= 4 {
		buf := make([]byte, size)
		header, _, whole := strings.Cut(string(buf[:runtime.Stack(buf, false)]), "\n")
		if g, ok := parseHead(header); ok && whole {
			return g
		}
	}
}

const pkg = "github.com/sleepless-go/sleepless/internal/stacks"

// Dump returns what the runtime writes about the calling goroutine, or about all
// of them.
func Dump(all bool) string {
	text, _ := DumpInto(nil, all)
	return text
}

// DumpInto is Dump with a buffer to write into, which it may replace by a larger
// one. The text is a copy.
func DumpInto(buf []byte, all bool) (text string, used []byte) {
	size := 64 << 10
	if all {
		size += runtime.NumGoroutine() << 9 // a dump that does not fit is made twice
	}
	for {
		if len(buf) < size {
			buf = make([]byte, size)
		}
		if n := runtime.Stack(buf, all); n < len(buf) {
			return string(buf[:n]), buf
		}
		size = 2 * len(buf)
	}
}

// Parse reads a dump: blocks with a header and then two lines a frame, of which
// the second is indented by a tab. Text that is no goroutine is passed over.
func Parse(text string) []Goroutine {
	var all []Goroutine
	for block := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		if g, ok := parseBlock(strings.TrimSpace(block)); ok {
			all = append(all, g)
		}
	}
	return all
}

func parseBlock(block string) (Goroutine, bool) {
	g, ok := parseHead(block)
	g.ReadFrames()
	return g, ok
}

// ParseHeads is Parse without the frames, which takes a fraction of the time.
// ReadFrames adds them to those goroutines that turn out to matter.
func ParseHeads(text string) []Goroutine {
	all := make([]Goroutine, 0, 1+strings.Count(text, "\n\n"))
	for block := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		if g, ok := parseHead(strings.TrimSpace(block)); ok {
			all = append(all, g)
		}
	}
	return all
}

// parseHead reads the header of a block and its go statement.
func parseHead(block string) (Goroutine, bool) {
	header, rest, _ := strings.Cut(block, "\n")
	g := Goroutine{Text: block}
	if !g.parseHeader(header) {
		return Goroutine{}, false
	}
	rest, _, _ = strings.Cut(rest, originating)
	const by = "created by "
	if _, last, ok := strings.Cut("\n"+rest, "\n"+by); ok {
		line, place, _ := strings.Cut(last, "\n")
		place, _, _ = strings.Cut(place, "\n")
		var parent string
		g.Creator.Function, parent, _ = strings.Cut(line, " in goroutine ")
		if strings.HasPrefix(place, "\t") {
			g.Creator.File, g.Creator.Line = parsePlace(place)
		}
		g.Parent = number(parent)
	}
	return g, true
}

// originating begins the frames of ancestors.
const originating = "[originating from goroutine"

// ReadFrames fills in Frames from Text.
func (g *Goroutine) ReadFrames() {
	_, rest, _ := strings.Cut(g.Text, "\n")
	lines := strings.Split(rest, "\n")
	g.Frames = nil
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		if strings.HasPrefix(line, originating) || strings.HasPrefix(line, "created by ") {
			break
		}
		if strings.HasPrefix(line, "\t") || i+1 == len(lines) || !strings.HasPrefix(lines[i+1], "\t") {
			continue // "...3 frames elided...", or no stack to show
		}
		i++
		f := Frame{Function: withoutArguments(line)}
		f.File, f.Line = parsePlace(lines[i])
		g.Frames = append(g.Frames, f)
	}
}

// parseHeader reads for instance
//
//	goroutine 7 [chan receive (durable), 2 minutes, locked to thread, synctest bubble 3]:
func (g *Goroutine) parseHeader(header string) bool {
	rest, ok := strings.CutPrefix(header, "goroutine ")
	if !ok {
		return false
	}
	if g.ID = number(rest); g.ID == 0 {
		return false
	}
	_, rest, ok = strings.Cut(rest, "[")
	end := strings.LastIndexByte(rest, ']')
	if !ok || end < 0 {
		return false
	}
	rest, labels, _ := strings.Cut(rest[:end], " labels:{") // of unknown text, so cut first
	g.Labels = parseLabels(labels)
	state, notes, _ := strings.Cut(rest, ", ")
	state, _ = strings.CutSuffix(state, " (durable)")
	g.Durable = strings.Contains(rest, " (durable)")
	state, _ = strings.CutSuffix(state, " (scan)")
	state, g.Leaked = strings.CutSuffix(state, " (leaked)")
	g.State = state
	for note := range strings.SplitSeq(notes, ", ") {
		switch {
		case strings.HasSuffix(note, " minutes"):
			g.Blocked = time.Duration(number(note)) * time.Minute
		case note == "locked to thread":
			g.Locked = true
		case strings.HasPrefix(note, "synctest bubble "):
			g.Bubble = number(strings.TrimPrefix(note, "synctest bubble "))
		}
	}
	return true
}

// parseLabels reads `"test": "TestCache", "user": "x"}`, as far as it can.
func parseLabels(text string) map[string]string {
	var labels map[string]string
	for text != "" && text != "}" {
		key, value := "", ""
		for _, part := range []*string{&key, &value} {
			quoted, err := strconv.QuotedPrefix(text)
			if err != nil {
				return labels
			}
			if *part, err = strconv.Unquote(quoted); err != nil {
				return labels
			}
			text = strings.TrimLeft(text[len(quoted):], ":, ")
		}
		if labels == nil {
			labels = map[string]string{}
		}
		labels[key] = value
	}
	return labels
}

// number reads the digits at the start of s, and 0 if there are none or too
// many.
func number(s string) uint64 {
	end := strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(s)
	}
	n, err := strconv.ParseUint(s[:end], 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// parsePlace reads "\t/src/cache/cache.go:118 +0x1d4".
func parsePlace(line string) (file string, number int) {
	place := strings.TrimPrefix(line, "\t")
	if i := strings.LastIndex(place, " +0x"); i >= 0 {
		place = place[:i]
	}
	i := strings.LastIndexByte(place, ':')
	if i < 0 {
		return place, 0
	}
	n, err := strconv.Atoi(place[i+1:])
	if err != nil {
		return place, 0
	}
	return place[:i], n
}

// withoutArguments strips the last parenthesis of a frame's line.
func withoutArguments(line string) string {
	if strings.HasSuffix(line, ")") {
		if i := strings.LastIndexByte(line, '('); i > 0 {
			return line[:i]
		}
	}
	return line
}
