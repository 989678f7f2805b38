package house

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/sleepless-go/sleepless/internal/caller"
)

// arrow says what the packages that match from may import beside the standard
// library. The first arrow that matches a package counts. Patterns are import
// paths within the module; a trailing /... matches everything below as well.
type arrow struct {
	from string
	to   []string
}

// gomegaStack is what a test package for Ginkgo suites stands on.
var gomegaStack = []string{"github.com/onsi/gomega/...", "github.com/onsi/ginkgo/v2/..."}

// arrows is the house: they point down only. Tests of a package are held to
// testArrows instead.
var arrows = []arrow{
	{"internal/gendocs", []string{"foundation/...", "internal/caller"}},
	{"internal/artefact", []string{"internal/stacks"}},
	{"internal/bubble", nil},
	{"internal/bubblewatch", []string{"internal/bubble", "internal/caller", "internal/stacks"}},
	{"internal/caller", nil},
	{"internal/goid", nil},
	{"internal/notify", []string{"internal/bubble", "internal/caller", "internal/goid"}},
	{"internal/follow", nil},
	{"internal/sameapi", []string{"golang.org/x/tools/go/packages"}},
	{"internal/leakcorpus", []string{"internal/stacks"}},
	{"internal/...", []string{"internal/caller"}},

	{"foundation/clock", []string{"internal/..."}},
	{"foundation/signal", []string{"internal/notify"}},
	{"foundation/clock/clocktest", []string{"foundation/clock", "internal/..."}},
	{"foundation/telemetry", []string{"foundation/clock", "internal/..."}},
	{"foundation/telemetry/semantic", []string{"foundation/telemetry", "foundation/clock"}},
	{"foundation/telemetry/telemetrytest", []string{"foundation/telemetry", "eventually", "internal/..."}},
	{"foundation/...", []string{"foundation/clock", "foundation/signal", "foundation/telemetry", "foundation/telemetry/semantic", "internal/..."}},

	{"fakeclock", []string{"foundation/clock", "internal/..."}},
	// The one package that imports the archived clock, and the one that uses
	// unsafe: its types can be made to fire without sleeping by no other means.
	{"fakeclock/benbclock", []string{"fakeclock", "foundation/clock", "internal/follow", "github.com/benbjohnson/clock"}},
	{"eventually", []string{"foundation/clock", "foundation/signal", "internal/..."}},
	{"eventually/httpsource", []string{"eventually", "foundation/clock"}},
	{"eventually/testify", []string{"eventually"}},
	{"leakcheck", []string{"foundation/clock", "foundation/signal", "eventually", "internal/..."}},
	{"leakcheck/internal/...", []string{"leakcheck"}},
	{"leakcheck/goleak/...", []string{"leakcheck", "internal/stacks"}},
	{"leakcheck/arbiter", []string{"leakcheck", "go.uber.org/goleak"}},
	{"matchers/...", append([]string{"fakeclock", "eventually", "leakcheck", "foundation/clock", "foundation/telemetry/...", "internal/...", "matchers/internal/callsite"}, gomegaStack...)},

	{"suites/...", []string{"foundation/...", "fakeclock", "eventually", "matchers", "leakcheck"}},
	{"benchmarks/...", []string{"foundation/...", "fakeclock", "eventually", "matchers", "leakcheck", "benchmarks/internal/...", "internal/..."}},
	{"docs/...", []string{"foundation/...", "fakeclock/...", "eventually/...", "matchers", "leakcheck"}},
}

// leaves are packages that nothing imports, tests included.
var leaves = []string{"suites/...", "benchmarks/...", "docs/...", "internal/house", "internal/gendocs", "internal/mutation", "internal/snippets"}

// nestedModules are modules of their own, so that what they require is asked of
// their users only.
var nestedModules = []string{"benchmarks/peers/...", "eventually/otelsource/...", "eventually/promsource/...", "eventually/fssource/..."}

// unsafeUsers are the packages that may import unsafe.
var unsafeUsers = []string{"fakeclock/benbclock"}

func TestUnsafeIsUsedWhereItIsArguedFor(t *testing.T) {
	for _, p := range list(t) {
		if slices.Contains(p.Imports, "unsafe") != slices.Contains(unsafeUsers, inHouse(p.ImportPath)) {
			t.Errorf("%s: what it does with unsafe is not what the list in this file says", p.ImportPath)
		}
	}
}

