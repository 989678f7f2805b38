package eventually

import (
	"bytes"
	"regexp"
	"strings"
	"sync"
)

// Lines is an io.Writer that records what is written to it line by line: the
// log of a component or the output of a program. It is a Recorder of lines, so
// Event waits for a line, and Seen counts them:
//
//	log := eventually.NewLines(t)
//	server := NewServer(log)
//	eventually.Until(t, "it reconnected twice", func() bool { return log.Seen("reconnected") >= 2 }, eventually.On(log))
//
// All methods may be called from any goroutine. Lines may be written in pieces;
// the end of a line is "\n" or "\r\n".
type Lines struct {
	*Recorder[string]
	mu      sync.Mutex
	partial bytes.Buffer
}

// NewLines returns Lines that belong to t. t may be nil.
func NewLines(t TB, opts ...RecorderOption) *Lines {
	l := &Lines{Recorder: NewRecorder[string](t, append([]RecorderOption{Named("lines")}, opts...)...)}
	l.DescribeWith(func(s string) string { return s })
	return l
}

// Write implements io.Writer. It never fails.
func (l *Lines) Write(p []byte) (int, error) {
	for _, line := range l.split(p) {
		l.Emit(line)
	}
	return len(p), nil
}

// split adds p to what is left of the last line and returns the complete ones.
// Emitting happens outside its lock, so two goroutines that write at the same
// moment may have their lines recorded in either order; the lines themselves
// are whole.
func (l *Lines) split(p []byte) (lines []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		i := bytes.IndexByte(p, '\n')
		if i < 0 {
			l.partial.Write(p)
			return lines
		}
		l.partial.Write(p[:i])
		lines = append(lines, strings.TrimSuffix(l.partial.String(), "\r"))
		l.partial.Reset()
		p = p[i+1:]
	}
}

// Flush records what was written since the last end of line, if anything, as a
// line.
func (l *Lines) Flush() {
	l.mu.Lock()
	rest := l.partial.String()
	l.partial.Reset()
	l.mu.Unlock()
	if rest != "" {
		l.Emit(rest)
	}
}

// Seen returns in how many lines text occurs.
func (l *Lines) Seen(text string) int {
	return l.Count(func(line string) bool { return strings.Contains(line, text) })
}

// SeenMatch returns how many lines match re.
func (l *Lines) SeenMatch(re *regexp.Regexp) int { return l.Count(re.MatchString) }
