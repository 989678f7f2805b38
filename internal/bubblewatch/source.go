package bubblewatch

import (
	"os"
	"strings"

	"github.com/sleepless-go/sleepless/internal/stacks"
)

// longest is how much of a line of source a report shows.
const longest = 70

// sourceLine returns the line of source that a frame is at, or "" where there
// is no source to read: in a binary that was moved, or built with -trimpath.
func sourceLine(f stacks.Frame) string {
	lines := sourceOf(f)
	if len(lines) == 0 {
		return ""
	}
	text := []rune(strings.TrimSpace(lines[0]))
	if len(text) > longest {
		return string(text[:longest-1]) + "…"
	}
	return string(text)
}

// sourceOf returns the source from the frame's line to the end of its file.
func sourceOf(f stacks.Frame) []string {
	content, err := os.ReadFile(f.File)
	if err != nil {
		return nil // then the report does without
	}
	lines := strings.Split(string(content), "\n")
	if f.Line < 1 || f.Line > len(lines) {
		return nil
	}
	return lines[f.Line-1:]
}

// awaitsContext reports whether the channel operation that g is blocked in
// names the Done channel of a context. The dump does not say what a select
// selects on; its source does.
func awaitsContext(g stacks.Goroutine) bool {
	f, ok := place(g)
	return ok && len(g.Frames) > 0 && f == g.Frames[0] && strings.Contains(statement(sourceOf(f)), ".Done()")
}

// statement returns the statement that begins in the first line, by its braces:
// a select with its cases, or the line. gofmt puts the closing brace of a
// statement below its beginning.
func statement(lines []string) string {
	if len(lines) == 0 || !strings.HasPrefix(strings.TrimSpace(lines[0]), "select") || strings.HasSuffix(strings.TrimSpace(lines[0]), "}") {
		return strings.Join(lines[:min(1, len(lines))], "")
	}
	indent := lines[0][:len(lines[0])-len(strings.TrimLeft(lines[0], "\t"))]
	for i, line := range lines[1:] {
		if line == indent+"}" {
			return strings.Join(lines[:i+2], "\n")
		}
	}
	return lines[0]
}
