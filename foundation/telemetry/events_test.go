package telemetry_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sleepless-go/sleepless/foundation/telemetry"
)

// The events that tests emit, declared as a component would.
var (
	hit     = telemetry.NewEvent[hitData]("test.cache.hit", "A lookup found a live entry.")
	evicted = telemetry.NewEvent[evictedData]("test.cache.evicted", "An entry was thrown out.")
	other   = telemetry.NewEvent[hitData]("test.cachex.hit", "A lookup in something whose name starts the same.")
	plain   = telemetry.NewEvent[plainData]("test.plain.happened", "Something without identity happened.")
)

type hitData struct {
	telemetry.Commit
	Key      string        `telemetry:"attr" doc:"The key looked up."`
	Duration time.Duration `telemetry:"measure" doc:"Time spent in Get."`
}

type reason string

type evictedData struct {
	telemetry.Commit
	Key        string  `telemetry:"attr" doc:"The key that went."`
	Reason     reason  `telemetry:"label" doc:"Why it went."`
	BytesFreed int64   `telemetry:"measure,unit=bytes" doc:"Its size."`
	Shards     uint8   `telemetry:"measure,unit=shards" doc:"How many were looked at."`
	Load       float64 `telemetry:"measure,unit=ratio" doc:"How full the cache is."`
	Cause      error   `telemetry:"attr" doc:"The error behind it, if any."`
}

type plainData struct {
	N int `telemetry:"attr" doc:"A number."`
}

var lateEvents atomic.Int64

// declareLate declares an event at run time, under a name of its own each time
// so that tests can run more than once in a process.
func declareLate(t *testing.T, prefix string) *telemetry.Event[plainData] {
	t.Helper()
	e, err := telemetry.Declare[plainData](fmt.Sprintf("%s.late%d", prefix, lateEvents.Add(1)), "Declared while a test runs.")
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// journal collects what handlers say, in order.
type journal struct{ lines []string }

func (j *journal) note(format string, args ...any) {
	j.lines = append(j.lines, fmt.Sprintf(format, args...))
}

func (j *journal) expect(t *testing.T, want ...string) {
	t.Helper()
	if fmt.Sprint(j.lines) != fmt.Sprint(want) {
		t.Errorf("got  %q\nwant %q", j.lines, want)
	}
	j.lines = nil
}

// typed and records return handlers that note a word.
func typed[T any](j *journal, word string) func(context.Context, T) {
	return func(context.Context, T) { j.note("%s", word) }
}

func records(j *journal, word string) func(context.Context, telemetry.Record) {
	return func(_ context.Context, r telemetry.Record) { j.note("%s:%s", word, r.Event.Name) }
}

func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
