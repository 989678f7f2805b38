package eventually

import (
	"fmt"
	"reflect"
	"time"
)

// pattern compares events with a sample, field by field; fields that the sample
// leaves zero match anything.
type pattern[E any] struct {
	sample reflect.Type // of the struct, behind the pointer if ptr
	ptr    bool
	wanted []wantedField
}

type wantedField struct {
	path  []int
	name  string
	value reflect.Value
}

// newPattern panics if E is not a struct or a non-nil pointer to one, or if the
// sample sets nothing: such a pattern would match every event.
func newPattern[E any](sample E) *pattern[E] {
	v := reflect.ValueOf(sample)
	p := &pattern[E]{}
	if v.Kind() == reflect.Pointer && !v.IsNil() {
		v, p.ptr = v.Elem(), true
	}
	if v.Kind() != reflect.Struct {
		panic(fmt.Sprintf("eventually: EventLike compares the fields of a struct, and %T is none; use Event with a function", sample))
	}
	p.sample = v.Type()
	p.collect(v, nil)
	if len(p.wanted) == 0 {
		panic(fmt.Sprintf("eventually: EventLike with a zero %T would match every event; set the fields that matter", sample))
	}
	return p
}

func (p *pattern[E]) collect(v reflect.Value, path []int) {
	for i := range v.NumField() {
		f, sf := v.Field(i), v.Type().Field(i)
		here := append(append([]int(nil), path...), i)
		switch {
		case f.IsZero():
		case sf.Anonymous && f.Kind() == reflect.Struct:
			p.collect(f, here)
		case !f.CanInterface() && !f.Comparable():
			panic(fmt.Sprintf("eventually: EventLike cannot compare the unexported field %s %s of %s; use Event with a function", sf.Name, sf.Type, p.sample))
		default:
			p.wanted = append(p.wanted, wantedField{here, sf.Name, f})
		}
	}
}

// differences returns for instance `Key: "b" is not "a"`, one line for each
// field that differs.
func (p *pattern[E]) differences(e E) []string {
	v := reflect.ValueOf(e)
	if p.ptr && v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return []string{"it is nil"}
		}
		v = v.Elem()
	}
	if !v.IsValid() || v.Type() != p.sample { // E is an interface
		return []string{fmt.Sprintf("it is a %T", e)}
	}
	var diffs []string
	for _, w := range p.wanted {
		if got := v.FieldByIndex(w.path); !same(got, w.value) {
			diffs = append(diffs, fmt.Sprintf("%s: %s is not %s", w.name, showField(got), showField(w.value)))
		}
	}
	return diffs
}

// same compares two values of one field: times by instant, others deeply. Of
// unexported fields reflect compares only those of comparable types.
func same(a, b reflect.Value) bool {
	if !a.CanInterface() {
		return a.Comparable() && a.Equal(b)
	}
	x, y := a.Interface(), b.Interface()
	if t, ok := x.(time.Time); ok {
		u, ok := y.(time.Time)
		return ok && t.Equal(u)
	}
	return reflect.DeepEqual(x, y)
}

func showField(v reflect.Value) string {
	switch {
	case v.CanInterface():
		return oneLine(show(v.Interface()))
	case v.Kind() == reflect.String:
		return oneLine(fmt.Sprintf("%q", v.String()))
	default:
		return oneLine(fmt.Sprintf("%+v", v)) // fmt prints the value that a reflect.Value holds
	}
}
