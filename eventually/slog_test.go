package eventually

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/slogtest"
	"time"
)

func TestSlogKeepsTheRulesForHandlers(t *testing.T) {
	var l *Slog
	slogtest.Run(t, func(t *testing.T) slog.Handler {
		l = NewSlog(t)
		return l
	}, func(t *testing.T) map[string]any {
		records := l.History()
		if len(records) != 1 {
			t.Fatalf("%d records, want 1", len(records))
		}
		return asMap(records[0])
	})
}

// asMap is a record as slogtest wants it: groups are maps.
func asMap(r LogRecord) map[string]any {
	m := map[string]any{slog.LevelKey: r.Level, slog.MessageKey: r.Message}
	if !r.Time.IsZero() {
		m[slog.TimeKey] = r.Time
	}
	for _, a := range r.Attrs {
		in, path := m, strings.Split(a.Key, ".")
		for _, group := range path[:len(path)-1] {
			inner, ok := in[group].(map[string]any)
			if !ok {
				inner = map[string]any{}
				in[group] = inner
			}
			in = inner
		}
		in[path[len(path)-1]] = a.Value
	}
	return m
}

func TestSlogRecordsARecordAsAPlainStruct(t *testing.T) {
	l := NewSlog(nil)
	slog.New(l).With("service", "cache").WithGroup("request").Warn("it is slow", "id", 7, slog.Group("user", "name", "ann b", "tags", ""), slog.Duration("took", time.Second))
	got := l.History()[0]
	if got.Level != slog.LevelWarn || got.Message != "it is slow" || time.Since(got.Time) < 0 || got.Time.IsZero() {
		t.Errorf("record = %+v", got)
	}
	want := []LogAttr{{"service", "cache"}, {"request.id", int64(7)}, {"request.user.name", "ann b"}, {"request.user.tags", ""}, {"request.took", time.Second}}
	if !slices.Equal(got.Attrs, want) {
		t.Errorf("attrs = %v, want %v", got.Attrs, want)
	}
	if text := got.String(); text != `WARN it is slow service=cache request.id=7 request.user.name="ann b" request.user.tags="" request.took=1s` {
		t.Errorf("String() = %s", text)
	}
	if v, ok := got.Attr("request.id"); v != int64(7) || !ok {
		t.Errorf("Attr = %v, %v", v, ok)
	}
	if _, ok := got.Attr("id"); ok {
		t.Error("an attribute was found without its group")
	}
}

func TestOfSeveralAttributesOfOneKeyAllAreKeptAndTheLastCounts(t *testing.T) {
	l := NewSlog(nil)
	slog.New(l).With("n", 1).Info("x", "n", 2)
	r := l.History()[0]
	if v, _ := r.Attr("n"); len(r.Attrs) != 2 || v != int64(2) {
		t.Errorf("%v; Attr = %v", r.Attrs, v)
	}
}

func TestLoggersThatShareAttributesDoNotWriteIntoEachOthers(t *testing.T) {
	l := NewSlog(nil)
	base := slog.New(l).With("a", 1).With("b", errors.New("2")).With("z", 3) // which leaves room behind them
	left, right := base.With("c", "left"), base.With("c", "right", "d", errors.New("e"))
	left.Info("l", "e", 1)
	right.Info("r", "e", 2)
	base.Info("b")
	var texts []string
	for _, r := range l.History() {
		texts = append(texts, r.String())
	}
	if want := []string{"INFO l a=1 b=2 z=3 c=left e=1", "INFO r a=1 b=2 z=3 c=right d=e e=2", "INFO b a=1 b=2 z=3"}; !slices.Equal(texts, want) {
		t.Errorf("records = %q, want %q", texts, want)
	}
}

// counted is a LogValuer whose value is another at each call.
type counted struct{ n *int }

func (c counted) LogValue() slog.Value {
	*c.n++
	return slog.GroupValue(slog.Int("calls", *c.n), slog.Any("inner", nested{}))
}

type nested struct{}

func (nested) LogValue() slog.Value { return slog.StringValue("resolved") }

func TestValuesAreResolvedWhenTheyAreLogged(t *testing.T) {
	l := NewSlog(nil)
	n := 0
	logger := slog.New(l)
	logger.Info("x", "valuer", counted{&n})
	with := logger.With("valuer", counted{&n})
	n = 10
	with.Info("y")
	for i, want := range []int64{1, 2} {
		r := l.History()[i]
		if v, _ := r.Attr("valuer.calls"); v != want {
			t.Errorf("record %d: %v", i, r)
		}
		if v, _ := r.Attr("valuer.inner"); v != "resolved" {
			t.Errorf("record %d: %v", i, r)
		}
	}
	if n != 10 {
		t.Errorf("LogValue was called %d times more", n-10)
	}
}

