package telemetry

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/sleepless-go/sleepless/internal/caller"
)

// ErrDeclaration is wrapped by the errors of Declare.
var ErrDeclaration = errors.New("telemetry: wrong event declaration")

// Descriptor says what kind of event something is. All its fields are
// read-only; two events are of the same kind if their descriptors are the same
// pointer.
type Descriptor struct {
	Name    string  // "foundation.cache.hit"
	Doc     string  // one sentence: when it is emitted
	Payload string  // the payload's Go type, "cache.HitData"
	Fields  []Field // in order of declaration, those of an embedded Commit in its place

	Package string // import path of the declaring package
	File    string // absolute, as compiled in
	Line    int

	payload reflect.Type
	newLine func() line // of the event this describes; makes the typed half of a Bus
}

// Field returns the field with that export name, and whether there is one.
func (d *Descriptor) Field(name string) (Field, bool) {
	for _, f := range d.Fields {
		if f.Name == name {
			return f, true
		}
	}
	return Field{}, false
}

// String returns the event's name.
func (d *Descriptor) String() string { return d.Name }

// declared names the line of the declaration for messages.
func (d *Descriptor) declared() string { return fmt.Sprintf("%s:%d", d.File, d.Line) }

// Kind says what a payload field is for.
type Kind int

// The kinds of fields.
const (
	// Label has few different values and may become a metric's label: strings,
	// booleans and integers.
	Label Kind = iota + 1
	// Attr is identity or detail with any number of values; never a label.
	Attr
	// Measure is a number to be added up or put in a histogram, with a unit.
	Measure
)

// String returns the kind as it is spelled in tags: "label", "attr", "measure".
func (k Kind) String() string {
	switch k {
	case Label:
		return "label"
	case Attr:
		return "attr"
	case Measure:
		return "measure"
	}
	return fmt.Sprintf("Kind(%d)", int(k))
}

// Field describes one field of a payload, as told by its tags:
//
//	Reason   string        `telemetry:"label" doc:"Why it was evicted."`
//	Key      string        `telemetry:"attr" doc:"The key looked up."`
//	Duration time.Duration `telemetry:"measure" doc:"Time spent in Get."`
//	Freed    int64         `telemetry:"measure,unit=bytes" doc:"Size of the entry."`
//
// A measure is a time.Duration, whose unit is seconds, or any other number,
// whose unit must be given as a plural noun in lower case. Every field needs a
// kind and a doc.
type Field struct {
	Name   string // for export, snake case: "bytes_freed"
	GoName string // in the struct: "BytesFreed"
	Kind   Kind
	Unit   string // of a measure: "seconds", "bytes"; else empty
	Type   string // Go type: "time.Duration"
	Doc    string

	// Commit tells that the field comes from the embedded Commit.
	Commit bool

	index []int // for reflect
}

// Value returns the field's value in a record of the event it belongs to.
func (f Field) Value(r Record) any {
	return reflect.ValueOf(r.Payload).FieldByIndex(f.index).Interface()
}

// Number returns a measure's value in its Unit, durations in seconds, and
// whether the field is a measure. It does not allocate.
func (f Field) Number(r Record) (value float64, ok bool) {
	if f.Kind != Measure {
		return 0, false
	}
	v := reflect.ValueOf(r.Payload).FieldByIndex(f.index)
	switch {
	case v.Type() == durationType:
		return time.Duration(v.Int()).Seconds(), true
	case v.CanInt():
		return float64(v.Int()), true
	case v.CanUint():
		return float64(v.Uint()), true
	default:
		return v.Float(), true
	}
}

var (
	durationType = reflect.TypeFor[time.Duration]()
	commitType   = reflect.TypeFor[Commit]()

	partSyntax = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
)

// describe checks a declaration and returns its Descriptor.
func describe[T any](name, doc string, site caller.Site) (*Descriptor, error) {
	t := reflect.TypeFor[T]()
	d := &Descriptor{
		Name: name, Doc: doc, Payload: t.String(), payload: t,
		Package: caller.Package(site.Func), File: site.File, Line: site.Line,
	}
	wrong := func(format string, args ...any) error {
		return fmt.Errorf("%w of %q at %s: %s", ErrDeclaration, name, d.declared(), fmt.Sprintf(format, args...))
	}
	if err := checkName(name); err != nil {
		return nil, wrong("%v", err)
	}
	if strings.TrimSpace(doc) == "" {
		return nil, wrong("the doc is empty; say in one sentence when the event is emitted")
	}
	if t.Kind() != reflect.Struct {
		return nil, wrong("the payload is a %s (%v), want a struct", t, t.Kind())
	}
	var err error
	if d.Fields, err = fieldsOf(t, nil); err != nil {
		return nil, wrong("%v", err)
	}
	return d, nil
}

