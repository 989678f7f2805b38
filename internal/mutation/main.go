// Command mutation breaks the project on purpose, one place at a time, and
// checks that the tests notice. A mutant that survives is a test that cannot
// fail.
//
//	go run ./internal/mutation             all mutants
//	go run ./internal/mutation -list       their names
//	go run ./internal/mutation -run never  those whose name contains "never"
//
// A mutant replaces one piece of one file by another, through go test's
// -overlay: the tree itself is never written. It is caught if the tests of the
// packages it names fail, by whatever means: an assertion, a panic or the
// time-out. They run with -short first and then all. A mutant that does not compile, or whose piece is not found
// exactly once, is stale and an error: mend it together with the code.
//
// Exit status: 0 if every mutant is caught, 1 if one survives or is stale, 2 if
// it was called wrongly.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"
)

// mutant is one way to break the project.
type mutant struct {
	name string // what is broken, in words
	file string
	old  string // occurs exactly once in file
	new  string
	// test names the packages whose tests must notice.
	test []string
}

type verdict struct {
	mutant
	caught bool
	err    error // the mutant is stale, or could not be tried
	by     string
	took   time.Duration
}

func main() {
	list := flag.Bool("list", false, "print the names of the mutants and exit")
	run := flag.String("run", "", "try only mutants whose name contains this")
	limit := flag.Duration("timeout", 40*time.Second, "time-out of one package's tests, a quarter of it with -short; a test that hangs is a mutant caught")
	jobs := flag.Int("p", runtime.NumCPU(), "mutants tried at the same time")
	flag.Parse()
	if flag.NArg() > 0 || *jobs < 1 || *limit <= 0 {
		flag.Usage()
		os.Exit(2)
	}
	chosen := choose(*run)
	if len(chosen) == 0 {
		fmt.Fprintf(os.Stderr, "mutation: no mutant's name contains %q; see -list\n", *run)
		os.Exit(2)
	}
	if *list {
		for _, m := range chosen {
			fmt.Println(m.name)
		}
		return
	}
	os.Exit(report(try(chosen, *jobs, *limit)))
}

func choose(part string) []mutant {
	var chosen []mutant
	for _, m := range mutants {
		if strings.Contains(m.name, part) {
			chosen = append(chosen, m)
		}
	}
	return chosen
}

// try returns a verdict for each mutant, in order of the list.
func try(chosen []mutant, jobs int, limit time.Duration) []verdict {
	verdicts := make([]verdict, len(chosen))
	next := make(chan int)
	var workers sync.WaitGroup
	for range jobs {
		workers.Go(func() {
			for i := range next {
				start := time.Now()
				v := chosen[i].try(limit)
				v.took = time.Since(start)
				verdicts[i] = v
			}
		})
	}
	for i := range chosen {
		next <- i
	}
	close(next)
	workers.Wait()
	return verdicts
}

// try breaks the project in one way and runs the tests.
func (m mutant) try(limit time.Duration) verdict {
	v := verdict{mutant: m}
	dir, err := os.MkdirTemp("", "mutant")
	if err != nil {
		v.err = err
		return v
	}
	defer os.RemoveAll(dir)
	overlay, err := m.overlay(dir)
	if err != nil {
		v.err = err
		return v
	}
	binaries := make([]string, len(m.test))
	for i, pkg := range m.test {
		binaries[i] = filepath.Join(dir, fmt.Sprintf("%d.test", i))
		// Without debug information the linker takes half the time.
		args := []string{"test", "-c", "-overlay", overlay, "-ldflags=-s -w", "-o", binaries[i], pkg}
		if out, err := command(limit, ".", "go", args...); err != nil {
			v.err = fmt.Errorf("the mutant does not build: %w\n%s", err, out)
			return v
		}
	}
	// Most mutants are noticed by a quick test, so the slow ones come after.
	for _, r := range []round{{limit / 4, []string{"-test.short"}}, {limit, nil}} {
		for i, pkg := range m.test {
			if v.caught, v.by, v.err = r.run(binaries[i], pkg); v.caught || v.err != nil {
				return v
			}
		}
	}
	return v
}

// round is one way to run tests.
type round struct {
	limit time.Duration
	args  []string
}

// run runs a test binary as go test does, and tells whether it fails.
func (r round) run(binary, pkg string) (failed bool, by string, err error) {
	args := append([]string{"-test.failfast", "-test.paniconexit0", "-test.timeout", r.limit.String()}, r.args...)
	out, err := command(r.limit+time.Minute, pkg, binary, args...)
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return true, witness(out), nil
	}
	return false, "", err
}

// overlay writes the mutated copy of the file, and the description of the
// overlay that go test wants.
func (m mutant) overlay(dir string) (string, error) {
	original, err := os.ReadFile(m.file)
	if err != nil {
		return "", err
	}
	if n := bytes.Count(original, []byte(m.old)); n != 1 {
		return "", fmt.Errorf("the piece to replace occurs %d times in %s, not once", n, m.file)
	}
	target, err := filepath.Abs(m.file)
	if err != nil {
		return "", err
	}
	copied := filepath.Join(dir, filepath.Base(m.file))
	if err := os.WriteFile(copied, bytes.Replace(original, []byte(m.old), []byte(m.new), 1), 0o600); err != nil {
		return "", err
	}
	text, err := json.Marshal(map[string]map[string]string{"Replace": {target: copied}})
	if err != nil {
		return "", err
	}
	description := filepath.Join(dir, "overlay.json")
	return description, os.WriteFile(description, text, 0o600)
}

func command(limit time.Duration, dir, name string, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	return cmd.CombinedOutput()
}

// witness picks the line of go test's output that says who noticed.
func witness(out []byte) string {
	for line := range strings.Lines(string(out)) {
		trimmed := strings.TrimSpace(line)
		for _, sign := range []string{"--- FAIL: ", "[FAIL] ", "panic: ", "fatal error: ", "WARNING: DATA RACE"} {
			if strings.Contains(trimmed, sign) {
				return trimmed
			}
		}
	}
	return "exit status"
}

func report(verdicts []verdict) (status int) {
	survived := 0
	for _, v := range verdicts {
		switch {
		case v.err != nil:
			status = 1
			fmt.Printf("STALE     %s\n          %v\n", v.name, v.err)
		case !v.caught:
			status = 1
			survived++
			fmt.Printf("SURVIVED  %s\n          %s: the tests of %v pass\n", v.name, v.file, v.test)
		default:
			fmt.Printf("caught    %-60s %5.1fs  %s\n", v.name, v.took.Seconds(), v.by)
		}
	}
	fmt.Printf("%d mutants, %d survived\n", len(verdicts), survived)
	return status
}
