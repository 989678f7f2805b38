package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/sleepless-go/sleepless/benchmarks/internal/quantile"
)

// pkg is what the output tells of one package.
type pkg struct {
	path   string
	groups []*group
}

// group is one benchmark function.
type group struct {
	name string
	rows []*row
	runs int // the most runs that a row has
}

// row is one sub-benchmark, or the function itself.
type row struct {
	name    string
	units   []string // in the order of the output
	metrics map[string]*quantile.Sample
}

var errNoResults = errors.New("no benchmark results on standard input; pipe in the output of go test -bench")

// parse reads the output of go test -bench, of any number of packages and runs.
func parse(from io.Reader) ([]*pkg, error) {
	var all []*pkg
	path := ""
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		line := lines.Text()
		if strings.HasPrefix(line, "--- FAIL") || strings.HasPrefix(line, "FAIL") || strings.HasPrefix(line, "panic:") {
			return nil, fmt.Errorf("the run failed, so its results are not worth a table: %q", line)
		}
		if p, ok := strings.CutPrefix(line, "pkg: "); ok {
			path = p
			continue
		}
		name, metrics, ok := result(line)
		if !ok {
			continue
		}
		p := find(&all, func(p *pkg) bool { return p.path == path }, func() *pkg { return &pkg{path: path} })
		function, sub, _ := strings.Cut(name, "/")
		g := find(&p.groups, func(g *group) bool { return g.name == function }, func() *group { return &group{name: function} })
		r := find(&g.rows, func(r *row) bool { return r.name == sub }, func() *row { return &row{name: sub, metrics: map[string]*quantile.Sample{}} })
		r.add(metrics)
		g.runs = max(g.runs, r.metrics[r.units[0]].Len())
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("reading standard input: %w", err)
	}
	if len(all) == 0 {
		return nil, errNoResults
	}
	return all, nil
}

// find returns the element of that kind, appending a new one if there is none.
func find[T any](all *[]*T, is func(*T) bool, make func() *T) *T {
	if i := slices.IndexFunc(*all, is); i >= 0 {
		return (*all)[i]
	}
	*all = append(*all, make())
	return (*all)[len(*all)-1]
}

// metric is one figure of a result line.
type metric struct {
	unit  string
	value float64
}

// result reads a line such as
//
//	BenchmarkHit/lib=x-2   100   69.7 ns/op   0 B/op
//
// The name is returned without "Benchmark" and without the number of processors.
func result(line string) (name string, metrics []metric, ok bool) {
	fields := strings.Fields(line)
	if len(fields) < 4 || len(fields)%2 != 0 || !strings.HasPrefix(fields[0], "Benchmark") {
		return "", nil, false
	}
	if _, err := strconv.Atoi(fields[1]); err != nil {
		return "", nil, false
	}
	for i := 2; i < len(fields); i += 2 {
		value, err := strconv.ParseFloat(fields[i], 64)
		if err != nil {
			return "", nil, false
		}
		metrics = append(metrics, metric{fields[i+1], value})
	}
	return withoutProcs(strings.TrimPrefix(fields[0], "Benchmark")), metrics, true
}

// withoutProcs cuts the "-2" that go test appends to a name.
func withoutProcs(name string) string {
	if i := strings.LastIndexByte(name, '-'); i >= 0 {
		if _, err := strconv.Atoi(name[i+1:]); err == nil {
			return name[:i]
		}
	}
	return name
}

func (r *row) add(metrics []metric) {
	for _, m := range metrics {
		if r.metrics[m.unit] == nil {
			r.metrics[m.unit] = &quantile.Sample{}
			r.units = append(r.units, m.unit)
		}
		r.metrics[m.unit].Add(m.value)
	}
}

// median returns the median of a metric over all runs.
func (r *row) median(unit string) (float64, bool) {
	s := r.metrics[unit]
	if s == nil {
		return 0, false
	}
	return s.Median(), true
}