// checkName tells what is wrong with an event's name.
func checkName(name string) error {
	parts := strings.Split(name, ".")
	if len(parts) < 2 || len(parts) > 5 {
		return fmt.Errorf("the name has %d parts, want 2 to 5 separated by dots, such as foundation.cache.hit", len(parts))
	}
	return checkParts(parts)
}

func checkParts(parts []string) error {
	for _, p := range parts {
		if !partSyntax.MatchString(p) {
			return fmt.Errorf("part %q of the name is not a lower-case word of [a-z0-9_] that starts with a letter", p)
		}
	}
	return nil
}

// fieldsOf describes the fields of a payload; index leads to t from the payload.
func fieldsOf(t reflect.Type, index []int) ([]Field, error) {
	var fields []Field
	seen := map[string]string{}
	for i := range t.NumField() {
		sf := t.Field(i)
		at := append(index[:len(index):len(index)], i)
		var next []Field
		if sf.Anonymous && sf.Type == commitType {
			next, _ = fieldsOf(commitType, at) // checked by every test that declares an event
			for i := range next {
				next[i].Commit = true
			}
		} else {
			f, err := fieldOf(sf, at)
			if err != nil {
				return nil, err
			}
			next = []Field{f}
		}
		for _, f := range next {
			if other, dup := seen[f.Name]; dup {
				return nil, fmt.Errorf("fields %s and %s are both exported as %q", other, f.GoName, f.Name)
			}
			seen[f.Name] = f.GoName
		}
		fields = append(fields, next...)
	}
	return fields, nil
}

func fieldOf(sf reflect.StructField, index []int) (Field, error) {
	f := Field{
		Name: snakeCase(sf.Name), GoName: sf.Name, Type: sf.Type.String(),
		Doc: strings.TrimSpace(sf.Tag.Get("doc")), index: index,
	}
	wrong := func(format string, args ...any) (Field, error) {
		return f, fmt.Errorf("field %s: %s", sf.Name, fmt.Sprintf(format, args...))
	}
	if sf.Anonymous {
		return wrong("only telemetry.Commit can be embedded, not %s", sf.Type)
	}
	if !sf.IsExported() {
		return wrong("it is not exported")
	}
	if f.Doc == "" {
		return wrong(`it has no doc:"…" tag`)
	}
	kind, option, _ := strings.Cut(sf.Tag.Get("telemetry"), ",")
	switch kind {
	case "label":
		f.Kind = Label
	case "attr":
		f.Kind = Attr
	case "measure":
		f.Kind = Measure
	default:
		return wrong(`its tag telemetry:%q names no kind, want telemetry:"label", "attr", "measure" or "measure,unit=bytes"`, sf.Tag.Get("telemetry"))
	}
	if option != "" && f.Kind != Measure {
		return wrong("a %v has no option %q", f.Kind, option)
	}
	return withUnit(f, sf.Type, option, wrong)
}

// withUnit checks the Go type against the kind and fills in the unit.
func withUnit(f Field, t reflect.Type, option string, wrong func(string, ...any) (Field, error)) (Field, error) {
	switch {
	case t.Kind() == reflect.Func || t.Kind() == reflect.Chan || t.Kind() == reflect.UnsafePointer:
		return wrong("a %s cannot be exported", t)
	case f.Kind == Label && !(t.Kind() == reflect.String || t.Kind() == reflect.Bool || isInteger(t.Kind())):
		return wrong("a %s cannot be a label, which needs few and comparable values: want a string, a bool or an integer", t)
	case f.Kind == Label && t == durationType:
		return wrong("a time.Duration cannot be a label: make it a measure")
	case f.Kind != Measure:
		return f, nil
	case !isInteger(t.Kind()) && t.Kind() != reflect.Float32 && t.Kind() != reflect.Float64:
		return wrong("a %s cannot be a measure, which needs a number", t)
	}
	key, unit, _ := strings.Cut(option, "=")
	switch {
	case t == durationType && option == "":
		f.Unit = "seconds"
	case t == durationType:
		return wrong("a time.Duration is exported in seconds and takes no option %q", option)
	case key != "unit" || !partSyntax.MatchString(unit):
		return wrong(`a measure of type %s needs a unit, such as telemetry:"measure,unit=bytes"; its option is %q`, t, option)
	default:
		f.Unit = unit
	}
	return f, nil
}

func isInteger(k reflect.Kind) bool {
	return reflect.Int <= k && k <= reflect.Uint64
}

// snakeCase turns a Go name into an exported one: TraceID is trace_id,
// HTTPStatus is http_status, P99 is p99.
func snakeCase(name string) string {
	runes := []rune(name)
	var b strings.Builder
	for i, r := range runes {
		if unicode.IsUpper(r) && i > 0 {
			afterLower := !unicode.IsUpper(runes[i-1]) && runes[i-1] != '_'
			endsAcronym := unicode.IsUpper(runes[i-1]) && i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if afterLower || endsAcronym {
				b.WriteByte('_')
			}
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
