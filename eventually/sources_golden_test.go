package eventually

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// sourceFailures are waits that each have one kind of source, in a bubble, and
// what their texts must say about it whatever else they say.
var sourceFailures = map[string]struct {
	names string
	fail  func(t *testing.T, s *spy)
}{
	"source slog": {"sources: slog records", func(_ *testing.T, s *spy) {
		records := NewSlog(s)
		logger := slog.New(records).With("component", "uploader")
		for i, d := range []time.Duration{10, 30, 70} {
			time.AfterFunc(d*time.Millisecond, func() { logger.Warn("attempt failed", "n", i+1, "err", errors.New("connection refused")) })
		}
		Event(s, "it gives up", records.Recorder, Logged("giving up", slog.Int("attempts", 3)))
	}},
	"source slog alike": {"sources: slog records", func(_ *testing.T, s *spy) {
		records := NewSlog(s)
		slog.New(records).Info("giving up", "attempts", 2)
		EventLike(s, "it gives up with an error", records.Recorder, LogRecord{Level: slog.LevelError, Message: "giving up"})
	}},
	"source database": {"sources: sql.DB (1 open, 1 in use, 0 waited; at most 4) (polled)", func(t *testing.T, s *spy) {
		db := openDB(t, 4)
		rows := take(t, db) // which somebody forgets to close
		defer rows.Close()
		pool := DB(db)
		Value(s, "every connection is given back", func() int { return pool.Stats().InUse }, func(n int) bool { return n == 0 }, On(pool))
	}},
	"source database settle": {"1 of 1 connection in use", func(t *testing.T, s *spy) {
		db := openDB(t, 4)
		rows := take(t, db)
		defer rows.Close()
		Settle(s, DB(db))
	}},
	"source condition variable": {"sources: condition variable", func(_ *testing.T, s *spy) {
		var mu sync.Mutex
		changed, jobs := NewCond(&mu), 0
		time.AfterFunc(20*time.Millisecond, func() {
			mu.Lock()
			jobs++
			mu.Unlock()
			changed.Broadcast()
		})
		Value(s, "two jobs are queued", func() int {
			mu.Lock()
			defer mu.Unlock()
			return jobs
		}, func(n int) bool { return n == 2 }, On(changed))
	}},
	"source chan": {"sources: <-chan string (2 received, closed)", func(_ *testing.T, s *spy) {
		c := make(chan string)
		go func() {
			defer close(c)
			for _, state := range []string{"connecting", "connected"} {
				blockFor(20 * time.Millisecond)
				c <- state
			}
			blockFor(time.Second)
		}()
		states := Chan(c)
		Value(s, "the client is disconnected", func() string { last, _ := states.Last(); return last }, func(s string) bool { return s == "disconnected" }, On(states))
	}},
	"source record chan": {"sources: states", func(_ *testing.T, s *spy) {
		c := make(chan string, 1)
		states := RecordChan(s, c, Named("states"))
		time.AfterFunc(time.Second, func() {
			c <- "connected"
			blockFor(time.Second)
			close(c)
		})
		Event(s, "the client is disconnected", states, func(state string) bool { return state == "disconnected" })
	}},
	"source context": {"sources: context (the lease was lost)", func(_ *testing.T, s *spy) {
		ctx, cancel := context.WithCancelCause(context.Background())
		time.AfterFunc(time.Second, func() { cancel(errors.New("the lease was lost")) })
		Until(s, "the leader has resigned", func() bool { return false }, On(Ctx(ctx)))
	}},
	"source variable": {"sources: variable = \"starting\"", func(_ *testing.T, s *spy) {
		var state Var[string]
		time.AfterFunc(time.Second, func() { state.Set("starting") })
		Value(s, "the server is ready", state.Load, func(s string) bool { return s == "ready" }, On(&state))
	}},
	"source lines": {"sources: log of the server", func(_ *testing.T, s *spy) {
		log := NewLines(s, Named("log of the server"))
		time.AfterFunc(time.Second, func() { io.WriteString(log, "reconnected after 2 attempts\nid") })
		time.AfterFunc(2*time.Second, func() { io.WriteString(log, "le\n") })
		Value(s, "it reconnected twice", func() int { return log.Seen("reconnected") }, func(n int) bool { return n == 2 }, On(log))
	}},
}

func TestTheFailureTextOfEachSourceNamesIt(t *testing.T) {
	for name, test := range sourceFailures {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				text := failure(func(s *spy) { test.fail(t, s) })
				mustContain(t, text, test.names)
				golden(t, strings.ReplaceAll(name, " ", "-"), text)
			})
		})
	}
}

// masks hide what differs from run to run: a program is not of a bubble.
var masks = []struct {
	what *regexp.Regexp
	by   string
}{
	{regexp.MustCompile(regexp.QuoteMeta(os.Args[0])), "PROGRAM"},
	{regexp.MustCompile(`checks: +.*; sources`), "checks:     N; sources"},
	{regexp.MustCompile(` \(since \+\S+\)`), ""},
	{regexp.MustCompile(`\+\d\S* +`), "+DURATION "},
	{regexp.MustCompile(`after \d\S*:`), "after DURATION:"},
}

func TestTheFailureTextOfAProcessNamesIt(t *testing.T) {
	text := failure(func(s *spy) {
		p := StartProcess(s, play("greet"))
		Event(s, "it listens", p.Output.Recorder, is("listening"), On(p), FailFast(p.FailIfExited), Within(time.Minute))
	})
	for _, m := range masks {
		text = m.what.ReplaceAllString(text, m.by)
	}
	golden(t, "source-process", text)
}
