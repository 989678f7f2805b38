package callsite

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func frame(function string) runtime.Frame { return runtime.Frame{Function: function} }

// stack builds frames of methods of the assertion, and one of a test.
func stack(methods ...string) (frames []runtime.Frame) {
	for _, m := range methods {
		frames = append(frames, frame(asyncPrefix+m))
	}
	return append(frames, runtime.Frame{Function: "example.com/shop.TestX", File: "x_test.go", Line: 7})
}

func TestOnlyTheLoopDirectlyAboveAsksAgain(t *testing.T) {
	for _, c := range []struct {
		frames []runtime.Frame
		form   Form
		want   bool
	}{
		{stack("pollMatcher", "match", "Should"), Match, true},
		{stack("pollMatcher", "match", "Should", "To"), Match, true},
		{stack("pollMatcher", "match", "ShouldNot"), NoMatch, true},
		{stack("pollMatcher", "match", "ShouldNot", "NotTo"), NoMatch, true},
		{stack("pollMatcher", "match", "ShouldNot", "ToNot"), NoMatch, true},

		{stack("pollMatcher", "match", "ShouldNot"), Match, false},
		{stack("pollMatcher", "match", "Should"), NoMatch, false},
		{append([]runtime.Frame{frame("github.com/onsi/gomega/matchers.(*NotMatcher).Match")}, stack("pollMatcher", "match", "Should")...), Match, false},
		{stack("pollMatcher", "Should"), Match, false},
		{stack("match", "Should"), Match, false},
		{stack(), Match, false},
		{nil, NoMatch, false},
		{stack("pollMatcher", "match", "Should")[:3], Match, false},
	} {
		asked := false
		got := retried(c.frames, c.form, func(file string, line int, form Form) bool {
			asked = true
			if file != "x_test.go" || line != 7 || form != c.form {
				t.Errorf("%v: looked up in %s:%d for %v", c.frames, file, line, form)
			}
			return true
		})
		if got != c.want || asked != c.want {
			t.Errorf("%v, %v: %v", c.frames, c.form, got)
		}
	}
	if retried(stack("pollMatcher", "match", "Should"), Match, func(string, int, Form) bool { return false }) {
		t.Error("the source does not count")
	}
}

func TestTheSourceTellsEventuallyFromConsistently(t *testing.T) {
	lines := []struct {
		code           string
		match, noMatch bool
	}{
		{"Eventually(x).Should(m)", true, false},
		{"g.Eventually(x).WithTimeout(1).To(m)", true, false},
		{"Expect(g.Eventually(x).Should(m)).To(m)", true, false},
		{"EventuallyWithOffset(1, x).ShouldNot(m)", false, true},
		{"gomega.Eventually(x).NotTo(m)", false, true},
		{"Eventually(x).ToNot(m)", false, true},
		{"Consistently(x).Should(m)", false, false},
		{"Consistently(x).ShouldNot(m)", false, false},
		{"both(Eventually(x).Should(m), Consistently(x).Should(m))", false, false},
		{"both(Eventually(x).ShouldNot(m), Consistently(x).Should(m))", false, true},
		{"a.Should(m)", false, false},
		{"waits[0](x).ShouldNot(m)", false, false},
		{"Expect(x).To(m)", false, false},
		{"x(m)", false, false},
	}
	var source strings.Builder
	source.WriteString("package p\nfunc f() {\n")
	for _, l := range lines {
		fmt.Fprintln(&source, l.code)
	}
	source.WriteString("}\n")
	file := filepath.Join(t.TempDir(), "p.go")
	if err := os.WriteFile(file, []byte(source.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time from memory
		for i, l := range lines {
			if got := saysEventually(file, i+3, Match); got != l.match {
				t.Errorf("%s: match %v", l.code, got)
			}
			if got := saysEventually(file, i+3, NoMatch); got != l.noMatch {
				t.Errorf("%s: no match %v", l.code, got)
			}
		}
	}
	if saysEventually(filepath.Join(t.TempDir(), "none.go"), 1, Match) {
		t.Error("a file that cannot be read says Eventually")
	}
}

// match stands for a Match method that asks who calls it.
func match() []runtime.Frame { return Frames() }

func TestFramesBeginWithTheCallerOfMatch(t *testing.T) {
	frames := match()
	if len(frames) < 2 || !strings.HasSuffix(frames[0].Function, ".TestFramesBeginWithTheCallerOfMatch") || frames[1].Function != "testing.tRunner" {
		t.Errorf("%v", frames)
	}
	if Retried(frames, Match) || Retried(frames, NoMatch) {
		t.Error("a test that calls Match asks again")
	}
}
