package telemetry_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleepless-go/sleepless/foundation/telemetry"
)

func declare[T any](name, doc string) func() error {
	return func() error {
		_, err := telemetry.Declare[T](name, doc)
		return err
	}
}

type embeds struct {
	hitData
}

func TestDeclareRefusesWhatIsWrongAndSaysWhat(t *testing.T) {
	type ok = plainData
	for want, try := range map[string]func() error{
		"has 1 parts, want 2 to 5":           declare[ok]("cache", "Doc."),
		"has 6 parts, want 2 to 5":           declare[ok]("a.b.c.d.e.f", "Doc."),
		`part "Hit" of the name`:             declare[ok]("cache.Hit", "Doc."),
		`part "" of the name`:                declare[ok]("cache..hit", "Doc."),
		`part "9lives" of the name`:          declare[ok]("cache.9lives", "Doc."),
		`part "hit-rate" of the name`:        declare[ok]("cache.hit-rate", "Doc."),
		"the doc is empty":                   declare[ok]("wrong.doc", "  "),
		"the payload is a int (int)":         declare[int]("wrong.payload", "Doc."),
		"is a *telemetry_test.plainData (pt": declare[*plainData]("wrong.payload", "Doc."),
		"field n: it is not exported": declare[struct {
			n int `telemetry:"attr" doc:"D."`
		}]("wrong.unexported", "Doc."),
		`field N: it has no doc:"…" tag`: declare[struct {
			N int `telemetry:"attr"`
		}]("wrong.undocumented", "Doc."),
		`field N: its tag telemetry:"" names no kind`: declare[struct {
			N int `doc:"D."`
		}]("wrong.untagged", "Doc."),
		`field N: its tag telemetry:"lable" names no kind`: declare[struct {
			N int `telemetry:"lable" doc:"D."`
		}]("wrong.misspelt", "Doc."),
		`field N: a label has no option "unit=bytes"`: declare[struct {
			N int `telemetry:"label,unit=bytes" doc:"D."`
		}]("wrong.option", "Doc."),
		"field N: a float64 cannot be a label": declare[struct {
			N float64 `telemetry:"label" doc:"D."`
		}]("wrong.label", "Doc."),
		"field N: a time.Duration cannot be a label": declare[struct {
			N time.Duration `telemetry:"label" doc:"D."`
		}]("wrong.label", "Doc."),
		"field F: a func() cannot be exported": declare[struct {
			F func() `telemetry:"attr" doc:"D."`
		}]("wrong.function", "Doc."),
		"field N: a string cannot be a measure": declare[struct {
			N string `telemetry:"measure,unit=bytes" doc:"D."`
		}]("wrong.measure", "Doc."),
		`field N: a measure of type int needs a unit`: declare[struct {
			N int `telemetry:"measure" doc:"D."`
		}]("wrong.unitless", "Doc."),
		`its option is "unit=B/s"`: declare[struct {
			N int `telemetry:"measure,unit=B/s" doc:"D."`
		}]("wrong.unit", "Doc."),
		"field N: a time.Duration is exported in seconds": declare[struct {
			N time.Duration `telemetry:"measure,unit=milliseconds" doc:"D."`
		}]("wrong.unit", "Doc."),
		"field hitData: only telemetry.Commit can be embedded": declare[embeds]("wrong.embedding", "Doc."),
		`fields TraceID and TraceId are both exported as "trace_id"`: declare[struct {
			TraceID string `telemetry:"attr" doc:"D."`
			TraceId string `telemetry:"attr" doc:"D."`
		}]("wrong.twins", "Doc."),
		`fields Instance and Instance are both exported as "instance"`: declare[struct {
			telemetry.Commit
			Instance string `telemetry:"attr" doc:"D."`
		}]("wrong.shadow", "Doc."),
	} {
		err := try()
		if !errors.Is(err, telemetry.ErrDeclaration) || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v; want ErrDeclaration with …%s…", err, want)
		}
		if err != nil && !strings.Contains(err.Error(), "declare_test.go:") {
			t.Errorf("%v does not name the line of the declaration", err)
		}
	}
	for _, d := range telemetry.Catalogue() {
		if strings.HasPrefix(d.Name, "wrong.") {
			t.Errorf("the refused %s is in the catalogue", d.Name)
		}
	}
}

