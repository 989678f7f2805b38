package eventually

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"testing"
	"time"
)

// connector is a database driver whose connections do nothing.
type connector struct{}

func (connector) Connect(context.Context) (driver.Conn, error) { return connection{}, nil }
func (connector) Driver() driver.Driver                        { return nil }

type connection struct{}

func (connection) Prepare(string) (driver.Stmt, error) { return nil, errors.New("no statements") }
func (connection) Close() error                        { return nil }
func (connection) Begin() (driver.Tx, error)           { return nil, errors.New("no transactions") }

// openDB returns a pool of at most n connections, closed at the end of t.
func openDB(t *testing.T, n int) *sql.DB {
	db := sql.OpenDB(connector{})
	db.SetMaxOpenConns(n)
	t.Cleanup(func() { db.Close() })
	return db
}

func take(t *testing.T, db *sql.DB) *sql.Conn {
	t.Helper()
	c, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAPoolChangesWithItsStatistics(t *testing.T) {
	db := openDB(t, 2)
	s := DB(db)
	if !s.Poll() || s.Poll() {
		t.Error("the first look is a change, the second is none")
	}
	c := take(t, db)
	if !s.Poll() || s.Poll() {
		t.Error("a connection in use is a change, once")
	}
	if idle, why := s.Idle(); idle || why != "1 of 1 connection in use, by rows, a transaction or a Conn that is not closed yet" {
		t.Errorf("idle %v: %s", idle, why)
	}
	if got := nameOf(s); got != "sql.DB (1 open, 1 in use, 0 waited; at most 2) (polled)" {
		t.Errorf("name = %s", got)
	}
	c.Close()
	if idle, why := s.Idle(); !idle || why != "" || s.Stats().InUse != 0 || !s.Poll() {
		t.Errorf("idle %v: %s", idle, why)
	}
	if got := DB(openDB(t, 0)).String(); got != "sql.DB (0 open, 0 in use, 0 waited; no limit)" {
		t.Errorf("String() = %s", got)
	}
	mustPanic(t, "DB was given no database", func() { DB(nil) })
	mustPanic(t, "DB was given no database", func() { DB((*sql.DB)(nil)) })
}

func TestUntilAConnectionIsGivenBack(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		db := openDB(t, 1)
		c := take(t, db)
		start := time.Now()
		time.AfterFunc(time.Second, func() { c.Close() })
		pool := DB(db)
		Until(t, "all are given back", func() bool { return pool.Stats().InUse == 0 }, On(pool))
		if d := time.Since(start); d < time.Second || d > time.Second+10*time.Millisecond {
			t.Errorf("took %v", d)
		}
		c = take(t, db)
		time.AfterFunc(time.Second, func() { c.Close() })
		Settle(t, pool)
		if pool.Stats().InUse != 0 {
			t.Error("settled with a connection in use")
		}
	})
}

func TestWhoWaitsForAConnectionKeepsThePoolBusy(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		db := openDB(t, 1)
		pool := DB(db)
		first := take(t, db)
		got := make(chan *sql.Conn)
		go func() { got <- take(t, db) }()
		Until(t, "somebody waits", func() bool { return pool.Stats().WaitCount == 1 }, On(pool))
		if idle, _ := pool.Idle(); idle {
			t.Error("idle while somebody waits")
		}
		first.Close()
		second := <-got
		if idle, _ := pool.Idle(); idle {
			t.Error("idle although the connection went to the next")
		}
		second.Close()
		if idle, why := pool.Idle(); !idle {
			t.Error(why)
		}
	})
}

// A job that runs one statement each second uses no connection in between. A
// Never that took this for a proof would never see the second statement.
func TestAnIdlePoolDoesNotEndNever(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		db := openDB(t, 1)
		pool := DB(db)
		var statements Counter
		time.AfterFunc(time.Second, func() {
			take(t, db).Close()
			statements.Add(1)
		})
		text := failure(func(s *spy) {
			Never(s, "a statement is run", func() bool { return statements.Load() > 0 }, On(pool), Within(time.Minute))
		})
		mustContain(t, text, `"a statement is run" was never to happen, and it happened after`)
	})
}

func TestABusyWitnessKeepsNeverWatchingAndAnIdleOneHasNoSay(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		db := openDB(t, 1)
		pool, idle := DB(db), &tap{}
		for _, test := range []struct {
			name    string
			busy    bool
			sources []Source
			want    time.Duration
		}{
			{"an idle pool alone", false, []Source{pool}, time.Minute},
			{"an idle pool beside an idle source", false, []Source{pool, idle}, 0},
			{"a busy pool beside an idle source", true, []Source{pool, idle}, time.Minute},
		} {
			var c *sql.Conn
			if test.busy {
				c = take(t, db)
			}
			start := time.Now()
			Never(t, "x", func() bool { return false }, On(test.sources...), Within(time.Minute))
			if d := time.Since(start); d != test.want {
				t.Errorf("%s: watched for %v, want %v", test.name, d, test.want)
			}
			if c != nil {
				c.Close()
			}
		}
	})
}
