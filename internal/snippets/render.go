package main

import (
	"fmt"
	"regexp"
	"strings"
)

var tie = regexp.MustCompile(`^<!-- snippet (\S+?)(?:#(\S+))? -->$`)

// render returns the document with its tied blocks replaced by what they are
// tied to.
func render(name, document string, read func(file string) (string, error)) (string, error) {
	lines := strings.SplitAfter(document, "\n")
	var out strings.Builder
	for i := 0; i < len(lines); i++ {
		line := strings.TrimRight(lines[i], "\n")
		out.WriteString(lines[i])
		if strings.HasPrefix(line, "```go") {
			return "", fmt.Errorf("%s:%d: a go block that is tied to no file: put <!-- snippet file#region --> above it", name, i+1)
		}
		tied := tie.FindStringSubmatch(line)
		switch {
		case tied == nil && strings.HasPrefix(line, "<!-- snippet"):
			return "", fmt.Errorf("%s:%d: %q is not of the form <!-- snippet file#region -->", name, i+1, line)
		case tied == nil:
			if strings.HasPrefix(line, "```") { // a block of something else: pass to its end
				end := blockEnd(lines, i)
				if end < 0 {
					return "", fmt.Errorf("%s:%d: the block has no end", name, i+1)
				}
				for i < end {
					i++
					out.WriteString(lines[i])
				}
			}
			continue
		}
		if i+1 >= len(lines) || !strings.HasPrefix(lines[i+1], "```") {
			return "", fmt.Errorf("%s:%d: no block follows", name, i+1)
		}
		end := blockEnd(lines, i+1)
		if end < 0 {
			return "", fmt.Errorf("%s:%d: the block has no end", name, i+2)
		}
		source, err := read(tied[1])
		if err != nil {
			return "", fmt.Errorf("%s:%d: %w", name, i+1, err)
		}
		piece, err := cut(source, tied[2])
		if err != nil {
			return "", fmt.Errorf("%s:%d: %s: %w", name, i+1, tied[1], err)
		}
		out.WriteString(lines[i+1] + piece + lines[end])
		i = end
	}
	return out.String(), nil
}

// blockEnd returns the line that closes the block opened at line start.
func blockEnd(lines []string, start int) int {
	for i := start + 1; i < len(lines); i++ {
		if strings.TrimRight(lines[i], "\n") == "```" {
			return i
		}
	}
	return -1
}

// cut returns a region of source without its markers and common indentation,
// or all of source, without the markers of regions, where region is "".
func cut(source, region string) (string, error) {
	var kept []string
	inside, found := region == "", false
	for line := range strings.Lines(source) {
		text := strings.TrimSpace(line)
		switch {
		case text == "// snippet:begin "+region && region != "":
			inside, found = true, true
		case text == "// snippet:end "+region && region != "":
			inside = false
		case strings.HasPrefix(text, "// snippet:"):
		case inside:
			kept = append(kept, line)
		}
	}
	switch {
	case region != "" && !found:
		return "", fmt.Errorf("there is no region %q", region)
	case region != "" && inside:
		return "", fmt.Errorf("the region %q has no end", region)
	case len(kept) == 0:
		return "", fmt.Errorf("the region %q is empty", region)
	}
	return dedent(kept), nil
}

// dedent removes the tabs that all lines begin with.
func dedent(lines []string) string {
	common := -1
	for _, line := range lines {
		if strings.TrimSpace(line) == "" {
			continue
		}
		if tabs := len(line) - len(strings.TrimLeft(line, "\t")); common < 0 || tabs < common {
			common = tabs
		}
	}
	var out strings.Builder
	for _, line := range lines {
		if strings.TrimSpace(line) == "" {
			out.WriteString("\n")
			continue
		}
		out.WriteString(line[common:])
	}
	return strings.Trim(out.String(), "\n") + "\n"
}
