package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// markdown renders one package.
func markdown(p *pkg) string {
	var out strings.Builder
	fmt.Fprintf(&out, "### %s\n\n", p.path)
	for _, g := range p.groups {
		units := g.columns()
		header := append([]string{g.name}, units...)
		header = append(header, "±")
		floored := slices.ContainsFunc(g.rows, func(r *row) bool { return len(r.floors()) > 0 })
		if floored {
			header = append(header, "floor")
		}
		t := table{header: header}
		for _, r := range g.rows {
			cells := []string{orDash(r.name)}
			for _, unit := range units {
				cells = append(cells, r.cell(unit))
			}
			cells = append(cells, r.noise())
			if floored {
				cells = append(cells, r.verdicts())
			}
			t.rows = append(t.rows, cells)
		}
		out.WriteString(t.String())
		fmt.Fprintf(&out, "\nMedian of %d.\n\n", g.runs)
	}
	return out.String()
}

// floors renders every floor of every package in one table.
func floors(packages []*pkg) string {
	t := table{header: []string{"benchmark", "unit", "measured", "floor", ""}}
	for _, p := range packages {
		for _, g := range p.groups {
			for _, r := range g.rows {
				for _, f := range r.floors() {
					name := strings.TrimSuffix(g.name+"/"+r.name, "/")
					t.rows = append(t.rows, []string{name, f.unit, show(f.unit, f.measured), "≤ " + show(f.unit, f.most), f.verdict()})
				}
			}
		}
	}
	return t.String()
}

const floorPrefix = "floor:"

// columns returns the units of a group: time first, memory last, in between in
// the order of the output.
func (g *group) columns() []string {
	var units []string
	for _, r := range g.rows {
		for _, unit := range r.units {
			if !strings.HasPrefix(unit, floorPrefix) && !slices.Contains(units, unit) {
				units = append(units, unit)
			}
		}
	}
	slices.SortStableFunc(units, func(a, b string) int { return place(a) - place(b) })
	return units
}

func place(unit string) int {
	if i := slices.Index([]string{"ns/op", "", "B/op", "allocs/op"}, unit); i >= 0 {
		return i
	}
	return 1
}

func (r *row) cell(unit string) string {
	v, ok := r.median(unit)
	if !ok {
		return "–"
	}
	return show(unit, v)
}

// show renders a figure; one in nanoseconds as a duration of three digits.
func show(unit string, v float64) string {
	if strings.HasPrefix(unit, "ns/") {
		return duration(v)
	}
	if strings.HasSuffix(unit, "-µs") {
		return duration(v * 1e3)
	}
	if v == math.Trunc(v) || math.Abs(v) >= 1000 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

func duration(ns float64) string {
	for _, u := range []struct {
		name string
		size time.Duration
	}{{"s", time.Second}, {"ms", time.Millisecond}, {"µs", time.Microsecond}} {
		// The half digit: what rounds up to 1000 of a unit is 1 of the next.
		if ns >= float64(u.size)*0.9995 {
			return digits(ns/float64(u.size)) + " " + u.name
		}
	}
	return digits(ns) + " ns"
}

// digits shows three digits, and more only before the point.
func digits(v float64) string {
	if v >= 100 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

// noise returns half the range of ns/op in percent of the median.
func (r *row) noise() string {
	s := r.metrics["ns/op"]
	if s == nil || s.Len() < 2 || s.Median() == 0 {
		return "–"
	}
	return fmt.Sprintf("%.0f%%", 50*(s.At(1)-s.At(0))/s.Median())
}

// kept is one floor and what was measured against it.
type kept struct {
	unit           string
	measured, most float64
}

func (k kept) verdict() string {
	if k.measured <= k.most {
		return "pass"
	}
	return "**missed**"
}

// floors returns the floors of a row, those of time first.
func (r *row) floors() []kept {
	var all []kept
	for _, unit := range r.units {
		of, ok := strings.CutPrefix(unit, floorPrefix)
		if !ok {
			continue
		}
		if measured, there := r.median(of); there {
			most, _ := r.median(unit)
			all = append(all, kept{of, measured, most})
		}
	}
	slices.SortStableFunc(all, func(a, b kept) int { return place(a.unit) - place(b.unit) })
	return all
}

func (r *row) verdicts() string {
	var all []string
	for _, f := range r.floors() {
		text := fmt.Sprintf("≤ %s %s", show(f.unit, f.most), f.verdict())
		if !strings.HasPrefix(f.unit, "ns/") {
			text = f.unit + " " + text
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// table is a Markdown table whose first column is text and whose others are
// figures.
type table struct {
	header []string
	rows   [][]string
}

func (t table) String() string {
	var out strings.Builder
	line := func(cells []string) {
		escaped := make([]string, len(cells))
		for i, c := range cells {
			escaped[i] = strings.ReplaceAll(c, "|", `\|`)
		}
		fmt.Fprintf(&out, "| %s |\n", strings.Join(escaped, " | "))
	}
	line(t.header)
	out.WriteString("|---|" + strings.Repeat("---:|", len(t.header)-1) + "\n")
	for _, r := range t.rows {
		line(r)
	}
	return out.String()
}
