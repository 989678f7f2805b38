package eventually

import (
	"slices"
	"testing"
	"time"
)

type Base struct{ Name string }

type base struct{ Place string }

type sample struct {
	Base
	base
	At     time.Time
	Tags   []string
	hidden string
	count  int
	list   []int
}

func TestAPatternComparesTheFieldsThatAreSet(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	full := sample{Base{"a"}, base{"here"}, now, []string{"x"}, "h", 7, []int{1}}
	for name, row := range map[string]struct {
		want sample
		diff []string
	}{
		"embedded":            {sample{Base: Base{"b"}}, []string{`Name: "a" is not "b"`}},
		"embedded unexported": {sample{base: base{"there"}}, []string{`Place: "here" is not "there"`}},
		"times by instant":    {sample{At: now.In(time.FixedZone("x", 3600))}, nil},
		"another time":        {sample{At: now.Add(1)}, []string{"At: 2026-01-02 03:04:05 +0000 UTC is not 2026-01-02 03:04:05.000000001 +0000 UTC"}},
		"deep":                {sample{Tags: []string{"x"}}, nil},
		"unexported":          {sample{hidden: "i", count: 7}, []string{`hidden: "h" is not "i"`}},
		"unexported number":   {sample{count: 8}, []string{"count: 7 is not 8"}},
		"several":             {sample{Base: Base{"b"}, Tags: []string{"y"}}, []string{`Name: "a" is not "b"`, "Tags: [x] is not [y]"}},
	} {
		if got := newPattern(row.want).differences(full); !slices.Equal(got, row.diff) {
			t.Errorf("%s: %q, want %q", name, got, row.diff)
		}
		if got := newPattern(&row.want).differences(&full); !slices.Equal(got, row.diff) {
			t.Errorf("%s, by pointer: %q, want %q", name, got, row.diff)
		}
	}
	if got := newPattern(&sample{count: 1}).differences(nil); !slices.Equal(got, []string{"it is nil"}) {
		t.Errorf("of nil: %q", got)
	}
}

func TestAPatternOfAnInterfaceComparesTypesToo(t *testing.T) {
	p := newPattern[any](Base{"a"})
	for want, e := range map[string]any{"it is a int": 7, "it is a eventually.base": base{"a"}, "it is a <nil>": nil} {
		if got := p.differences(e); !slices.Equal(got, []string{want}) {
			t.Errorf("%v: %q, want %q", e, got, want)
		}
	}
	if got := p.differences(Base{"a"}); got != nil {
		t.Errorf("of its own: %q", got)
	}
}

func TestAPatternThatMakesNoSensePanics(t *testing.T) {
	mustPanic(t, "compares the fields of a struct, and int is none", func() { newPattern(7) })
	mustPanic(t, "compares the fields of a struct, and *eventually.Base is none", func() { newPattern((*Base)(nil)) })
	mustPanic(t, "would match every event", func() { newPattern(Base{}) })
	mustPanic(t, "cannot compare the unexported field list []int of eventually.sample", func() { newPattern(sample{list: []int{1}}) })
}
