package telemetry_test

import (
	"bytes"
	"context"
	"errors"
	"log"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sleepless-go/sleepless/foundation/telemetry"
)

// logger returns a logger without time stamps and what it wrote.
func logger(level slog.Level) (*slog.Logger, *bytes.Buffer) {
	var out bytes.Buffer
	return slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: level, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}})), &out
}

func TestSlogLines(t *testing.T) {
	id := telemetry.Commit{Instance: "users", Seq: 7}
	ended := telemetry.SpanEnded.Record(telemetry.SpanEndedData{Span: "work", Attributes: []slog.Attr{
		slog.Int("n", 1), slog.String("s", "long text"), slog.Group("g", slog.Bool("b", true)), slog.Any("x", []int{1}), slog.Any("secret", secret("p")),
	}})
	for _, c := range []struct {
		name string
		r    telemetry.Record
		o    telemetry.SlogOptions
		want string
	}{
		{"fields and identity", hit.Record(hitData{Commit: id, Key: "a", Duration: time.Second}), telemetry.SlogOptions{},
			"level=INFO msg=test.cache.hit instance=users seq=7 key=a duration=1s"},
		{"an error raises the level", evicted.Record(evictedData{Key: "a", Cause: errors.New("disk full")}), telemetry.SlogOptions{},
			`level=ERROR msg=test.cache.evicted key=a reason="" bytes_freed=0 shards=0 load=0 cause="disk full"`},
		{"long texts are cut", hit.Record(hitData{Key: "0123456789"}), telemetry.SlogOptions{MaxText: 4},
			`level=INFO msg=test.cache.hit key="0123… (6 bytes more)" duration=0s`},
		{"no bound", hit.Record(hitData{Key: strings.Repeat("k", 2000)}), telemetry.SlogOptions{MaxText: -1},
			"level=INFO msg=test.cache.hit key=" + strings.Repeat("k", 2000) + " duration=0s"},
		{"own level", hit.Record(hitData{}), telemetry.SlogOptions{Level: func(telemetry.Record) slog.Level { return slog.LevelWarn }},
			`level=WARN msg=test.cache.hit key="" duration=0s`},
		{"below the logger's level", hit.Record(hitData{}), telemetry.SlogOptions{Level: func(telemetry.Record) slog.Level { return slog.LevelDebug }}, ""},
		{"attributes are a group", ended, telemetry.SlogOptions{MaxText: 4},
			`level=INFO msg=telemetry.span.stop span=work trace_id="0000… (28 bytes more)" span_id="0000… (12 bytes more)" ` +
				`parent_id="0000… (12 bytes more)" sampled=false status="" duration=0s stack="" attributes.n=1 attributes.s="long… (5 bytes more)" ` +
				`attributes.g.b=true attributes.x=[1] attributes.secret=*** events=[] links=[] dropped=0`},
		{"redaction", hit.Record(hitData{Key: "secret", Duration: 1}), telemetry.SlogOptions{Redact: func(f telemetry.Field, v any) any {
			switch f.Name {
			case "key":
				return "***"
			case "duration":
				return nil
			}
			return v
		}}, `level=INFO msg=test.cache.hit key=***`},
	} {
		l, out := logger(slog.LevelInfo)
		telemetry.SlogHandler(l, c.o)(t.Context(), c.r)
		if got := strings.TrimSuffix(out.String(), "\n"); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.name, got, c.want)
		}
	}
}

// secret hides itself from logs.
type secret string

func (secret) LogValue() slog.Value { return slog.StringValue("***") }

var timed = telemetry.NewEvent[timedData]("test.values.logged", "Values of unusual types.")

type timedData struct {
	Secret secret    `telemetry:"attr" doc:"Hides itself."`
	At     time.Time `telemetry:"attr" doc:"A time."`
	Code   float32   `telemetry:"attr" doc:"A number."`
}

func TestValuesThatHideThemselvesStayHidden(t *testing.T) {
	l, out := logger(slog.LevelInfo)
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	telemetry.SlogHandler(l, telemetry.SlogOptions{})(t.Context(), timed.Record(timedData{"password", at, 1.5}))
	if want := "level=INFO msg=test.values.logged secret=*** at=2026-01-02T03:04:05.000Z code=1.5\n"; out.String() != want {
		t.Errorf("got  %swant %s", out, want)
	}
}

func TestFailuresAreLoggedAsErrorsByName(t *testing.T) {
	r := telemetry.HandlerFailure.Record(telemetry.HandlerFailureData{})
	if got := telemetry.DefaultLevel(r); got != slog.LevelError {
		t.Errorf("level %v", got)
	}
}

func TestLogLinesCarryTheTraceAndTheTimeOfTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		bus := telemetry.NewBus()
		bus.AttachAll(telemetry.SlogHandler(slog.New(slog.NewTextHandler(&out, nil)), telemetry.SlogOptions{}))
		remote, _ := telemetry.ParseTraceparent(example)
		plain.Bind(bus).Emit(telemetry.ContextWithRemote(t.Context(), remote), plainData{1})
		const tail = "level=INFO msg=test.plain.happened n=1 trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7\n"
		if want := "time=" + time.Now().Format("2006-01-02T15:04:05.000Z07:00") + " " + tail; out.String() != want {
			t.Errorf("got  %swant %s", &out, want)
		}
	})
}

func TestANilLoggerIsTheDefaultOneAtEachCall(t *testing.T) {
	handle := telemetry.SlogHandler(nil, telemetry.SlogOptions{})
	// SetDefault also redirects package log, and does not undo that.
	defer log.SetFlags(log.Flags())
	defer log.SetOutput(log.Writer())
	defer slog.SetDefault(slog.Default())
	l, out := logger(slog.LevelInfo)
	slog.SetDefault(l)
	handle(context.Background(), plain.Record(plainData{1}))
	if out.Len() == 0 {
		t.Error("nothing was logged")
	}
}
