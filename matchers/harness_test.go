package matchers_test

import (
	"context"
	"fmt"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/onsi/gomega"

	"github.com/sleepless-go/sleepless/foundation/telemetry"
	"github.com/sleepless-go/sleepless/foundation/telemetry/telemetrytest"
)

// Two kinds of event, as a component would declare them.
type putData struct {
	telemetry.Commit
	Key string `telemetry:"attr" doc:"The key."`
}

type evictedData struct {
	telemetry.Commit
	Key    string `telemetry:"attr" doc:"The key."`
	Reason string `telemetry:"label" doc:"Why."`
}

var (
	put     = telemetry.NewEvent[putData]("matcherstest.box.put", "Something was put in.")
	evicted = telemetry.NewEvent[evictedData]("matcherstest.box.evicted", "Something was thrown out.")
)

func emitPut(s telemetry.Sink, key string) {
	put.Bind(s).Emit(context.Background(), putData{Key: key})
}

func emitEvicted(s telemetry.Sink, key, reason string) {
	evicted.Bind(s).Emit(context.Background(), evictedData{Key: key, Reason: reason})
}

func newRecorder(t *testing.T) *telemetrytest.Recorder { return telemetrytest.NewRecorder(t) }

// failures is a Gomega whose failures are kept.
type failures struct {
	*gomega.WithT
	texts []string
	sites []string
}

func newFailures() *failures {
	f := &failures{}
	f.WithT = gomega.NewGomega(func(message string, skip ...int) {
		n := 1
		if len(skip) > 0 {
			n += skip[0]
		}
		_, file, line, _ := runtime.Caller(n)
		f.texts = append(f.texts, message)
		f.sites = append(f.sites, fmt.Sprintf("%s:%d", file[strings.LastIndexByte(file, '/')+1:], line))
	}).(*gomega.WithT)
	return f
}

// text returns the only failure there is.
func (f *failures) text(t *testing.T) string {
	t.Helper()
	if len(f.texts) != 1 {
		t.Fatalf("%d failures, want 1:\n%s", len(f.texts), strings.Join(f.texts, "\n---\n"))
	}
	return f.texts[0]
}

// here names the line of its caller.
func here() string {
	_, file, line, _ := runtime.Caller(1)
	return fmt.Sprintf("%s:%d", file[strings.LastIndexByte(file, '/')+1:], line)
}

func mustContain(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("%q is not in\n%s", p, text)
		}
	}
}

var (
	durations  = regexp.MustCompile(`\+\d[\d.a-zµ]*`)
	goroutines = regexp.MustCompile(`(?m)^    goroutines:.*\n(?:                .*\n)*`)
	places     = regexp.MustCompile(`\S*/(\w+\.go):\d+`)
	polls      = regexp.MustCompile(`\d+ \(\d+ by polling\)`)
	addresses  = regexp.MustCompile(`0x[0-9a-f]+`)
)

// normalize takes out what differs from run to run.
func normalize(text string) string {
	text = goroutines.ReplaceAllString(text+"\n", "")
	text = places.ReplaceAllString(addresses.ReplaceAllString(text, "0xADDRESS"), "$1:LINE")
	text = polls.ReplaceAllString(text, "N (N by polling)")
	return strings.TrimSpace(durations.ReplaceAllString(text, "+T"))
}
