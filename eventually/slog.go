package eventually

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Slog is a slog.Handler that records what is logged, so that a test can wait
// for a log line instead of looking for it again and again. It is a Recorder of
// LogRecords:
//
//	records := eventually.NewSlog(t)
//	server := NewServer(slog.New(records))
//	eventually.Event(t, "it gives up", records.Recorder, eventually.Logged("giving up", slog.Int("attempts", 3)))
//
// A record is complete when it is recorded: LogValuers are resolved and other
// values are rendered in the goroutine that logs, so that a report never reads
// what the program may be changing. All methods but From and PassOn may be
// called from any goroutine.
type Slog struct {
	*Recorder[LogRecord]
	root slogScope
	from slog.Leveler
}

// NewSlog returns a handler that records everything and passes nothing on. It
// belongs to t: what is logged after its end is only counted as late. t may be
// nil.
func NewSlog(t TB, opts ...RecorderOption) *Slog {
	l := &Slog{
		Recorder: NewRecorder[LogRecord](t, append([]RecorderOption{Named("slog records")}, opts...)...),
		from:     slog.Level(lowestLevel),
	}
	l.root.log = l
	l.DescribeWith(LogRecord.String)
	return l
}

// lowestLevel is below every level in use.
const lowestLevel = -1 << 31

// From makes l record only what is logged at that level or above, and returns
// l. A slog.LevelVar may be changed at any time. Call From before l is used.
func (l *Slog) From(level slog.Leveler) *Slog {
	l.from = level
	return l
}

// PassOn hands every record that next is enabled for to next as well, before it
// is recorded, and returns l. Call it before l is used.
//
// It panics for the handler with which slog.Default begins: that one writes
// through package log, which slog.SetDefault redirects into the new default
// handler, so that the first record would wait for itself for ever. Pass
// slog.NewTextHandler(os.Stderr, nil) instead.
func (l *Slog) PassOn(next slog.Handler) *Slog {
	if fmt.Sprintf("%T", next) == "*slog.defaultHandler" {
		panic("eventually: PassOn was given the handler with which slog.Default begins, which blocks for ever once this one is the default; pass slog.NewTextHandler(os.Stderr, nil) instead")
	}
	l.root.next = next
	return l
}

// UseAsDefault makes l the handler of slog.Default, and thereby of package log,
// until t ends; then both are as before. The default belongs to the whole
// process: tests that run in parallel would hear each other. t must have a
// Cleanup method, or UseAsDefault panics.
func (l *Slog) UseAsDefault(t TB) {
	owner, ok := t.(cleaner)
	if !ok {
		panic(fmt.Sprintf("eventually: UseAsDefault needs a TB with a Cleanup method to put the default back, and %T has none; call slog.SetDefault yourself", t))
	}
	before, writer, flags := slog.Default(), log.Writer(), log.Flags()
	slog.SetDefault(slog.New(l))
	owner.Cleanup(func() {
		slog.SetDefault(before)
		log.SetOutput(writer) // SetDefault redirects package log and does not put it back
		log.SetFlags(flags)
	})
}

// Enabled implements slog.Handler.
func (l *Slog) Enabled(ctx context.Context, level slog.Level) bool { return l.root.Enabled(ctx, level) }

// Handle implements slog.Handler: it passes r on, records it and wakes the
// waits. The error is that of the handler to which r is passed on.
func (l *Slog) Handle(ctx context.Context, r slog.Record) error { return l.root.Handle(ctx, r) }

// WithAttrs implements slog.Handler. The values are resolved now, as those of
// the handlers of log/slog are.
func (l *Slog) WithAttrs(attrs []slog.Attr) slog.Handler { return l.root.WithAttrs(attrs) }

// WithGroup implements slog.Handler.
func (l *Slog) WithGroup(name string) slog.Handler { return l.root.WithGroup(name) }

// slogScope is a Slog, or what With and WithGroup made of it.
type slogScope struct {
	log    *Slog
	next   slog.Handler // may be nil
	prefix string       // the open groups: "request."
	attrs  logAttrs     // of With
}

func (s *slogScope) Enabled(ctx context.Context, level slog.Level) bool {
	return s.records(level) || s.next != nil && s.next.Enabled(ctx, level)
}

func (s *slogScope) records(level slog.Level) bool { return level >= s.log.from.Level() }

func (s *slogScope) Handle(ctx context.Context, r slog.Record) (err error) {
	if s.next != nil && s.next.Enabled(ctx, r.Level) {
		err = s.next.Handle(ctx, r)
	}
	if !s.records(r.Level) {
		return err
	}
	attrs := s.attrs.grow(r.NumAttrs())
	r.Attrs(func(a slog.Attr) bool {
		attrs.add(s.prefix, a)
		return true
	})
	s.log.Emit(LogRecord{Time: r.Time, Level: r.Level, Message: r.Message, Attrs: attrs.attrs, texts: attrs.texts})
	return err
}