// A report is written while the program goes on.
func TestAReportDoesNotReadWhatTheProgramIsChanging(t *testing.T) {
	type settings struct{ Size int }
	l := NewSlog(nil)
	shared := &settings{1}
	slog.New(l).Info("configured", "n", 1, "settings", shared)
	shared.Size = 2
	if text := l.History()[0].String(); text != "INFO configured n=1 settings=&{Size:1}" {
		t.Errorf("String() = %s; want what it was when it was logged", text)
	}
}

func TestEachHandlerHasItsOwnLevel(t *testing.T) {
	var out bytes.Buffer
	next := slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelWarn})
	var level slog.LevelVar // Info
	l := NewSlog(nil).From(&level).PassOn(next)
	logger := slog.New(l)
	for _, test := range []struct {
		level             slog.Level
		recorded, written bool
	}{{slog.LevelDebug, false, false}, {slog.LevelInfo, true, false}, {slog.LevelWarn, true, true}} {
		out.Reset()
		mark := l.Mark()
		logger.Log(t.Context(), test.level, "x")
		if recorded := len(l.Since(mark)) == 1; recorded != test.recorded || (out.Len() > 0) != test.written {
			t.Errorf("%v: recorded %v, written %q", test.level, recorded, out.String())
		}
	}
	level.Set(slog.LevelError)
	mark := l.Mark()
	out.Reset()
	logger.Warn("x") // for next alone
	if len(l.Since(mark)) != 0 || out.Len() == 0 {
		t.Errorf("recorded %v, written %q", l.Since(mark), out.String())
	}
	if logger.Enabled(t.Context(), slog.LevelDebug) || !logger.Enabled(t.Context(), slog.LevelWarn) {
		t.Error("Enabled is not that of either")
	}
}

func TestWhatIsPassedOnHasTheSameAttributes(t *testing.T) {
	var out bytes.Buffer
	next := slog.NewTextHandler(&out, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) == 0 && a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}})
	l := NewSlog(nil).PassOn(next)
	slog.New(l).With("a", 1).WithGroup("g").With("b", 2).Info("x", "c", 3)
	if got := out.String(); got != "level=INFO msg=x a=1 g.b=2 g.c=3\n" {
		t.Errorf("passed on: %s", got)
	}
	if got := l.History()[0].String(); got != "INFO x a=1 g.b=2 g.c=3" {
		t.Errorf("recorded: %s", got)
	}
}

// broken is a handler that fails.
type broken struct{ slog.Handler }

func (broken) Handle(context.Context, slog.Record) error { return errors.New("the disk is full") }

func TestTheErrorOfTheNextHandlerIsReturnedAndTheRecordKept(t *testing.T) {
	l := NewSlog(nil).PassOn(broken{slog.DiscardHandler.WithGroup("")})
	err := l.Handle(t.Context(), slog.NewRecord(time.Time{}, slog.LevelInfo, "x", 0))
	if err != nil { // the discard handler is never enabled
		t.Errorf("a handler that is not enabled was called: %v", err)
	}
	l = NewSlog(nil).PassOn(broken{slog.NewTextHandler(&bytes.Buffer{}, nil)})
	if err := l.Handle(t.Context(), slog.NewRecord(time.Time{}, slog.LevelInfo, "x", 0)); err == nil || l.Len() != 1 {
		t.Errorf("err = %v, %d records", err, l.Len())
	}
}

func TestAnEmptyWithOrGroupChangesNothing(t *testing.T) {
	l := NewSlog(nil)
	if l.WithAttrs(nil) != l.WithGroup("") {
		t.Error("a new handler was made for nothing")
	}
}

func TestALogRecordWakesTheWaitForIt(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		l := NewSlog(t)
		logger := slog.New(l).With("component", "cache")
		start := time.Now()
		time.AfterFunc(time.Second, func() {
			logger.Info("evicted", "key", "b")
			logger.Info("evicted", "key", "a", "size", 3)
		})
		r := Event(t, "a is evicted", l.Recorder, Logged("evicted", slog.String("key", "a"), slog.String("component", "cache")))
		if size, _ := r.Attr("size"); size != int64(3) || time.Since(start) != time.Second {
			t.Errorf("%v after %v", r, time.Since(start))
		}
		EventLike(t, "something at that level", NewSlogWith(t, slog.LevelError, "boom"), LogRecord{Level: slog.LevelError})
	})
}

// NewSlogWith returns a recorder that holds one record.
func NewSlogWith(t TB, level slog.Level, message string) *Recorder[LogRecord] {
	l := NewSlog(t)
	slog.New(l).Log(context.Background(), level, message)
	return l.Recorder
}

