package suites

import (
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// pair is a legacy suite and its twin.
type pair struct {
	legacy, twin string
	tests        int
	sleeps       []string // the arguments of time.Sleep, in order
}

var pairs = []pair{
	{"legacy/cache_telemetry", "cache", 12, []string{"20 * time.Millisecond", "60 * time.Millisecond"}},
	{"legacy/telemetry", "telemetry", 18, []string{"10 * time.Millisecond", "20 * time.Millisecond"}},
}

func TestEveryLegacyTestHasATwinOfTheSameName(t *testing.T) {
	for _, p := range pairs {
		tests, specs := testNames(parse(t, p.legacy)), specNames(parse(t, p.twin))
		if len(tests) != p.tests {
			t.Errorf("%s has %d tests, want %d", p.legacy, len(tests), p.tests)
		}
		for _, name := range slices.Sorted(maps.Keys(tests)) {
			if specs[name] == 0 {
				t.Errorf("%s: %s has no It of that name in suites/%s", p.legacy, tests[name], p.twin)
			}
			if specs[name] > 1 {
				t.Errorf("suites/%s has %d Its named like %s", p.twin, specs[name], tests[name])
			}
		}
		if len(specs) <= len(tests) {
			t.Errorf("suites/%s has %d specs for %d tests: what the originals did not test is missing", p.twin, len(specs), len(tests))
		}
	}
}

// The sleeps are exhibits: what tools find and what the documents count.
func TestTheLegacySuitesSleepAsTheyDid(t *testing.T) {
	for _, p := range pairs {
		if got := sleeps(parse(t, p.legacy)); !slices.Equal(got, p.sleeps) {
			t.Errorf("suites/%s sleeps %q, want %q", p.legacy, got, p.sleeps)
		}
		if got := sleeps(parse(t, p.twin)); len(got) > 0 {
			t.Errorf("suites/%s sleeps %q, want no sleep", p.twin, got)
		}
	}
}

func TestSquash(t *testing.T) {
	for _, c := range []struct{ test, spec string }{
		{"EmitsPutWithTTL", "emits put with TTL"},
		{"TraceIDsAreUniqueAndHave32Characters", "trace ids are unique and have 32 characters"},
	} {
		if squash(c.test) != squash(c.spec) {
			t.Errorf("%q and %q differ: %q, %q", c.test, c.spec, squash(c.test), squash(c.spec))
		}
	}
	if squash("EmitsPut") == squash("emits puts") {
		t.Error("different names are the same")
	}
}

// squash leaves of a name what TestXxx and a sentence have in common.
func squash(name string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}

// parse returns the test files of a folder, in order of their names.
func parse(t *testing.T, dir string) []*ast.File {
	t.Helper()
	entries, err := os.ReadDir(filepath.FromSlash(dir))
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, e.Name()), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	if len(files) == 0 {
		t.Fatalf("no test files in suites/%s", dir)
	}
	return files
}

// testNames returns the functions TestXxx, by their squashed names.
func testNames(files []*ast.File) map[string]string {
	names := map[string]string{}
	for _, f := range files {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil {
				if rest, ok := strings.CutPrefix(fn.Name.Name, "Test"); ok {
					names[squash(rest)] = fn.Name.Name
				}
			}
		}
	}
	return names
}

// specNames counts the texts of It, squashed.
func specNames(files []*ast.File) map[string]int {
	names := map[string]int{}
	calls(files, func(call *ast.CallExpr) {
		it, ok := call.Fun.(*ast.Ident)
		if !ok || it.Name != "It" || len(call.Args) < 2 {
			return
		}
		if text, ok := call.Args[0].(*ast.BasicLit); ok && text.Kind == token.STRING {
			if s, err := strconv.Unquote(text.Value); err == nil {
				names[squash(s)]++
			}
		}
	})
	return names
}

// sleeps returns the arguments of time.Sleep as they are written.
func sleeps(files []*ast.File) []string {
	var found []string
	calls(files, func(call *ast.CallExpr) {
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || sel.Sel.Name != "Sleep" || len(call.Args) != 1 {
			return
		}
		if pkg, ok := sel.X.(*ast.Ident); ok && pkg.Name == "time" {
			found = append(found, source(call.Args[0]))
		}
	})
	return found
}

// calls visits every call, in order of appearance.
func calls(files []*ast.File, visit func(*ast.CallExpr)) {
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				visit(call)
			}
			return true
		})
	}
}

// source returns an expression as gofmt would print it.
func source(e ast.Expr) string {
	var b strings.Builder
	if err := format.Node(&b, token.NewFileSet(), e); err != nil {
		return err.Error()
	}
	return b.String()
}
