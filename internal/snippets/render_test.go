package main

import (
	"errors"
	"strings"
	"testing"
)

const source = `package p

func TestX(t *testing.T) {
	// snippet:begin body
	if true {

		f()
	}
	// snippet:end body
}
`

func readSource(file string) (string, error) {
	if file != "a_test.go" {
		return "", errors.New("no such file")
	}
	return source, nil
}

func TestRenderReplacesTiedBlocksOnly(t *testing.T) {
	document := "# T\n<!-- snippet a_test.go#body -->\n```go\nstale\n```\ntext\n```sh\ngo test\n```\n"
	want := "# T\n<!-- snippet a_test.go#body -->\n```go\nif true {\n\n\tf()\n}\n```\ntext\n```sh\ngo test\n```\n"
	got, err := render("D.md", document, readSource)
	if err != nil || got != want {
		t.Errorf("err = %v, got:\n%s", err, got)
	}
	if again, err := render("D.md", got, readSource); err != nil || again != got {
		t.Errorf("a second run changes it: %v\n%s", err, again)
	}
}

func TestRenderOfAWholeFileLeavesMarkersOut(t *testing.T) {
	got, err := render("D.md", "<!-- snippet a_test.go -->\n```go\n```\n", readSource)
	if err != nil || strings.Contains(got, "snippet:") || !strings.Contains(got, "package p") {
		t.Errorf("err = %v, got:\n%s", err, got)
	}
}

func TestRenderRefusesWhatItCannotKeep(t *testing.T) {
	for document, want := range map[string]string{
		"```go\nx\n```\n": "D.md:1: a go block that is tied to no file",
		"<!-- snippet a_test.go#body\n```go\n```\n":          "not of the form",
		"<!-- snippet a_test.go#body -->\n\n```go\nx\n```\n": "D.md:1: no block follows",
		"<!-- snippet a_test.go#body -->\n```go\nx\n":        "the block has no end",
		"```sh\nx\n": "the block has no end",
		"<!-- snippet b_test.go#body -->\n```go\nx\n```\n":  "no such file",
		"<!-- snippet a_test.go#other -->\n```go\nx\n```\n": `there is no region "other"`,
		"text\n<!-- snippet a_test.go#body -->":             "no block follows",
	} {
		if _, err := render("D.md", document, readSource); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("render(%q): %v, want %q", document, err, want)
		}
	}
}

func TestBlankLinesAroundARegionAreLeftOut(t *testing.T) {
	if got, err := cut("// snippet:begin a\n\nfunc f() {}\n\n// snippet:end a\n", "a"); err != nil || got != "func f() {}\n" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestCutWantsAnEnd(t *testing.T) {
	if _, err := cut("// snippet:begin a\nx\n", "a"); err == nil || !strings.Contains(err.Error(), "has no end") {
		t.Errorf("err = %v", err)
	}
	if _, err := cut("// snippet:begin a\n// snippet:end a\n", "a"); err == nil || !strings.Contains(err.Error(), "is empty") {
		t.Errorf("err = %v", err)
	}
}
