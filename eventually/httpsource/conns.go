package httpsource

import (
	"fmt"
	"net"
	"net/http"
	"reflect"
	"strings"
	"sync"

	"github.com/sleepless-go/sleepless/eventually"
)

// Watch makes the connections of server a Source. It sets server.ConnState and
// calls the function that was there before, first. Call it before the server
// serves, and with an httptest.Server before that is started:
//
//	server := httptest.NewUnstartedServer(handler)
//	conns := httpsource.Watch(t, server.Config)
//	server.Start()
//
// The recording ends with t, which may be nil. Watch panics if server is nil.
func Watch(t eventually.TB, server *http.Server, opts ...eventually.RecorderOption) *Conns {
	if server == nil {
		panic("httpsource: Watch was given no server; pass the *http.Server before it serves (httptest: the Config of NewUnstartedServer)")
	}
	name := strings.TrimSpace("connections of http.Server " + server.Addr)
	opts = append([]eventually.RecorderOption{eventually.Named(name)}, opts...)
	c := &Conns{
		Changes: eventually.NewRecorder[Change](t, opts...).DescribeWith(Change.String),
		open:    map[any]openConn{},
	}
	before := server.ConnState
	server.ConnState = func(conn net.Conn, state http.ConnState) {
		if before != nil {
			before(conn, state)
		}
		c.note(conn, state)
	}
	return c
}

// Conns is the Source made by Watch. It is an Idler: idle when no
// connection is new or active, so that neither a request is under way nor one
// about to be read. All methods may be called from any goroutine.
//
// A connection counts from when the server has accepted it. One that its client
// opened in advance and never used stays new. A hijacked connection is the
// handler's and counts no more, and neither does what a handler left running:
// where that could act, give it as a source too.
type Conns struct {
	eventually.Signal
	// Changes records what happened to each connection, for Event and InOrder.
	// The changes of one connection are in order.
	Changes *eventually.Recorder[Change]

	mu       sync.Mutex
	open     map[any]openConn
	counts   [http.StateClosed + 1]int // open ones by state now; hijacked and closed ones ever
	total    int
	underWay int // changes that are counted and not yet recorded
}

type openConn struct {
	number int
	state  http.ConnState
}

// Change is a change of the state of one connection.
type Change struct {
	Conn   int            // which connection: the first is 1
	From   http.ConnState // the state before; for a new connection StateNew too
	To     http.ConnState
	Remote string // address of the client
}

// String returns for instance "conn 1: active → idle (127.0.0.1:50412)".
func (c Change) String() string {
	if c.To == http.StateNew {
		return fmt.Sprintf("conn %d: new (%s)", c.Conn, c.Remote)
	}
	return fmt.Sprintf("conn %d: %v → %v (%s)", c.Conn, c.From, c.To, c.Remote)
}

// note counts a change, records it, and wakes the waits, in this order.
func (c *Conns) note(conn net.Conn, state http.ConnState) {
	change := Change{To: state, Remote: addressOf(conn)}
	c.mu.Lock()
	change.Conn, change.From = c.move(identity(conn), state)
	c.underWay++
	c.mu.Unlock()
	c.Changes.Emit(change)
	c.mu.Lock()
	c.underWay--
	c.mu.Unlock()
	c.Broadcast()
}

// move takes a connection from the state it is in to the next. One that is
// unknown was accepted before the server was watched. Call it with the lock.
func (c *Conns) move(id any, to http.ConnState) (number int, from http.ConnState) {
	known, ok := c.open[id]
	if ok {
		c.counts[known.state]--
	} else {
		c.total++
		known = openConn{number: c.total, state: to}
	}
	from = known.state
	c.counts[to]++
	if to == http.StateClosed || to == http.StateHijacked {
		delete(c.open, id)
	} else {
		c.open[id] = openConn{known.number, to}
	}
	return known.number, from
}

// identity is what tells connections apart: the connection itself, unless a
// listener makes connections that cannot be keys.
func identity(conn net.Conn) any {
	if reflect.ValueOf(conn).Comparable() {
		return conn
	}
	return addressOf(conn)
}

func addressOf(conn net.Conn) string {
	if a := conn.RemoteAddr(); a != nil {
		return a.String()
	}
	return "no address"
}

// Count returns how many connections are in the state now, and for
// http.StateHijacked and http.StateClosed how many have ended so.
func (c *Conns) Count(state http.ConnState) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if state < 0 || int(state) >= len(c.counts) {
		return 0
	}
	return c.counts[state]
}

// Total returns how many connections there were so far.
func (c *Conns) Total() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.total
}

// Idle implements Idler.
func (c *Conns) Idle() (idle bool, why string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	fresh, active := c.counts[http.StateNew], c.counts[http.StateActive]
	switch {
	case fresh+active > 0:
		return false, fmt.Sprintf("%d new and %d active of %d open connections", fresh, active, len(c.open))
	case c.underWay > 0:
		return false, "a change of state is being recorded"
	default:
		return true, ""
	}
}

// Timeline implements Timeliner.
func (c *Conns) Timeline(n int) (moments []eventually.Moment, total int) {
	return c.Changes.Timeline(n)
}

// String names the server in reports, with the states of its connections.
func (c *Conns) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var states []string
	for state, n := range c.counts {
		if n > 0 {
			states = append(states, fmt.Sprintf("%d %v", n, http.ConnState(state)))
		}
	}
	if len(states) == 0 {
		states = []string{"none"}
	}
	return c.Changes.String() + " (" + strings.Join(states, ", ") + ")"
}