func TestLoggedMatchesMessageAndAttributes(t *testing.T) {
	l := NewSlog(nil)
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	list := []int{1}
	slog.New(l).Info("login", slog.Group("user", "name", "ann", "id", 7), "at", at, "list", list, "nothing", nil)
	r := l.History()[0]
	for _, test := range []struct {
		name  string
		match func(LogRecord) bool
		want  bool
	}{
		{"message", Logged("login"), true},
		{"another message", Logged("logi"), false},
		{"attribute alone", Logged("", slog.Any("nothing", nil)), true},
		{"another value", Logged("login", slog.Int("user.id", 8)), false},
		{"another type", Logged("login", slog.String("user.id", "7")), false},
		{"group", Logged("login", slog.Group("user", "id", 7, "name", "ann")), true},
		{"group with another member", Logged("login", slog.Group("user", "id", 7, "age", 7)), false},
		{"instant in another zone", Logged("login", slog.Time("at", at.In(time.FixedZone("x", 3600)))), true},
		{"another instant", Logged("login", slog.Time("at", at.Add(1))), false},
		{"not a time", Logged("login", slog.Int("at", 1)), false},
		{"what == cannot compare", Logged("login", slog.Any("list", []int{1})), true},
		{"no such attribute", Logged("login", slog.Any("something", nil)), false},
	} {
		if got := test.match(r); got != test.want {
			t.Errorf("%s: %v", test.name, got)
		}
	}
	mustPanic(t, "would match every record", func() { Logged("") })
}

// Not parallel: the default belongs to the process.
func TestSlogAsTheDefaultHearsPackageLogAndIsPutBack(t *testing.T) {
	var plain bytes.Buffer
	writer, flags := log.Writer(), log.Flags()
	defer func() { log.SetOutput(writer); log.SetFlags(flags) }()
	log.SetOutput(&plain)
	log.SetFlags(log.Lmsgprefix)
	before := slog.Default()

	s := &spy{}
	var out bytes.Buffer
	l := NewSlog(s).PassOn(slog.NewTextHandler(&out, nil))
	l.UseAsDefault(s)
	slog.Info("one", "n", 1)
	log.Print("two")
	s.finish()
	slog.Info("three")
	log.Print("four")

	var texts []string
	for _, r := range l.History() {
		texts = append(texts, r.String())
	}
	if !slices.Equal(texts, []string{"INFO one n=1", "INFO two"}) || l.Late() != 0 {
		t.Errorf("recorded %q, %d late", texts, l.Late())
	}
	if n := strings.Count(out.String(), "\n"); n != 2 {
		t.Errorf("passed on: %s", out.String())
	}
	if slog.Default() != before || plain.String() != "INFO three\nfour\n" {
		t.Errorf("afterwards package log wrote %q", plain.String())
	}
	mustPanic(t, "UseAsDefault needs a TB with a Cleanup method", func() { l.UseAsDefault(bare{s}) })
	mustPanic(t, "blocks for ever", func() { NewSlog(nil).PassOn(slog.Default().Handler()) })
}

// chatty logs while it is being logged.
type chatty struct{ logger *slog.Logger }

func (c chatty) LogValue() slog.Value {
	c.logger.Info("inner")
	return slog.StringValue("outer value")
}

func TestAValueMayLogWhileItIsLogged(t *testing.T) {
	l := NewSlog(nil)
	logger := slog.New(l)
	logger.Info("outer", "v", chatty{logger})
	if l.Count(Logged("inner")) != 1 || l.Count(Logged("outer", slog.String("v", "outer value"))) != 1 {
		t.Errorf("recorded %v", l.History())
	}
}

func TestSlogIsUsedFromManyGoroutines(t *testing.T) {
	l := NewSlog(t)
	base := slog.New(l).With("shared", errors.New("e"))
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			logger := base.WithGroup(fmt.Sprint("g", i)).With("i", i)
			for n := range 50 {
				logger.Info("tick", "n", n)
			}
		})
	}
	Until(t, "all have ticked", func() bool { return l.Count(Logged("tick")) == 400 }, On(l))
	all.Wait()
	for i := range 8 {
		if n := l.Count(Logged("tick", slog.Int(fmt.Sprintf("g%d.i", i), i))); n != 50 {
			t.Errorf("goroutine %d: %d records", i, n)
		}
	}
}

func TestWhatIsBelowTheLevelCostsNoAllocation(t *testing.T) {
	logger := slog.New(NewSlog(nil).From(slog.LevelWarn))
	ctx := t.Context()
	if n := testing.AllocsPerRun(100, func() { logger.LogAttrs(ctx, slog.LevelInfo, "x", slog.Int("n", 1)) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// A buffer that is empty when it is logged has no text, which is a text too.
func TestARecordKeepsATextThatIsEmpty(t *testing.T) {
	var buf bytes.Buffer
	records := NewSlog(t)
	slog.New(records).Info("flushed", "buffer", &buf, "size", 0)
	buf.WriteString("more")
	if got, want := records.History()[0].String(), `INFO flushed buffer="" size=0`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
