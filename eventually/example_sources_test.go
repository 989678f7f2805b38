package eventually_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sleepless-go/sleepless/eventually"
)

func ExampleNewSlog() {
	records := eventually.NewSlog(nil)
	logger := slog.New(records) // what the component is given
	go func() {
		logger.Info("attempt failed", "n", 1)
		logger.Warn("giving up", "attempts", 1)
	}()
	r := eventually.Event(t, "it gives up", records.Recorder, eventually.Logged("giving up"))
	fmt.Println(r)
	// Output: WARN giving up attempts=1
}

func ExampleLogged() {
	records := eventually.NewSlog(nil)
	logger := slog.New(records).WithGroup("user")
	logger.Info("login", "name", "ann")
	logger.Info("login", "name", "bob")
	fmt.Println(records.Count(eventually.Logged("login")), records.Count(eventually.Logged("login", slog.Group("user", "name", "bob"))))
	// Output: 2 1
}

func ExampleSlog_PassOn() {
	visible := slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		Level: slog.LevelWarn,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	})
	records := eventually.NewSlog(nil).From(slog.LevelInfo).PassOn(visible)
	logger := slog.New(records)
	logger.Debug("dropped by both")
	logger.Info("recorded")
	logger.Warn("recorded and shown")
	fmt.Println(records.Len(), "recorded")
	// Output:
	// level=WARN msg="recorded and shown"
	// 2 recorded
}

func ExampleSlog_UseAsDefault() {
	t := &printer{}
	records := eventually.NewSlog(t)
	records.UseAsDefault(t)
	slog.Info("heard")
	t.end() // the default is as before
	fmt.Println(records.Len())
	// Output: 1
}

func ExampleLogRecord_Attr() {
	records := eventually.NewSlog(nil)
	slog.New(records).Info("uploaded", slog.Group("file", "name", "a.txt", "size", 3))
	size, ok := records.History()[0].Attr("file.size")
	fmt.Println(size, ok)
	// Output: 3 true
}

// memory is a database driver whose connections do nothing.
type memory struct{}

func (memory) Connect(context.Context) (driver.Conn, error) { return memory{}, nil }
func (memory) Driver() driver.Driver                        { return nil }
func (memory) Prepare(string) (driver.Stmt, error)          { return nil, errors.ErrUnsupported }
func (memory) Close() error                                 { return nil }
func (memory) Begin() (driver.Tx, error)                    { return nil, errors.ErrUnsupported }

func ExampleDB() {
	db := sql.OpenDB(memory{})
	defer db.Close()
	conn, err := db.Conn(context.Background())
	if err != nil {
		panic(err)
	}
	go conn.Close() // the component gives its connection back

	pool := eventually.DB(db)
	eventually.Until(t, "every connection is given back", func() bool { return pool.Stats().InUse == 0 }, eventually.On(pool))
	fmt.Println(pool)
	// Output: sql.DB (1 open, 0 in use, 0 waited; no limit)
}

// mailbox announces its changes as code did before there were channels.
type mailbox struct {
	mu      sync.Mutex
	changed *eventually.Cond // in production code *signal.Cond; was *sync.Cond
	letters []string
}

func (m *mailbox) put(letter string) {
	m.mu.Lock()
	m.letters = append(m.letters, letter) // change the state under the lock,
	m.mu.Unlock()
	m.changed.Broadcast() // then announce it
}

func (m *mailbox) count() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.letters)
}

func ExampleNewCond() {
	var m mailbox
	m.changed = eventually.NewCond(&m.mu)
	go m.put("ann")
	go m.put("bob")
	eventually.Until(t, "two letters have come", func() bool { return m.count() == 2 }, eventually.On(m.changed))
	fmt.Println(m.count(), "letters")
	// Output: 2 letters
}

func ExamplePollUpTo() {
	var open atomic.Bool // which tells nobody
	go open.Store(true)
	eventually.Until(t, "the shop is open", open.Load, eventually.PollUpTo(time.Millisecond))
	fmt.Println("open")
	// Output: open
}
