package eventually

import (
	"database/sql"
	"fmt"
	"reflect"
)

// DB is a polled Source for the connections of a *sql.DB, or of whatever else
// has its Stats. It changes when the statistics do, so that it is for conditions
// on these: a statement that begins and ends between two polls may leave them as
// they were.
//
//	pool := eventually.DB(db)
//	eventually.Until(t, "every connection is given back", func() bool { return pool.Stats().InUse == 0 }, eventually.On(pool))
//
// It panics if db is nil, or a nil pointer.
func DB(db interface{ Stats() sql.DBStats }) *DBSource {
	if v := reflect.ValueOf(db); db == nil || v.Kind() == reflect.Pointer && v.IsNil() {
		panic("eventually: DB was given no database; pass the *sql.DB")
	}
	return &DBSource{db: db}
}

// DBSource is the Source made by DB. Stats, Idle and String may be called from
// any goroutine; otherwise a DBSource is used by one wait at a time.
//
// It is an Idler, idle when no connection is in use, and thereby fit for Settle:
// whoever waits for a connection waits because all are in use, and one that is
// being opened counts as in use. It is a Witness too. Between two statements of
// one job no connection is in use, so that an idle pool says nothing about what
// comes next: a busy one keeps Never watching, an idle one alone does not end
// it.
type DBSource struct {
	db     interface{ Stats() sql.DBStats }
	looked bool
	last   sql.DBStats
}

// Notify implements Source; nothing notifies of a pool.
func (s *DBSource) Notify(chan<- struct{}) (stop func()) {
	s.looked = false
	return func() {}
}

// Poll implements Polled.
func (s *DBSource) Poll() (changed bool) {
	now := s.db.Stats()
	changed = !s.looked || now != s.last
	s.looked, s.last = true, now
	return changed
}

// Stats returns the statistics of now.
func (s *DBSource) Stats() sql.DBStats { return s.db.Stats() }

// Idle implements Idler.
func (s *DBSource) Idle() (idle bool, why string) {
	now := s.db.Stats()
	if now.InUse == 0 {
		return true, ""
	}
	return false, fmt.Sprintf("%d of %s in use, by rows, a transaction or a Conn that is not closed yet", now.InUse, plural(now.OpenConnections, "connection"))
}

// Witness marks a DBSource as a Source that originates nothing itself.
func (s *DBSource) Witness() {}

// String names the pool in reports, with how much of it is in use.
func (s *DBSource) String() string {
	now := s.db.Stats()
	limit := "no limit"
	if now.MaxOpenConnections > 0 {
		limit = fmt.Sprintf("at most %d", now.MaxOpenConnections)
	}
	return fmt.Sprintf("sql.DB (%d open, %d in use, %d waited; %s)", now.OpenConnections, now.InUse, now.WaitCount, limit)
}
