package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sleepless-go/sleepless/foundation/telemetry"
)

func TestTheCommittedPageIsCurrent(t *testing.T) {
	var out, errs strings.Builder
	if status := run([]string{"-check", "-root", "../.."}, &out, &errs); status != 0 {
		t.Fatalf("exit status %d: %s", status, errs.String())
	}
}

func TestWriteThenCheckThenEditThenCheck(t *testing.T) {
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "docs"), 0o755); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(root, "docs", "EVENTS.md")
	for _, step := range []struct {
		name   string
		before func() error
		args   []string
		status int
		stderr string
	}{
		{"check without a file", nil, []string{"-check"}, 1, "go run ./internal/gendocs\nfirst difference in line 1:\n- \n+ # Events"},
		{"write", nil, nil, 0, ""},
		{"check", nil, []string{"-check"}, 0, ""},
		{"check after an edit", func() error { return appendTo(file, "x\n") }, []string{"-check"}, 1, "- x\n"},
		{"check after truncation", func() error { return os.WriteFile(file, []byte("# Events\n"), 0o644) }, []string{"-check"}, 1, "- (end of file)\n"},
		{"unknown flag", nil, []string{"-nonsense"}, 2, "-nonsense"},
		{"a directory in its place", func() error { return errors.Join(os.Remove(file), os.Mkdir(file, 0o755)) }, []string{"-check"}, 2, "gendocs: "},
		{"no directory", func() error { return os.RemoveAll(filepath.Join(root, "docs")) }, nil, 2, "gendocs: "},
	} {
		if step.before != nil {
			if err := step.before(); err != nil {
				t.Fatal(err)
			}
		}
		var out, errs strings.Builder
		args := append([]string{"-root", root}, step.args...)
		if status := run(args, &out, &errs); status != step.status || !strings.Contains(errs.String(), step.stderr) {
			t.Errorf("%s: status %d, stderr %q; want %d, …%q…", step.name, status, errs.String(), step.status, step.stderr)
		}
	}
}

func appendTo(file, text string) error {
	old, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(old, text...), 0o644)
}

func TestThePageDependsOnNothingButTheDeclarations(t *testing.T) {
	events := telemetry.Catalogue()
	want := page(events)
	slices.Reverse(events)
	if got := page(events); got != want {
		t.Errorf("another order of events gave another page: %s", difference(got, want))
	}
	for _, machine := range []string{events[0].File, ".go:"} {
		if strings.Contains(want, machine) {
			t.Errorf("the page holds %q, which changes from machine to machine or with each edit", machine)
		}
	}
}

func TestTableCells(t *testing.T) {
	d := &telemetry.Descriptor{Name: "a.b", Doc: "One|two\nthree.", Package: "p"}
	if got := page([]*telemetry.Descriptor{d}); !strings.Contains(got, "| `a.b` | One\\|two three. |  |\n") {
		t.Errorf("page:\n%s", got)
	}
}
