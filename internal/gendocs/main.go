// Command gendocs writes docs/EVENTS.md from the catalogue of events.
//
//	go run ./internal/gendocs          # write it
//	go run ./internal/gendocs -check   # exit 1 if the committed file differs
//
// Run it from the root of the module, or name that with -root. A package that
// declares events adds its line to events.go.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sleepless-go/sleepless/foundation/telemetry"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run is main with its surroundings as arguments; it returns the exit status:
// 0 done, 1 the file differs, 2 it could not be read or written.
func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("gendocs", flag.ContinueOnError)
	flags.SetOutput(stderr)
	check := flags.Bool("check", false, "compare with the committed file instead of writing it")
	root := flags.String("root", ".", "root of the module")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	file := filepath.Join(*root, "docs", "EVENTS.md")
	want := page(telemetry.Catalogue())
	if *check {
		return compare(file, want, stdout, stderr)
	}
	if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
		fmt.Fprintln(stderr, "gendocs:", err)
		return 2
	}
	fmt.Fprintln(stdout, "wrote", file)
	return 0
}

func compare(file, want string, stdout, stderr io.Writer) int {
	got, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintln(stderr, "gendocs:", err)
		return 2
	}
	if hint := difference(string(got), want); hint != "" {
		fmt.Fprintf(stderr, "%s is not what the events say; run go run ./internal/gendocs\n%s", file, hint)
		return 1
	}
	fmt.Fprintln(stdout, file, "is current")
	return 0
}
