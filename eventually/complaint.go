package eventually

import "strings"

// complaint shortens what an assertion library says to what a report needs.
// testify labels the parts of its messages,
//
//	Error Trace:	/src/cache_test.go:17
//	Error:      	Not equal:
//	            	expected: 2
//	            	actual  : 3
//	Test:       	TestCache
//	Messages:   	size of the cache
//
// and of those the place and the test are the same for every check. Other texts
// stay as they are.
func complaint(text string) string {
	if !strings.Contains(text, "\tError:") {
		return strings.TrimSpace(text)
	}
	var kept []string
	label := ""
	for line := range strings.SplitSeq(text, "\n") {
		head, content, labelled := strings.Cut(strings.TrimPrefix(line, "\t"), "\t")
		if name, ok := strings.CutSuffix(strings.TrimSpace(head), ":"); ok && labelled {
			label = name
		} else if !labelled || strings.TrimSpace(head) != "" {
			content = line
		}
		if content = strings.TrimSpace(content); content == "" {
			continue
		}
		switch label {
		case "Error Trace", "Test":
		case "Messages":
			kept = append([]string{content}, kept...) // what the author said comes first
		default:
			kept = append(kept, content)
		}
	}
	return strings.Join(kept, "\n")
}
