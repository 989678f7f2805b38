package telemetry

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestSnakeCase(t *testing.T) {
	for name, want := range map[string]string{
		"Key": "key", "BytesFreed": "bytes_freed", "TraceID": "trace_id", "HTTPStatus": "http_status",
		"P99": "p99", "ID": "id", "A": "a", "OldSHA256Sum": "old_sha256_sum", "Under_Score": "under_score",
	} {
		if got := snakeCase(name); got != want {
			t.Errorf("snakeCase(%s) = %s, want %s", name, got, want)
		}
	}
}

func TestNearestFindsWhatCouldHaveBeenMeant(t *testing.T) {
	names := []string{"foundation.cache.evicted", "foundation.cache.hit", "foundation.cache.miss", "foundation.pool.acquired"}
	for name, want := range map[string][]string{
		"foundation.cache.hti": {"foundation.cache.hit", "foundation.cache.miss"},
		"foundation.cahce":     {"foundation.cache.evicted", "foundation.cache.hit", "foundation.cache.miss"},
		"cache.hit":            {"foundation.cache.hit"},
		"evicted":              {"foundation.cache.evicted"},
		"weather.sunny.today":  nil,
	} {
		if got := nearest(name, names); !slices.Equal(got, want) {
			t.Errorf("nearest(%s) = %q, want %q", name, got, want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"kitten", "sitting", 3}, {"hit", "hti", 2}, {"same", "same", 0}} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func TestWhatBecomesOfAHandlerThatFailed(t *testing.T) {
	for _, c := range []struct {
		policy   Policy
		after    uint64
		state    State
		failures uint64
		want     State
	}{
		{0, 0, Active, 9, Active},
		{Keep, 0, Active, 9, Active},
		{Quarantine, 0, Active, 1, Quarantined},
		{Quarantine, 3, Active, 2, Active},
		{Quarantine, 3, Active, 3, Quarantined},
		{Detach, 0, Active, 1, Detached},
		{Detach, 2, Active, 1, Active},
		{Detach, 0, Closed, 1, Closed},           // closed while it ran
		{Detach, 0, Quarantined, 2, Quarantined}, // two calls failed at once
	} {
		if got := (panicOption{c.policy, c.after}).next(c.state, c.failures); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

func TestFromPanicStartsAtTheInnermostFailure(t *testing.T) {
	for stack, want := range map[string]string{
		"goroutine 1 [running]:\nx()\n\tx.go:1\npanic({0x1, 0x2})\n\tpanic.go:9\nmain.f()\n\tf.go:3":                  "main.f()\n\tf.go:3",
		"goroutine 1 [running]:\nx()\n\tx.go:1\nruntime.Goexit()\n\tpanic.go:9\nmain.f()\n\tf.go:3\npanic(1)\n\tp.go": "main.f()\n\tf.go:3\npanic(1)\n\tp.go",
		"goroutine 1 [running]:\nmain.f()": "goroutine 1 [running]:\nmain.f()",
		"":                                 "",
	} {
		if got := fromPanic([]byte(stack)); got != want {
			t.Errorf("fromPanic(%q) = %q, want %q", stack, got, want)
		}
	}
}

func TestCappedNeverCutsACharacter(t *testing.T) {
	if got := capped("short", 5); got != "short" {
		t.Errorf("capped = %q", got)
	}
	if got, want := capped("ab€def", 4), "ab… (4 bytes more)"; got != want {
		t.Errorf("capped = %q, want %q", got, want)
	}
}

func TestReportingSeesThroughDeepStacks(t *testing.T) {
	bus := NewBus()
	var inside, deep bool
	HandlerFailure.Attach(bus, func(context.Context, HandlerFailureData) {
		inside = reporting()
		descend(500, func() { deep = reporting() })
	})
	bus.report(t.Context(), HandlerFailureData{})
	if !inside || !deep {
		t.Errorf("reporting() = %v in a failure handler, %v far below it", inside, deep)
	}
	descend(500, func() { inside = reporting() })
	if inside {
		t.Error("reporting() = true outside")
	}
}

//go:noinline
func descend(n int, f func()) string {
	if n == 0 {
		f()
		return ""
	}
	return strings.TrimSpace(fmt.Sprint(n, descend(n-1, f)))
}

func TestPlumbingIsWhatAttachesForOthers(t *testing.T) {
	const module = "github.com/sleepless-go/sleepless/"
	for pkg, want := range map[string]bool{
		module + "foundation/telemetry":               true,
		module + "foundation/telemetry/telemetrytest": true,
		module + "foundation/telemetry/semantic":      false,
		module + "foundation/cache":                   false,
		"example.com/foundation/telemetry":            false,
	} {
		if plumbing(pkg) != want {
			t.Errorf("plumbing(%s) = %v", pkg, !want)
		}
	}
}

// An emitter may have picked the stream's handler just before Close.
func TestAnEventThatComesAfterTheChannelIsClosedIsDropped(t *testing.T) {
	s, err := HandlerFailure.Stream(NewBus(), StreamOptions{Capacity: 1})
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	s.push(HandlerFailureData{})
	if s.Delivered() != 0 || s.Dropped() != 1 {
		t.Errorf("delivered %d, dropped %d; want 0, 1", s.Delivered(), s.Dropped())
	}
}
