package sameapi

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"testing"
)

// shapeOf type-checks a package that imports nothing.
func shapeOf(t *testing.T, source string) map[string]string {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "p.go", "package p\n"+source, 0)
	if err != nil {
		t.Fatal(err)
	}
	p, err := new(types.Config).Check("example.com/p", set, []*ast.File{file}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return exports(p)
}

const original = `
type T interface{ Error(args ...interface{}) }
type O interface{ apply(*o) }
type o struct{}
type S struct{ hidden int; Shown string }
func (*S) Do() {}
func (S) See() int { return 1 }
type A = S
const C = 3
var V = false
func F(options ...O) error { return nil }
func G(f func(exitCode int)) O { return nil }
func unexported() {}
`

func TestNamesOfParametersAndWhatIsHiddenDoNotCount(t *testing.T) {
	same := strings.NewReplacer("args ...interface{}", "...any", "hidden int", "other []string", "options", "opts", "exitCode int", "int", "unexported", "private").Replace(original)
	if d := compare("a", shapeOf(t, original), "b", shapeOf(t, same)); len(d) > 0 {
		t.Errorf("differences:\n%s", strings.Join(d, "\n"))
	}
}

func TestEveryOtherDifferenceIsFound(t *testing.T) {
	for old, changed := range map[string]string{
		"Error(args ...interface{})":      "Error(args ...string)",
		"apply(*o)":                       "Apply(*o)",
		"Shown string":                    "Shown int",
		"func (*S) Do() {}":               "func (S) Do() {}",
		"See() int { return 1 }":          "See() (n uint) { return 1 }",
		"type A = S":                      "type A S",
		"const C = 3":                     "const C = 4",
		"var V = false":                   "var V = 0",
		"F(options ...O)":                 "F(options []O)",
		"func(exitCode int)":              "func(exitCode uint)",
		"func unexported() {}":            "func Extra() {}",
		"func (S) See() int { return 1 }": "",
	} {
		if !strings.Contains(original, old) {
			t.Fatalf("%q is not in the original", old)
		}
		other := strings.Replace(original, old, changed, 1)
		if d := compare("a", shapeOf(t, original), "b", shapeOf(t, other)); len(d) == 0 {
			t.Errorf("%q for %q makes no difference", changed, old)
		}
	}
}

func TestAPackageIsLoadedByItsPath(t *testing.T) {
	d, err := Differences("io/fs", "io/fs")
	if err != nil || len(d) > 0 {
		t.Errorf("io/fs differs from itself: %v, %v", d, err)
	}
	d, err = Differences("path", "path/filepath")
	if err != nil || !slices.ContainsFunc(d, func(line string) bool { return strings.HasPrefix(line, "WalkDir is missing in path;") }) {
		t.Errorf("%v, %v", d, err)
	}
	if _, err := Differences("io/fs", "no/such/package"); err == nil {
		t.Error("a package that does not exist can be compared")
	}
}
