package goleak

import (
	"os"
	"strings"
	"testing"
)

// The suites below internal/twin say what both packages do. Moving from one to
// the other is a change of one line.
func TestTheTwinSuitesDifferByTheImportOnly(t *testing.T) {
	read := func(name string) string {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	const mine, other = `"github.com/sleepless-go/sleepless/leakcheck/goleak"`, `"go.uber.org/goleak"`
	ours, theirs := read("internal/twin/ours/suite_test.go"), read("internal/twin/theirs/suite_test.go")
	if strings.Count(ours, mine) != 1 || strings.Replace(ours, mine, other, 1) != theirs {
		t.Errorf("the suites differ by more than the import of %s; copy the one to the other and change that line", other)
	}
}