func (s *slogScope) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return s
	}
	scope := *s
	scope.attrs = s.attrs.grow(len(attrs))
	for _, a := range attrs {
		scope.attrs.add(s.prefix, a)
	}
	if s.next != nil {
		scope.next = s.next.WithAttrs(attrs)
	}
	return &scope
}

func (s *slogScope) WithGroup(name string) slog.Handler {
	if name == "" {
		return s
	}
	scope := *s
	scope.prefix += name + "."
	if s.next != nil {
		scope.next = s.next.WithGroup(name)
	}
	return &scope
}

// logAttrs are attributes under construction, and the texts of those whose
// value could change after it was logged.
type logAttrs struct {
	attrs []LogAttr
	texts []string // as shown, parallel to attrs as far as it goes; "" where the value is its own text
}

// grow returns a copy with room for n more. The copy keeps scopes that share
// attributes from writing into each other's.
func (b logAttrs) grow(n int) logAttrs {
	if n == 0 && len(b.attrs) == 0 {
		return logAttrs{}
	}
	attrs := make([]LogAttr, len(b.attrs), len(b.attrs)+n)
	copy(attrs, b.attrs)
	return logAttrs{attrs, slices.Clone(b.texts)}
}

// add follows the rules for handlers: values are resolved, an empty attribute
// and an empty group are left out, and a group without a name is inlined.
func (b *logAttrs) add(prefix string, a slog.Attr) {
	v := a.Value.Resolve()
	if v.Kind() == slog.KindGroup {
		if a.Key != "" {
			prefix += a.Key + "."
		}
		for _, member := range v.Group() {
			b.add(prefix, member)
		}
		return
	}
	value := v.Any()
	if a.Key == "" && value == nil {
		return
	}
	b.attrs = append(b.attrs, LogAttr{prefix + a.Key, value})
	if v.Kind() == slog.KindAny {
		for len(b.texts) < len(b.attrs)-1 {
			b.texts = append(b.texts, "")
		}
		b.texts = append(b.texts, logText(fmt.Sprintf("%+v", value)))
	}
}

// LogRecord is one record of log/slog, as a Slog recorded it.
type LogRecord struct {
	Time    time.Time // zero if the record had none
	Level   slog.Level
	Message string
	Attrs   []LogAttr // those of With first, otherwise in the order in which they were given

	texts []string // see logAttrs
}

// LogAttr is an attribute of a LogRecord.
type LogAttr struct {
	Key   string // with the names of its groups before it: "request.id"
	Value any    // as slog.Value.Any returns it: an int is an int64, for instance
}

// Attr returns the value of the attribute with that key, which for a member of
// groups is for instance "request.id". Of several it is the last.
func (r LogRecord) Attr(key string) (value any, ok bool) {
	for _, a := range slices.Backward(r.Attrs) {
		if a.Key == key {
			return a.Value, true
		}
	}
	return nil, false
}

// String renders the record in one line, without its time: WARN full size=3.
func (r LogRecord) String() string {
	var b strings.Builder
	b.WriteString(r.Level.String() + " " + r.Message)
	for i, a := range r.Attrs {
		text := ""
		if i < len(r.texts) {
			text = r.texts[i]
		}
		if text == "" {
			text = logText(fmt.Sprintf("%v", a.Value))
		}
		b.WriteString(" " + a.Key + "=" + text)
	}
	return b.String()
}

// logText is a text as a record shows it: quoted where it needs to be, and never
// empty.
func logText(text string) string {
	if text == "" || strings.ContainsAny(text, " \t\n\"=") {
		return strconv.Quote(text)
	}
	return text
}

// Logged returns a function for Event, InOrder and Count that matches records
// with exactly that message and, among others, these attributes. A group matches
// member by member; values are equal as reflect.DeepEqual has it, times as
// instants. An empty message stands for any; it panics if there are no
// attributes either, since that would match everything.
//
//	eventually.Event(t, "ann logs in", records.Recorder, eventually.Logged("login", slog.Group("user", "name", "ann")))
func Logged(message string, attrs ...slog.Attr) func(LogRecord) bool {
	var wanted logAttrs
	for _, a := range attrs {
		wanted.add("", a)
	}
	if message == "" && len(wanted.attrs) == 0 {
		panic("eventually: Logged without a message and attributes would match every record; name what matters")
	}
	return func(r LogRecord) bool {
		if message != "" && r.Message != message {
			return false
		}
		return !slices.ContainsFunc(wanted.attrs, func(w LogAttr) bool {
			got, ok := r.Attr(w.Key)
			return !ok || !sameLogValue(got, w.Value)
		})
	}
}

func sameLogValue(a, b any) bool {
	if t, ok := a.(time.Time); ok {
		u, ok := b.(time.Time)
		return ok && t.Equal(u)
	}
	return reflect.DeepEqual(a, b)
}
