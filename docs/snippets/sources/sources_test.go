package sources

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/eventually/httpsource"
)

// upload stands in for a component that logs.
func upload(logger *slog.Logger) {
	logger.Warn("attempt failed", "n", 1)
	logger.Error("giving up", slog.Group("file", "name", "a.txt"))
}

func TestSlog(t *testing.T) {
	// snippet:begin slog
	records := eventually.NewSlog(t).
		From(slog.LevelInfo).                       // record from this level on; default: everything
		PassOn(slog.NewTextHandler(os.Stderr, nil)) // and show it as before
	go upload(slog.New(records).With("component", "uploader"))

	eventually.EventLike(t, "an attempt fails", records.Recorder, eventually.LogRecord{Level: slog.LevelWarn})
	eventually.Event(t, "it gives up", records.Recorder,
		eventually.Logged("giving up", slog.String("file.name", "a.txt"), slog.String("component", "uploader")))
	// snippet:end slog
}

func TestDefault(t *testing.T) {
	// snippet:begin default
	records := eventually.NewSlog(t)
	records.UseAsDefault(t) // until t ends; not with t.Parallel
	slog.Info("started")
	eventually.Event(t, "it starts", records.Recorder, eventually.Logged("started"))
	// snippet:end default
}

func TestHTTP(t *testing.T) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") })
	// snippet:begin http
	server := httptest.NewUnstartedServer(handler)
	conns := httpsource.Watch(t, server.Config) // before it serves; chains the hook that is there
	server.Start()
	defer server.Close()

	response, err := server.Client().Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	io.Copy(io.Discard, response.Body)
	response.Body.Close()

	eventually.Settle(t, conns) // no request is under way, and none about to be read
	eventually.Until(t, "the connection is kept for the next request",
		func() bool { return conns.Count(http.StateIdle) == 1 }, eventually.On(conns))
	// snippet:end http
}

// memory is a database driver whose connections do nothing.
type memory struct{}

func (memory) Connect(context.Context) (driver.Conn, error) { return memory{}, nil }
func (memory) Driver() driver.Driver                        { return nil }
func (memory) Prepare(string) (driver.Stmt, error)          { return nil, errors.ErrUnsupported }
func (memory) Close() error                                 { return nil }
func (memory) Begin() (driver.Tx, error)                    { return nil, errors.ErrUnsupported }

func TestDB(t *testing.T) {
	db := sql.OpenDB(memory{})
	defer db.Close()
	// snippet:begin db
	pool := eventually.DB(db)
	eventually.Until(t, "every connection is given back",
		func() bool { return pool.Stats().InUse == 0 }, eventually.On(pool))
	// snippet:end db
}

// snippet:begin condtype
// Production code imports foundation/signal: nonEmpty is a *signal.Cond where it
// was a *sync.Cond, made by signal.NewCond(&q.mu), and nothing else changes.
type queue struct {
	mu       sync.Mutex
	nonEmpty *eventually.Cond // the same type, for tests
	jobs     []string
}

func (q *queue) push(job string) {
	q.mu.Lock()
	q.jobs = append(q.jobs, job) // change the state under the lock,
	q.mu.Unlock()
	q.nonEmpty.Signal() // then announce it
}

// snippet:end condtype

func TestCond(t *testing.T) {
	var q queue
	q.nonEmpty = eventually.NewCond(&q.mu)
	// snippet:begin cond
	go q.push("a")
	go q.push("b")
	eventually.Until(t, "two jobs are queued", func() bool {
		q.mu.Lock()
		defer q.mu.Unlock()
		return len(q.jobs) == 2
	}, eventually.On(q.nonEmpty))
	// snippet:end cond
}

func TestContextAndChan(t *testing.T) {
	// snippet:begin chan
	states := make(chan string)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer cancel()
		states <- "ready"
	}()
	seen := eventually.Chan(states)
	eventually.Until(t, "it is ready", func() bool { last, _ := seen.Last(); return last == "ready" },
		eventually.On(seen))
	eventually.Until(t, "it has ended", func() bool { return ctx.Err() != nil },
		eventually.On(eventually.Ctx(ctx)))
	// snippet:end chan
}
