package telemetry_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/sleepless-go/sleepless/foundation/telemetry"
)

const example = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

func TestTraceparentRoundTrip(t *testing.T) {
	for _, header := range []string{example, strings.TrimSuffix(example, "1") + "0"} {
		c, err := telemetry.ParseTraceparent(header)
		if err != nil || c.Traceparent() != header {
			t.Errorf("parsed %s to %+v, %v, which writes %s", header, c, err, c.Traceparent())
		}
	}
}

func TestTraceparentOfLaterVersionsAndFlags(t *testing.T) {
	for header, sampled := range map[string]bool{
		"cc" + example[2:]:                   true,
		"cc" + example[2:] + "-what-follows": true,
		example[:53] + "03":                  true,
		example[:53] + "02":                  false,
	} {
		if c, err := telemetry.ParseTraceparent(header); err != nil || c.Sampled != sampled || !c.Valid() {
			t.Errorf("%s: %+v, %v; want sampled %v", header, c, err, sampled)
		}
	}
}

func TestMalformedTraceparentsAreRefused(t *testing.T) {
	for header, want := range map[string]string{
		"":                           "0 bytes, want 55",
		example[:54]:                 "54 bytes, want 55",
		example + "-extra":           "61 bytes, want 55",
		"cc" + example[2:] + "extra": "60 bytes, want 55",
		strings.ToUpper(example):     "the trace id is not in lower case",
		"ff" + example[2:]:           "version ff is forbidden",
		"0x" + example[2:]:           "the version is not hexadecimal",
		strings.Replace(example, "4bf92f3577b34da6a3ce929d0e0e4736", strings.Repeat("0", 32), 1): "is zero",
		strings.Replace(example, "00f067aa0ba902b7", strings.Repeat("0", 16), 1):                 "is zero",
		strings.Replace(example, "b7-01", "b7_01", 1):                                            "dashes",
		strings.Replace(example, "b7-01", "b7-0g", 1):                                            "the flags is not hexadecimal",
	} {
		c, err := telemetry.ParseTraceparent(header)
		if !errors.Is(err, telemetry.ErrTraceparent) || !strings.Contains(err.Error(), want) || c.Valid() {
			t.Errorf("%s: %+v, %v; want ErrTraceparent with …%s…", header, c, err, want)
		}
	}
}

func FuzzParseTraceparent(f *testing.F) {
	for _, seed := range []string{example, "cc" + example[2:] + "-x", "", "00-", strings.Repeat("-", 55)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		c, err := telemetry.ParseTraceparent(header)
		if err != nil {
			if c.Valid() {
				t.Fatalf("error %v with a valid context", err)
			}
			return
		}
		again, err := telemetry.ParseTraceparent(c.Traceparent())
		if err != nil || again != c {
			t.Fatalf("%q → %+v → %q → %+v, %v", header, c, c.Traceparent(), again, err)
		}
		if header[:2] == "00" && header[:53] != c.Traceparent()[:53] {
			t.Fatalf("%q was read as %q", header, c.Traceparent())
		}
	})
}

func TestIDsAreNeverZeroAndReadAsHex(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		seen[telemetry.NewTraceID().String()] = true
		seen[telemetry.NewSpanID().String()] = true
	}
	if len(seen) != 2000 {
		t.Errorf("%d different ids of 2000", len(seen))
	}
	for id := range seen {
		if strings.Trim(id, "0123456789abcdef") != "" || (len(id) != 32 && len(id) != 16) {
			t.Errorf("id %q", id)
		}
	}
	c, _ := telemetry.ParseTraceparent(example)
	text, err := json.Marshal([]any{c.TraceID, c.SpanID})
	if want := `["4bf92f3577b34da6a3ce929d0e0e4736","00f067aa0ba902b7"]`; err != nil || string(text) != want {
		t.Errorf("as JSON %s, %v; want %s", text, err, want)
	}
}

func TestHeadersCarryTheSpanToAnotherProcess(t *testing.T) {
	in := http.Header{}
	in.Set("traceparent", example)
	in.Set("tracestate", "vendor=1")
	ctx := telemetry.Extract(t.Context(), in)
	tracer := telemetry.NewTracer(keepAll{}, telemetry.TracerOptions{Bits: counter()})
	ctx, span := tracer.Start(ctx, "serve")
	defer span.End(nil)
	out := http.Header{}
	telemetry.Inject(ctx, out)
	if got, want := out.Get("traceparent"), "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000001-01"; got != want || out.Get("tracestate") != "vendor=1" {
		t.Errorf("sent on %s, %s; want %s, vendor=1", got, out.Get("tracestate"), want)
	}
}

func TestWithoutAListenerTheRemoteParentIsHandedOn(t *testing.T) {
	in, out := http.Header{}, http.Header{}
	in.Set("traceparent", example)
	ctx, _ := telemetry.NewTracer(nil, telemetry.TracerOptions{}).Start(telemetry.Extract(t.Context(), in), "unheard")
	telemetry.Inject(ctx, out)
	if out.Get("traceparent") != example {
		t.Errorf("sent on %q", out.Get("traceparent"))
	}
}

func TestMissingAndMalformedHeadersLeaveTheContextAlone(t *testing.T) {
	for _, header := range []string{"", "nonsense"} {
		in, out := http.Header{}, http.Header{}
		in.Set("traceparent", header)
		ctx := telemetry.Extract(t.Context(), in)
		if ctx != t.Context() {
			t.Errorf("%q changed the context", header)
		}
		telemetry.Inject(ctx, out)
		if len(out) != 0 {
			t.Errorf("%q sent %v", header, out)
		}
	}
	if telemetry.ContextWithRemote(t.Context(), telemetry.SpanContext{}) != t.Context() {
		t.Error("an invalid parent changed the context")
	}
	if got := (telemetry.SpanContext{}).Traceparent(); got != "" {
		t.Errorf("an invalid context writes %q", got)
	}
}
