package gleak

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/onsi/gomega"

	"github.com/sleepless-go/sleepless/eventually"
)

var update = flag.Bool("update", false, "rewrite the golden texts in testdata")

// settle waits for what no source tells of.
func settle(t *testing.T, done func() bool) {
	t.Helper()
	eventually.Until(t, "the goroutines have settled", done)
}

// failures is a Gomega whose failures are kept.
func failures() (g *gomega.WithT, texts *[]string) {
	texts = new([]string)
	return gomega.NewGomega(func(message string, _ ...int) { *texts = append(*texts, message) }).(*gomega.WithT), texts
}

// needSource skips a test in a binary that does not know where its source is
// (-trimpath): there Eventually is not told from Consistently.
func needSource(t *testing.T) {
	t.Helper()
	if _, file, _, _ := runtime.Caller(0); !filepath.IsAbs(file) {
		t.Skip("this binary was built with -trimpath")
	}
}

var linesOfCode = regexp.MustCompile(`(\w+\.go):\d+`)

func golden(t *testing.T, name, text string) {
	t.Helper()
	text = linesOfCode.ReplaceAllString(text, "$1:N") + "\n"
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; run go test -update", err)
	}
	if text != string(want) {
		t.Errorf("the text of %s has changed; if that is meant run go test -update\ngot:\n%s\nwant:\n%s", file, text, want)
	}
	if n := strings.Count(text, "\n"); n > 25 {
		t.Errorf("%s has %d lines, more than 25", file, n)
	}
}
