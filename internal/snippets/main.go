// Command snippets keeps the code in the documents the same as code that is
// compiled and run by the tests.
//
//	go run ./internal/snippets          rewrites the blocks
//	go run ./internal/snippets -check   fails if one differs
//
// A block of a document is tied to a file, or to a region of one, by a comment
// in the line above it:
//
//	<!-- snippet docs/snippets/plain/session_test.go -->
//	<!-- snippet docs/snippets/manual/wait_test.go#until -->
//
// A region lies between the lines "// snippet:begin until" and "// snippet:end
// until", is shown without their indentation, and may not be empty. Every go
// block of a document must be tied; other blocks may be.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

// documents are those whose go blocks are kept.
var documents = []string{
	"README.md", "docs/TESTING.md", "docs/MANUAL.md",
	"docs/manual/LEAKCHECK.md", "docs/manual/BUBBLE.md", "docs/manual/SOURCES.md", "docs/manual/ARTEFACTS.md", "docs/manual/SHIMS.md", "docs/manual/TESTIFY.md",
	"docs/manual/BENBCLOCK.md", "docs/manual/SOURCEMODULES.md",
}

func main() {
	check := flag.Bool("check", false, "change nothing; exit 1 if a document is not current")
	flag.Parse()
	if flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	status := 0
	for _, name := range documents {
		if err := keep(name, *check); err != nil {
			fmt.Fprintf(os.Stderr, "snippets: %v\n", err)
			status = 1
		}
	}
	os.Exit(status)
}

func keep(name string, check bool) error {
	old, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	current, err := render(name, string(old), read)
	switch {
	case err != nil:
		return err
	case current == string(old):
		return nil
	case check:
		return fmt.Errorf("%s is not current: run go run ./internal/snippets", name)
	}
	// Written beside and renamed, so that a document is never half written.
	beside := name + ".new"
	if err := os.WriteFile(beside, []byte(current), 0o644); err != nil {
		return err
	}
	return os.Rename(beside, name)
}

func read(file string) (string, error) {
	text, err := os.ReadFile(filepath.FromSlash(file))
	return string(text), err
}
