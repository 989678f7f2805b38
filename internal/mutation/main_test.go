package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEveryMutantFitsTheCode(t *testing.T) {
	t.Chdir("../..")
	seen := map[string]bool{}
	for _, m := range mutants {
		if seen[m.name] {
			t.Errorf("two mutants are called %q", m.name)
		}
		seen[m.name] = true
		if m.old == m.new {
			t.Errorf("%s: changes nothing", m.name)
		}
		if _, err := m.overlay(t.TempDir()); err != nil {
			t.Errorf("%s: %v", m.name, err)
		}
		for _, pkg := range m.test {
			if found, _ := filepath.Glob(filepath.Join(pkg, "*_test.go")); len(found) == 0 {
				t.Errorf("%s: %s has no tests that could notice", m.name, pkg)
			}
		}
	}
}

func TestOverlayReplacesThePieceAndLeavesTheTreeAlone(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "a.go")
	if err := os.WriteFile(file, []byte("one two three"), 0o600); err != nil {
		t.Fatal(err)
	}
	m := mutant{name: "m", file: file, old: "two", new: "2"}
	description, err := m.overlay(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(description)
	if err != nil {
		t.Fatal(err)
	}
	var overlay struct{ Replace map[string]string }
	if err := json.Unmarshal(text, &overlay); err != nil {
		t.Fatal(err)
	}
	if mutated, err := os.ReadFile(overlay.Replace[file]); err != nil || string(mutated) != "one 2 three" {
		t.Errorf("mutated = %q, %v", mutated, err)
	}
	if original, err := os.ReadFile(file); err != nil || string(original) != "one two three" {
		t.Errorf("original = %q, %v", original, err)
	}
}

func TestAPieceThatDoesNotOccurOnceIsStale(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.go")
	if err := os.WriteFile(file, []byte("a a"), 0o600); err != nil {
		t.Fatal(err)
	}
	for old, want := range map[string]string{"a": "occurs 2 times", "b": "occurs 0 times"} {
		if _, err := (mutant{file: file, old: old}).overlay(t.TempDir()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("piece %q: %v, want %q", old, err, want)
		}
	}
}

func TestWitnessPicksWhoNoticed(t *testing.T) {
	for out, want := range map[string]string{
		"ok\n--- FAIL: TestX (0.00s)\n    x.go:1\nFAIL\n": "--- FAIL: TestX (0.00s)",
		"panic: test timed out after 1s\n":                "panic: test timed out after 1s",
		"  fatal error: all goroutines are asleep\n":      "fatal error: all goroutines are asleep",
		"FAIL\tpkg\t0.1s\n":                               "exit status",
	} {
		if got := witness([]byte(out)); got != want {
			t.Errorf("witness(%q) = %q, want %q", out, got, want)
		}
	}
}

func TestChooseGoesByTheName(t *testing.T) {
	if n := len(choose("")); n != len(mutants) {
		t.Errorf("%d of %d mutants without a name", n, len(mutants))
	}
	for _, m := range choose("cache") {
		if !strings.Contains(m.name, "cache") {
			t.Errorf("%q was chosen", m.name)
		}
	}
	if n := len(choose("no such mutant")); n != 0 {
		t.Errorf("%d mutants of no such name", n)
	}
}
