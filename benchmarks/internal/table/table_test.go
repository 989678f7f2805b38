package main

import (
	"errors"
	"strconv"
	"strings"
	"testing"
)

const output = `goos: linux
goarch: amd64
pkg: example.org/m/peers
cpu: Some CPU
# a remark in between
BenchmarkHit/lib=ours-2         	 100	        40.0 ns/op	       50.00 floor:ns/op	         0 floor:allocs/op	       8 B/op	       1 allocs/op
BenchmarkHit/lib=ours-2         	 100	        60.0 ns/op	       50.00 floor:ns/op	         0 floor:allocs/op	       8 B/op	       1 allocs/op
BenchmarkHit/lib=ours-2         	 100	        44.0 ns/op	       50.00 floor:ns/op	         0 floor:allocs/op	       8 B/op	       1 allocs/op
BenchmarkHit/lib=peer-10ms-2    	 100	      7100000 ns/op	       0 B/op	       0 allocs/op	       161.3 x-ours
BenchmarkWhole-2                	   1	        12 ns/op	        3.5 p50-µs	       10.00 floor:p50-µs
PASS
ok  	example.org/m/peers	28.407s
pkg: example.org/m
BenchmarkHit-16	5	1500 ns/op
`

func TestOutputBecomesOneTableForEachFunctionOfEachPackage(t *testing.T) {
	packages, err := parse(strings.NewReader(output))
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, p := range packages {
		got.WriteString(markdown(p))
	}
	const want = `### example.org/m/peers

| Hit | ns/op | x-ours | B/op | allocs/op | ± | floor |
|---|---:|---:|---:|---:|---:|---:|
| lib=ours | 44 ns | – | 8 | 1 | 23% | ≤ 50 ns pass, allocs/op ≤ 0 **missed** |
| lib=peer-10ms | 7.1 ms | 161 | 0 | 0 | – |  |

Median of 3.

| Whole | ns/op | p50-µs | ± | floor |
|---|---:|---:|---:|---:|
| – | 12 ns | 3.5 µs | – | p50-µs ≤ 10 µs pass |

Median of 1.

### example.org/m

| Hit | ns/op | ± |
|---|---:|---:|
| – | 1.5 µs | – |

Median of 1.

`
	if got.String() != want {
		t.Errorf("got\n%s\nwant\n%s", got.String(), want)
	}
}

func TestFloorsOfAllPackagesStandInOneTable(t *testing.T) {
	packages, err := parse(strings.NewReader(output))
	if err != nil {
		t.Fatal(err)
	}
	const want = `| benchmark | unit | measured | floor |  |
|---|---:|---:|---:|---:|
| Hit/lib=ours | ns/op | 44 ns | ≤ 50 ns | pass |
| Hit/lib=ours | allocs/op | 1 | ≤ 0 | **missed** |
| Whole | p50-µs | 3.5 µs | ≤ 10 µs | pass |
`
	if got := floors(packages); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestNothingToShowIsAnError(t *testing.T) {
	for _, input := range []string{"", "PASS\nok  \texample.org/m\t0.1s\n", "BenchmarkStarted\nBenchmarkX some words here too\n"} {
		if _, err := parse(strings.NewReader(input)); !errors.Is(err, errNoResults) {
			t.Errorf("parse(%q) returns the error %v, want errNoResults", input, err)
		}
	}
}

func TestAFailedRunIsAnError(t *testing.T) {
	for _, line := range []string{"--- FAIL: BenchmarkHit", "FAIL\texample.org/m\t1s", "panic: oh"} {
		if _, err := parse(strings.NewReader(output + line + "\n")); err == nil || !strings.Contains(err.Error(), strconv.Quote(line)) {
			t.Errorf("after %q the error is %v, want one that shows the line", line, err)
		}
	}
}

func TestResultLines(t *testing.T) {
	for _, c := range []struct {
		line, name string
		metrics    int
		ok         bool
	}{
		{"BenchmarkA-2 1 2 ns/op", "A", 1, true},
		{"BenchmarkA/b-c-2 1 2e3 ns/op 0.5 missed/op", "A/b-c", 2, true},
		{"BenchmarkA/poll-10ms 1 2 ns/op", "A/poll-10ms", 1, true},
		{"BenchmarkA-2 1 2 ns/op 3", "", 0, false},
		{"BenchmarkA-2 x 2 ns/op", "", 0, false},
		{"BenchmarkA-2 1 x ns/op", "", 0, false},
		{"BenchmarkA-2 1", "", 0, false},
		{"Bench 1 2 ns/op", "", 0, false},
		{"", "", 0, false},
	} {
		name, metrics, ok := result(c.line)
		if name != c.name || len(metrics) != c.metrics || ok != c.ok {
			t.Errorf("result(%q) = %q, %v, %v", c.line, name, metrics, ok)
		}
	}
}

func TestDurationsHaveThreeDigitsAndTheNearestUnit(t *testing.T) {
	for ns, want := range map[float64]string{
		0: "0 ns", 1.234: "1.23 ns", 11.56: "11.6 ns", 999.4: "999 ns", 999.6: "1 µs", 1446: "1.45 µs", 123456: "123 µs",
		999_600: "1 ms", 12_188_318: "12.2 ms", 1_500_000_000: "1.5 s", 15_800_000_000: "15.8 s", 200_000_000_000: "200 s",
	} {
		if got := duration(ns); got != want {
			t.Errorf("duration(%v) = %q, want %q", ns, got, want)
		}
	}
}

func TestCountsAndRatios(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 17: "17", 161.31: "161", 0.8796: "0.88", 83448.4: "83448", 5559600: "5559600"} {
		if got := show("x-ours", v); got != want {
			t.Errorf("show(%v) = %q, want %q", v, got, want)
		}
	}
}

func TestAPipeInANameDoesNotSplitItsCell(t *testing.T) {
	got := table{header: []string{"a"}, rows: [][]string{{"x|y"}}}.String()
	if want := "| a |\n|---|\n| x\\|y |\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