// pkg is what go list tells of a package.
type pkg struct {
	ImportPath                         string
	Name                               string
	Imports, TestImports, XTestImports []string
	Standard                           bool
}

func TestImportsFollowTheArrows(t *testing.T) {
	for _, p := range list(t) {
		path := inHouse(p.ImportPath)
		a, ok := arrowOf(path)
		if !ok {
			t.Errorf("no arrow for package %s: say in this file what it may import", path)
			continue
		}
		for _, imported := range p.Imports {
			if !standard(imported) && !slices.ContainsFunc(a.to, func(to string) bool { return matches(to, inHouse(imported)) }) {
				t.Errorf("%s imports %s, which points up or sideways: its arrow %s allows only %v", path, inHouse(imported), a.from, a.to)
			}
		}
	}
}

func TestNothingImportsALeafAndNothingInTheRootImportsANestedModule(t *testing.T) {
	for _, p := range list(t) {
		path := inHouse(p.ImportPath)
		for _, imported := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			to := inHouse(imported)
			for _, leaf := range leaves {
				if matches(leaf, to) && !sameTree(leaf, path) {
					t.Errorf("%s imports %s, which is a leaf of the house", path, to)
				}
			}
			for _, nested := range nestedModules {
				if matches(nested, to) {
					t.Errorf("%s imports the nested module %s", path, to)
				}
			}
		}
	}
}

// Production code is what users link into their programs.
func TestProductionCodeImportsNoTestPackage(t *testing.T) {
	testOnly := []string{"eventually/...", "fakeclock/...", "matchers/...", "leakcheck/...", "foundation/clock/clocktest", "foundation/telemetry/telemetrytest", "suites/...", "benchmarks/..."}
	for _, p := range list(t) {
		path := inHouse(p.ImportPath)
		if !strings.HasPrefix(path, "foundation/") || strings.HasSuffix(path, "test") {
			continue
		}
		for _, imported := range p.Imports {
			if imported == "testing" || strings.HasPrefix(imported, "testing/") {
				t.Errorf("%s is production code and imports %s", path, imported)
			}
			for _, only := range testOnly {
				if matches(only, inHouse(imported)) {
					t.Errorf("%s is production code and imports the test package %s", path, imported)
				}
			}
		}
	}
}

func TestMatches(t *testing.T) {
	for _, c := range []struct {
		pattern, path string
		want          bool
	}{
		{"a/b", "a/b", true}, {"a/b", "a/b/c", false}, {"a/...", "a", true}, {"a/...", "a/b/c", true}, {"a/...", "ab", false},
	} {
		if got := matches(c.pattern, c.path); got != c.want {
			t.Errorf("matches(%q, %q) = %v", c.pattern, c.path, got)
		}
	}
}

func arrowOf(path string) (arrow, bool) {
	for _, a := range arrows {
		if matches(a.from, path) {
			return a, true
		}
	}
	return arrow{}, false
}

func matches(pattern, path string) bool {
	base, below := strings.CutSuffix(pattern, "/...")
	return path == base || below && strings.HasPrefix(path, base+"/")
}

// sameTree reports whether path lies in the folder tree that pattern names.
func sameTree(pattern, path string) bool {
	root, _, _ := strings.Cut(pattern, "/")
	return strings.HasPrefix(path+"/", root+"/") && root != "internal"
}

func inHouse(importPath string) string {
	return strings.TrimPrefix(importPath, caller.Module+"/")
}

func standard(importPath string) bool {
	first, _, _ := strings.Cut(importPath, "/")
	return !strings.Contains(first, ".")
}

// list returns the packages of the root module, as go list sees them.
func list(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Name,Imports,TestImports,XTestImports", "./...")
	cmd.Dir = root(t)
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("go list: %v\n%s", err, exit.Stderr)
		}
		t.Fatalf("go list: %v", err)
	}
	var all []pkg
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		all = append(all, p)
	}
	if len(all) < 5 {
		t.Fatalf("go list found %d packages; this test would prove nothing", len(all))
	}
	return all
}
