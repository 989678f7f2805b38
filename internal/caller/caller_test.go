package caller

import (
	"strings"
	"testing"
)

func never(string) bool  { return false }
func always(string) bool { return true }

func capture() Stack { return Capture(0) }

func TestCaptureNamesTheCallerOfTheCapturingFunction(t *testing.T) {
	site := capture().Outside(never)
	if !strings.HasSuffix(site.Func, "TestCaptureNamesTheCallerOfTheCapturingFunction") {
		t.Errorf("site = %v, want this test", site)
	}
	if s := site.String(); !strings.HasPrefix(s, "caller.TestCapture") || !strings.Contains(s, " caller_test.go:") {
		t.Errorf("String() = %q", s)
	}
}

func TestOutsideSkipsPackagesButNotTheirTestFiles(t *testing.T) {
	here := capture()
	if site := here.Outside(always); !strings.HasSuffix(site.File, "caller_test.go") {
		t.Errorf("site = %v, want this file though its package is skipped", site)
	}
	var unknown Stack
	if got := unknown.Outside(never).String(); got != "unknown" {
		t.Errorf("empty stack: %q, want unknown", got)
	}
}

func TestPackage(t *testing.T) {
	for function, want := range map[string]string{
		"main.main":                            "main",
		"runtime.goexit":                       "runtime",
		"example.com/a/b.(*T).M.func1":         "example.com/a/b",
		"example.com/a/b%2ev2.F":               "example.com/a/b%2ev2",
		"example.com/a/b.F[...]":               "example.com/a/b",
		"example.com/a/b.(*T[...]).M":          "example.com/a/b",
		"example.com/a/b.F[go.shape.int]":      "example.com/a/b",
		"example.com/a/b.F[example.com/c/d.T]": "example.com/a/b",
		"":                                     "",
	} {
		if got := Package(function); got != want {
			t.Errorf("Package(%q) = %q, want %q", function, got, want)
		}
	}
}
