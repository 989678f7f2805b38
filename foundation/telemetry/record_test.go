package telemetry_test

import (
	"errors"
	"testing"
	"time"

	"github.com/sleepless-go/sleepless/foundation/telemetry"
)

func TestARecordReadsForHumans(t *testing.T) {
	id := telemetry.Commit{Instance: "users", Seq: 7}
	for want, r := range map[string]telemetry.Record{
		"test.cache.evicted key=a reason=size_limit bytes_freed=12 shards=1 load=0.5 instance=users seq=7": evicted.Record(evictedData{Commit: id, Key: "a", Reason: "size_limit", BytesFreed: 12, Shards: 1, Load: 0.5}),
		`test.cache.evicted key="a b" bytes_freed=0 shards=0 load=0 cause="disk full"`:                     evicted.Record(evictedData{Key: "a b", Cause: errors.New("disk full")}),
		`test.cache.hit key="x=\"y\"" duration=1.5s`:                                                       hit.Record(hitData{Key: `x="y"`, Duration: 1500 * time.Millisecond}),
		"test.plain.happened n=3":                            plain.Record(plainData{3}),
		"telemetry.span.start span=work sampled=false seq=1": telemetry.SpanStarted.Record(telemetry.SpanStartedData{Commit: telemetry.Commit{Seq: 1}, Span: "work"}),
		"telemetry: zero Record":                             {},
	} {
		if got := r.String(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestARecordGivesItsCommitAndValues(t *testing.T) {
	r := evicted.Record(evictedData{Commit: telemetry.Commit{Instance: "users", Seq: 7}, Key: "a", BytesFreed: 12, Shards: 3, Load: 0.5})
	if c, ok := r.Commit(); !ok || c.Instance != "users" || c.Seq != 7 {
		t.Errorf("Commit() = %v, %v", c, ok)
	}
	if c, ok := plain.Record(plainData{}).Commit(); ok {
		t.Errorf("Commit() = %v of a payload without one", c)
	}
	if v, ok := r.Value("bytes_freed"); !ok || v != int64(12) {
		t.Errorf("Value(bytes_freed) = %v, %v", v, ok)
	}
	if v, ok := r.Value("instance"); !ok || v != "users" {
		t.Errorf("Value(instance) = %v, %v", v, ok)
	}
	if v, ok := r.Value("nonsense"); ok {
		t.Errorf("Value(nonsense) = %v", v)
	}
	for f, v := range r.Fields() {
		if f.Name != "instance" || v != "users" {
			t.Errorf("first field %s = %v", f.Name, v)
		}
		break // stopping early must not panic
	}
}

func TestNumbersComeInTheUnitOfTheField(t *testing.T) {
	e := evicted.Record(evictedData{BytesFreed: -12, Shards: 3, Load: 0.5})
	h := hit.Record(hitData{Duration: 1500 * time.Millisecond})
	for _, c := range []struct {
		r    telemetry.Record
		name string
		want float64
		ok   bool
	}{
		{e, "bytes_freed", -12, true},
		{e, "shards", 3, true},
		{e, "load", 0.5, true},
		{h, "duration", 1.5, true},
		{e, "reason", 0, false},
		{e, "seq", 0, false},
	} {
		f, _ := c.r.Event.Field(c.name)
		if got, ok := f.Number(c.r); got != c.want || ok != c.ok {
			t.Errorf("Number(%s) = %v, %v; want %v, %v", c.name, got, ok, c.want, c.ok)
		}
		if n := testing.AllocsPerRun(100, func() { f.Number(c.r) }); n != 0 {
			t.Errorf("Number(%s) allocates %v times", c.name, n)
		}
	}
}

func TestASequenceCountsFromOne(t *testing.T) {
	var s telemetry.Sequence
	if s.Last() != 0 || s.Next() != 1 || s.Next() != 2 || s.Last() != 2 {
		t.Errorf("Last() = %d after two", s.Last())
	}
}
