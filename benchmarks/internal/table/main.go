// Command table turns the output of go test -bench into Markdown tables.
//
//	go test -bench . -count=5 ./benchmarks/peers | go run ./benchmarks/internal/table
//
// Each package becomes a heading and each benchmark function a table: one row
// for each sub-benchmark, one column for each unit, and in each cell the median
// of all runs. ± is half the range of ns/op in percent of the median: how noisy
// the machine was. A metric floor:UNIT is not a column but says what UNIT may be
// at most; its row says whether that is kept.
//
// With -floors only one table is printed, of all floors.
//
// Lines that are not results are passed over; if there is no result at all, or a
// line says that a package or a benchmark failed, the command fails.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	floorsOnly := flag.Bool("floors", false, "print one table of all floors instead")
	flag.Parse()
	packages, err := parse(os.Stdin)
	if err != nil {
		fmt.Fprintln(os.Stderr, "table:", err)
		os.Exit(1)
	}
	if *floorsOnly {
		fmt.Print(floors(packages))
		return
	}
	for _, p := range packages {
		fmt.Print(markdown(p))
	}
}
