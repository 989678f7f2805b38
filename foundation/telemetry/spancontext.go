package telemetry

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
)

// ErrTraceparent is wrapped by the errors of ParseTraceparent. The W3C asks to
// go on without a parent then.
var ErrTraceparent = errors.New("telemetry: malformed traceparent")

// TraceID identifies a trace as W3C Trace Context does. The zero value is not
// valid.
type TraceID [16]byte

// SpanID identifies a span within a trace as W3C Trace Context does. The zero
// value is not valid.
type SpanID [8]byte

// NewTraceID returns a random id. It may be called from any goroutine.
func NewTraceID() TraceID { return traceIDFrom(rand.Uint64) }

// NewSpanID returns a random id. It may be called from any goroutine.
func NewSpanID() SpanID { return spanIDFrom(rand.Uint64) }

// String returns 32 lower-case hexadecimal digits.
func (t TraceID) String() string { return hex.EncodeToString(t[:]) }

// String returns 16 lower-case hexadecimal digits.
func (s SpanID) String() string { return hex.EncodeToString(s[:]) }

// MarshalText implements encoding.TextMarshaler with the digits of String.
func (t TraceID) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// MarshalText implements encoding.TextMarshaler with the digits of String.
func (s SpanID) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// IsZero reports whether the id is missing.
func (t TraceID) IsZero() bool { return t == TraceID{} }

// IsZero reports whether the id is missing.
func (s SpanID) IsZero() bool { return s == SpanID{} }

func traceIDFrom(bits func() uint64) (t TraceID) {
	put(t[:8], bits())
	put(t[8:], bits())
	if t.IsZero() {
		t[15] = 1 // zero is not valid; one in 2^128 unless the source is a test's
	}
	return t
}

func spanIDFrom(bits func() uint64) (s SpanID) {
	put(s[:], bits())
	if s.IsZero() {
		s[7] = 1
	}
	return s
}

func put(to []byte, bits uint64) {
	for i := range to {
		to[i] = byte(bits >> (56 - 8*i))
	}
}

// SpanContext is what of a span crosses borders between processes.
type SpanContext struct {
	TraceID TraceID
	SpanID  SpanID
	// Sampled is the W3C flag: whoever made the trace may record it.
	Sampled bool
	// State is the tracestate header, handed on as it came.
	State string
}

// Valid reports whether neither id is missing.
func (c SpanContext) Valid() bool { return !c.TraceID.IsZero() && !c.SpanID.IsZero() }

// Traceparent returns the W3C header of version 00, for instance
//
//	00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
//
// and "" if the context is not valid.
func (c SpanContext) Traceparent() string {
	if !c.Valid() {
		return ""
	}
	flags := "00"
	if c.Sampled {
		flags = "01"
	}
	return "00-" + c.TraceID.String() + "-" + c.SpanID.String() + "-" + flags
}

// traceparentLen is the length of a header of version 00.
const traceparentLen = len("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")

// ParseTraceparent reads a W3C traceparent header of version 00, or the known
// part of one of a later version. Its errors wrap ErrTraceparent.
func ParseTraceparent(header string) (SpanContext, error) {
	wrong := func(format string, args ...any) (SpanContext, error) {
		return SpanContext{}, fmt.Errorf("%w %q: %s", ErrTraceparent, capped(header, 80), fmt.Sprintf(format, args...))
	}
	if len(header) < traceparentLen {
		return wrong("%d bytes, want %d", len(header), traceparentLen)
	}
	if rest := header[traceparentLen:]; rest != "" && (header[:2] == "00" || rest[0] != '-') {
		return wrong("%d bytes, want %d", len(header), traceparentLen)
	}
	if header[2] != '-' || header[35] != '-' || header[52] != '-' {
		return wrong("the dashes are not at 2, 35 and 52")
	}
	var version, flags [1]byte
	var c SpanContext
	for _, part := range []struct {
		name string
		to   []byte
		text string
	}{
		{"version", version[:], header[:2]},
		{"trace id", c.TraceID[:], header[3:35]},
		{"parent id", c.SpanID[:], header[36:52]},
		{"flags", flags[:], header[53:55]},
	} {
		if strings.ContainsAny(part.text, "ABCDEF") {
			return wrong("the %s is not in lower case", part.name)
		}
		if _, err := hex.Decode(part.to, []byte(part.text)); err != nil {
			return wrong("the %s is not hexadecimal", part.name)
		}
	}
	if version[0] == 0xff {
		return wrong("version ff is forbidden")
	}
	if !c.Valid() {
		return wrong("the trace id or the parent id is zero")
	}
	c.Sampled = flags[0]&1 == 1
	return c, nil
}

// Carrier is a set of headers; http.Header is one.
type Carrier interface {
	Get(key string) string
	Set(key, value string)
}

// Inject writes the headers traceparent and tracestate of the span in ctx, if
// there is one.
func Inject(ctx context.Context, to Carrier) {
	c := SpanContextFromContext(ctx)
	if !c.Valid() {
		return
	}
	to.Set("traceparent", c.Traceparent())
	if c.State != "" {
		to.Set("tracestate", c.State)
	}
}

// Extract returns ctx with the remote parent that the headers name, or ctx
// itself if they name none or are malformed.
func Extract(ctx context.Context, from Carrier) context.Context {
	c, err := ParseTraceparent(from.Get("traceparent"))
	if err != nil {
		return ctx
	}
	c.State = from.Get("tracestate")
	return ContextWithRemote(ctx, c)
}

// spanKey finds in a context the nearest *Span, or the SpanContext of a remote
// parent.
type spanKey struct{}

// ContextWithRemote returns ctx with a parent from another process for the
// spans started under it; ctx itself if the parent is not valid.
func ContextWithRemote(ctx context.Context, parent SpanContext) context.Context {
	if !parent.Valid() {
		return ctx
	}
	return context.WithValue(ctx, spanKey{}, parent)
}

// SpanFromContext returns the span that ctx was started with, nil if there is
// none, if it is remote or if nobody listened when it was started. The methods
// of a nil *Span do nothing.
func SpanFromContext(ctx context.Context) *Span {
	s, _ := ctx.Value(spanKey{}).(*Span)
	return s
}

// SpanContextFromContext returns the ids of the span in ctx, local or remote;
// not Valid if there is none.
func SpanContextFromContext(ctx context.Context) SpanContext {
	switch s := ctx.Value(spanKey{}).(type) {
	case *Span:
		return s.Context()
	case SpanContext:
		return s
	}
	return SpanContext{}
}