func TestASecondDeclarationOfANameIsRefusedAndNamesBothLines(t *testing.T) {
	_, err := telemetry.Declare[plainData](hit.Name(), "Doc.")
	if !errors.Is(err, telemetry.ErrDeclaration) {
		t.Fatalf("error %v, want ErrDeclaration", err)
	}
	for _, line := range []string{"declare_test.go:", "events_test.go:"} {
		if !strings.Contains(err.Error(), line) {
			t.Errorf("%v does not name %s", err, line)
		}
	}
	defer func() {
		if got, _ := recover().(error); got == nil || !strings.Contains(got.Error(), "already declared at") {
			t.Errorf("NewEvent panicked with %v", got)
		}
	}()
	telemetry.NewEvent[plainData](hit.Name(), "Doc.")
}

func TestADescriptorTellsEverythingAboutTheEvent(t *testing.T) {
	d := evicted.Descriptor()
	if d.Name != "test.cache.evicted" || d.String() != d.Name || d.Doc != "An entry was thrown out." || d.Payload != "telemetry_test.evictedData" {
		t.Errorf("descriptor %+v", d)
	}
	if !strings.HasSuffix(d.Package, "foundation/telemetry_test") || !strings.HasSuffix(d.File, "events_test.go") || d.Line == 0 {
		t.Errorf("declared at %s %s:%d", d.Package, d.File, d.Line)
	}
	var got []string
	for _, f := range d.Fields {
		got = append(got, strings.Join([]string{f.Name, f.GoName, f.Kind.String(), f.Unit, f.Type}, " "))
	}
	want := []string{
		"instance Instance label  string",
		"seq Seq attr  uint64",
		"key Key attr  string",
		"reason Reason label  telemetry_test.reason",
		"bytes_freed BytesFreed measure bytes int64",
		"shards Shards measure shards uint8",
		"load Load measure ratio float64",
		"cause Cause attr  error",
	}
	if !slices.Equal(got, want) {
		t.Errorf("fields\n%q, want\n%q", got, want)
	}
	if f, ok := d.Field("key"); !ok || f.Doc != "The key that went." || f.Commit {
		t.Errorf("Field(key) = %+v, %v", f, ok)
	}
	if f, _ := d.Field("seq"); !f.Commit {
		t.Error("seq is not marked as part of the Commit")
	}
	if _, ok := d.Field("Key"); ok {
		t.Error("Field found a Go name")
	}
}

func TestEventsOfThePackageItselfNameTheirDeclaration(t *testing.T) {
	d := telemetry.SpanEnded.Descriptor()
	if !strings.HasSuffix(d.Package, "/foundation/telemetry") || !strings.HasSuffix(d.File, "/span.go") {
		t.Errorf("declared in %s, %s", d.Package, d.File)
	}
}

func TestTheCatalogueIsSortedAndFindsByName(t *testing.T) {
	names := []string{}
	for _, d := range telemetry.Catalogue() {
		names = append(names, d.Name)
	}
	if !slices.IsSorted(names) || !slices.Contains(names, "test.cache.hit") || !slices.Contains(names, "telemetry.handler.failure") {
		t.Errorf("catalogue %q", names)
	}
	if d, ok := telemetry.Lookup("test.cache.hit"); !ok || d != hit.Descriptor() {
		t.Errorf("Lookup = %v, %v", d, ok)
	}
	if _, ok := telemetry.Lookup("test.cache"); ok {
		t.Error("Lookup found a prefix")
	}
}

func TestKindsHaveNames(t *testing.T) {
	if telemetry.Kind(0).String() != "Kind(0)" || telemetry.Measure.String() != "measure" {
		t.Errorf("%v, %v", telemetry.Kind(0), telemetry.Measure)
	}
}
