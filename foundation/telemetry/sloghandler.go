package telemetry

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"time"

	"github.com/sleepless-go/sleepless/foundation/clock"
)

// SlogOptions are the options of SlogHandler; the zero value is ready for use.
type SlogOptions struct {
	// Level chooses the level of a record; nil means DefaultLevel.
	Level func(Record) slog.Level
	// Redact returns what to log in place of a field's value; nil leaves the
	// field out. It is not asked about the Commit.
	Redact func(Field, any) any
	// MaxText bounds every text in bytes; 0 means 1024, a negative number none.
	MaxText int
	// Clock stamps the log records; nil means clock.System.
	Clock clock.Clock
}

// SlogHandler returns a handler for Bus.AttachAll and Bus.AttachPrefix that
// logs each record: the event's name is the message, the fields are attributes,
// and trace_id and span_id come from the context. A nil logger means
// slog.Default at the time of each call. The handler may be called from any
// goroutine.
func SlogHandler(l *slog.Logger, o SlogOptions) func(context.Context, Record) {
	if o.Level == nil {
		o.Level = DefaultLevel
	}
	if o.MaxText == 0 {
		o.MaxText = 1024
	}
	c := clock.Or(o.Clock)
	return func(ctx context.Context, r Record) {
		to := l
		if to == nil {
			to = slog.Default()
		}
		level := o.Level(r)
		if !to.Enabled(ctx, level) {
			return
		}
		line := slog.NewRecord(c.Now(), level, r.Event.Name, 0)
		for f, v := range r.Fields() {
			if a, ok := o.attr(f, v); ok {
				line.AddAttrs(a)
			}
		}
		if sc := SpanContextFromContext(ctx); sc.Valid() {
			line.AddAttrs(slog.String("trace_id", sc.TraceID.String()), slog.String("span_id", sc.SpanID.String()))
		}
		_ = to.Handler().Handle(ctx, line) // as slog.Logger does: there is nobody to tell
	}
}

// DefaultLevel is slog.LevelError for events whose name ends in error, failed
// or failure, or which have a field with an error in it, and else
// slog.LevelInfo.
func DefaultLevel(r Record) slog.Level {
	switch r.Event.Name[strings.LastIndexByte(r.Event.Name, '.')+1:] {
	case "error", "failed", "failure":
		return slog.LevelError
	}
	for _, v := range r.Fields() {
		if err, ok := v.(error); ok && err != nil {
			return slog.LevelError
		}
	}
	return slog.LevelInfo
}

// attr returns what to log of a field, and whether there is anything.
func (o *SlogOptions) attr(f Field, v any) (slog.Attr, bool) {
	if f.Commit {
		return slog.Any(f.Name, v), !reflect.ValueOf(v).IsZero()
	}
	if o.Redact != nil {
		v = o.Redact(f, v)
	}
	return slog.Attr{Key: f.Name, Value: o.value(v)}, v != nil
}

// value keeps durations, numbers and booleans as they are, makes the attributes
// of a span a group, and everything else bounded text.
func (o *SlogOptions) value(v any) slog.Value {
	switch v := v.(type) {
	case time.Duration:
		return slog.DurationValue(v)
	case slog.Value:
		switch v = v.Resolve(); v.Kind() {
		case slog.KindGroup:
			return o.group(v.Group())
		case slog.KindAny, slog.KindString:
			return o.value(v.Any())
		}
		return v
	case slog.LogValuer: // a secret that hides itself, for one
		return o.value(slog.AnyValue(v).Resolve())
	case time.Time:
		return slog.TimeValue(v)
	case []slog.Attr:
		return o.group(v)
	case error, fmt.Stringer:
		return o.text(v)
	}
	if k := reflect.ValueOf(v).Kind(); isInteger(k) || k == reflect.Bool || k == reflect.Float32 || k == reflect.Float64 {
		return slog.AnyValue(v)
	}
	return o.text(v)
}

func (o *SlogOptions) group(attrs []slog.Attr) slog.Value {
	group := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		group[i] = slog.Attr{Key: a.Key, Value: o.value(a.Value)}
	}
	return slog.GroupValue(group...)
}

func (o *SlogOptions) text(v any) slog.Value {
	s := fmt.Sprint(v)
	if o.MaxText > 0 {
		s = capped(s, o.MaxText)
	}
	return slog.StringValue(s)
}
