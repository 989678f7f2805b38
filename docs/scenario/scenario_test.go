package scenario

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

func TestAServiceOutsideTheRepositoryIsTestedWithWhatTheDocumentsTeach(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no scenario found: %v", err)
	}
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			s := unpack(t, archive)
			s.run(t, "go", "mod", "init", "example.com/"+strings.TrimSuffix(filepath.Base(name), ".txtar"))
			s.run(t, "go", "mod", "edit", "-require=github.com/sleepless-go/sleepless@v0.0.0",
				"-replace=github.com/sleepless-go/sleepless="+root(t))
			s.run(t, "go", "mod", "tidy")
			s.run(t, "go", "vet", "./...")
			s.run(t, "go", "test", "-race", "-count=2", "-shuffle=on", "./...")
			if len(s.faults) == 0 {
				t.Error("the archive has no faults/ files, so nothing shows that its tests can fail")
			}
			for _, f := range s.faults {
				f.mustBeNoticed(t, s)
			}
		})
	}
}

// scratch is a module of somebody else.
type scratch struct {
	dir    string
	faults []fault
}

// fault is a way to break the service: a file faults/NAME.txt holds the file
// name, a line "== old", the piece to replace, a line "== new" and the other.
type fault struct{ name, file, old, new string }

func unpack(t *testing.T, archive *txtar.Archive) scratch {
	t.Helper()
	s := scratch{dir: t.TempDir()}
	for _, f := range archive.Files {
		if name, ok := strings.CutPrefix(f.Name, "faults/"); ok {
			s.faults = append(s.faults, parseFault(t, name, string(f.Data)))
			continue
		}
		path := filepath.Join(s.dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func parseFault(t *testing.T, name, text string) fault {
	t.Helper()
	file, rest, ok1 := strings.Cut(text, "\n== old\n")
	old, new, ok2 := strings.Cut(rest, "== new\n")
	if !ok1 || !ok2 {
		t.Fatalf("faults/%s is not of the form FILE, == old, piece, == new, piece", name)
	}
	return fault{name, strings.TrimSpace(file), old, new}
}

func (f fault) mustBeNoticed(t *testing.T, s scratch) {
	t.Helper()
	path := filepath.Join(s.dir, filepath.FromSlash(f.file))
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(good), f.old); n != 1 {
		t.Fatalf("fault %s: the piece occurs %d times in %s, not once", f.name, n, f.file)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(good), f.old, f.new, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	s.run(t, "go", "vet", "./...")
	test := s.command("go", "test", "-count=1", "-timeout=60s", "./...")
	test.Env = append(test.Env, "EVENTUALLY_SCALE=0.1") // a wait in vain need not take 5 s
	out, err := test.CombinedOutput()
	switch {
	case err == nil:
		t.Errorf("fault %s was not noticed by the service's tests", f.name)
	case !strings.Contains(string(out), "eventually: ") && !strings.Contains(string(out), "telemetrytest: "):
		t.Errorf("fault %s was noticed, but no report of ours says how:\n%s", f.name, out)
	default:
		t.Logf("fault %s:\n%s", f.name, out)
	}
	if err := os.WriteFile(path, good, 0o644); err != nil {
		t.Fatal(err)
	}
}

func (s scratch) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod")
	return cmd
}

func (s scratch) run(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := s.command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "go.work")); err != nil {
		t.Fatal(err)
	}
	return dir
}
