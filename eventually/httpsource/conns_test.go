package httpsource

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/foundation/clock"
)

// pipes is a listener without a network, for bubbles.
type pipes struct {
	accepted chan net.Conn
	closed   chan struct{}
	close    func()
}

func newPipes() *pipes {
	p := &pipes{accepted: make(chan net.Conn), closed: make(chan struct{})}
	p.close = sync.OnceFunc(func() { close(p.closed) })
	return p
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.accepted:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.close(); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes", Net: "pipe"} }

func (p *pipes) dial(context.Context, string, string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.accepted <- theirs:
		return ours, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// site is a server in a bubble, with a client.
type site struct {
	conns  *Conns
	server *http.Server
	pipes  *pipes
	client *http.Client
}

// serve starts a server that ends with t.
func serve(t *testing.T, handler http.HandlerFunc) *site {
	s := &site{server: &http.Server{Handler: handler}, pipes: newPipes()}
	s.conns = Watch(t, s.server)
	transport := &http.Transport{DialContext: s.pipes.dial}
	s.client = &http.Client{Transport: transport}
	served := make(chan error)
	go func() { served <- s.server.Serve(s.pipes) }()
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		s.server.Close()
		if err := <-served; err != http.ErrServerClosed {
			t.Error(err)
		}
		eventually.Until(t, "all connections are closed", func() bool {
			return s.conns.Count(http.StateClosed)+s.conns.Count(http.StateHijacked) == s.conns.Total()
		}, eventually.On(s.conns))
	})
	return s
}

func (s *site) get(t *testing.T) {
	t.Helper()
	response, err := s.client.Get("http://site/")
	if err != nil {
		t.Error(err)
		return
	}
	io.Copy(io.Discard, response.Body)
	response.Body.Close()
}

func TestConnectionsAreRecordedFromNewToClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, func(http.ResponseWriter, *http.Request) {})
		s.get(t)
		eventually.EventLike(t, "the connection is kept", s.conns.Changes, Change{To: http.StateIdle})
		s.get(t)
		eventually.EventLike(t, "it is kept again", s.conns.Changes, Change{To: http.StateIdle})
		if n := s.conns.Count(http.StateIdle); n != 1 || s.conns.Total() != 1 {
			t.Errorf("%d idle of %d", n, s.conns.Total())
		}
		s.client.CloseIdleConnections()
		eventually.EventLike(t, "it is closed", s.conns.Changes, Change{To: http.StateClosed})
		var states []string
		for _, c := range s.conns.Changes.History() {
			states = append(states, c.String())
		}
		want := []string{
			"conn 1: new (pipe)", "conn 1: new → active (pipe)", "conn 1: active → idle (pipe)",
			"conn 1: idle → active (pipe)", "conn 1: active → idle (pipe)", "conn 1: idle → closed (pipe)",
		}
		if !slices.Equal(states, want) {
			t.Errorf("changes = %q, want %q", states, want)
		}
		for state, want := range map[http.ConnState]int{http.StateNew: 0, http.StateActive: 0, http.StateIdle: 0, http.StateHijacked: 0, http.StateClosed: 1, -1: 0, 9: 0} {
			if n := s.conns.Count(state); n != want {
				t.Errorf("%d %v, want %d", n, state, want)
			}
		}
	})
}

func TestAServerIsIdleWhenNoRequestIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const work = 3 * time.Second
		finished := false
		s := serve(t, func(http.ResponseWriter, *http.Request) {
			eventually.Advance(work)
			finished = true
		})
		if idle, why := s.conns.Idle(); !idle {
			t.Errorf("busy before anything: %s", why)
		}
		var client sync.WaitGroup
		client.Go(func() { s.get(t) })
		eventually.EventLike(t, "a request has come", s.conns.Changes, Change{To: http.StateActive})
		if idle, why := s.conns.Idle(); idle || why != "0 new and 1 active of 1 open connections" {
			t.Errorf("idle %v: %s", idle, why)
		}
		start := time.Now()
		eventually.Until(t, "the server is idle", func() bool { idle, _ := s.conns.Idle(); return idle }, eventually.On(s.conns))
		if !finished || time.Since(start) != work {
			t.Errorf("idle after %v, finished %v", time.Since(start), finished)
		}
		client.Wait()
		eventually.Never(t, "another request comes", func() bool { return s.conns.Total() > 1 }, eventually.On(s.conns), eventually.Within(time.Hour))
		if d := time.Since(start); d != work {
			t.Errorf("Never watched an idle server for %v", d-work)
		}
	})
}

func TestAConnectionOnWhichNothingWasSentIsBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, nil)
		c, err := s.pipes.dial(t.Context(), "", "")
		if err != nil {
			t.Fatal(err)
		}
		eventually.Until(t, "it is accepted", func() bool { return s.conns.Count(http.StateNew) == 1 }, eventually.On(s.conns))
		if idle, why := s.conns.Idle(); idle || why != "1 new and 0 active of 1 open connections" {
			t.Errorf("idle %v: %s", idle, why)
		}
		c.Close()
		eventually.Settle(t, s.conns)
	})
}

func TestAHijackedConnectionCountsNoMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var taken net.Conn
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			var err error
			if taken, _, err = http.NewResponseController(w).Hijack(); err != nil {
				t.Error(err)
			}
		})
		var client sync.WaitGroup
		client.Go(func() {
			if _, err := s.client.Get("http://site/"); err == nil {
				t.Error("a response came")
			}
		})
		e := eventually.EventLike(t, "it is hijacked", s.conns.Changes, Change{To: http.StateHijacked})
		synctest.Wait() // until who recorded that has gone on
		if idle, why := s.conns.Idle(); !idle || s.conns.Count(http.StateActive) != 0 || s.conns.Count(http.StateHijacked) != 1 || e.From != http.StateActive {
			t.Errorf("%v: idle %v %s", e, idle, why)
		}
		taken.Close()
		client.Wait()
	})
}

func TestTheHookThatWasThereIsCalledFirst(t *testing.T) {
	var conns *Conns
	var seen []string
	server := &http.Server{Addr: ":8080", ConnState: func(_ net.Conn, state http.ConnState) {
		seen = append(seen, fmt.Sprint(state, " ", conns.Changes.Len()))
	}}
	conns = Watch(t, server)
	ours, theirs := net.Pipe()
	defer ours.Close()
	defer theirs.Close()
	server.ConnState(ours, http.StateNew)
	server.ConnState(ours, http.StateActive)
	if want := []string{"new 0", "active 1"}; !slices.Equal(seen, want) {
		t.Errorf("the hook saw %q, want %q", seen, want)
	}
	if got := conns.String(); got != "connections of http.Server :8080 (1 active)" {
		t.Errorf("String() = %s", got)
	}
	if got := Watch(nil, &http.Server{}).String(); got != "connections of http.Server (none)" {
		t.Errorf("String() = %s", got)
	}
}

// odd is a connection that cannot be the key of a map.
type odd struct {
	net.Conn
	_ []int
}

func (odd) RemoteAddr() net.Addr { return nil }

func TestConnectionsThatCannotBeKeysAreToldApartByAddress(t *testing.T) {
	server := &http.Server{}
	conns := Watch(t, server)
	server.ConnState(odd{}, http.StateNew)
	server.ConnState(odd{}, http.StateClosed)
	if conns.Total() != 1 || conns.Count(http.StateClosed) != 1 || conns.Count(http.StateNew) != 0 {
		t.Errorf("%s of %d", conns, conns.Total())
	}
	server.ConnState(odd{}, http.StateClosed) // of a connection that was there before
	if idle, why := conns.Idle(); !idle || conns.Total() != 2 {
		t.Errorf("%d connections, %s", conns.Total(), why)
	}
}

func TestAServerThatIsNilPanics(t *testing.T) {
	defer func() {
		if text := fmt.Sprint(recover()); !strings.Contains(text, "pass the *http.Server before it serves") {
			t.Errorf("panic = %s", text)
		}
	}()
	Watch(t, nil)
}

// hooked is a clock that calls back when it is read, which a recorder does just
// before it records.
type hooked struct {
	clock.Clock
	read func()
}

func (h hooked) Now() time.Time {
	h.read()
	return h.Clock.Now()
}

// What a source announces must be there to see.
func TestIdlenessIsNotClaimedBeforeTheChangeIsRecorded(t *testing.T) {
	var conns *Conns
	looks := 0
	server := &http.Server{}
	conns = Watch(t, server, eventually.StampWith(hooked{clock.System(), func() {
		if conns == nil {
			return // it is being opened
		}
		looks++
		if idle, why := conns.Idle(); idle || why == "" {
			t.Errorf("idle (%v) with the change not yet recorded", why)
		}
	}}))
	ours, theirs := net.Pipe()
	defer ours.Close()
	defer theirs.Close()
	server.ConnState(ours, http.StateNew)
	server.ConnState(ours, http.StateClosed)
	if idle, why := conns.Idle(); looks != 2 || !idle {
		t.Errorf("%d looks; idle %v %s", looks, idle, why)
	}
}

func TestARealServerWithKeepAlive(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") }))
	conns := Watch(t, server.Config)
	server.Start()
	defer server.Close()
	var clients sync.WaitGroup
	for range 4 {
		clients.Go(func() {
			response, err := server.Client().Get(server.URL)
			if err != nil {
				t.Error(err)
				return
			}
			io.Copy(io.Discard, response.Body)
			response.Body.Close()
		})
	}
	clients.Wait()
	server.Client().CloseIdleConnections()
	eventually.Settle(t, conns)
	eventually.Until(t, "all are closed", func() bool { return conns.Count(http.StateClosed) == conns.Total() }, eventually.On(conns))
	if conns.Total() == 0 {
		t.Error("no connection was seen")
	}
}

func BenchmarkChange(b *testing.B) {
	server := &http.Server{}
	Watch(nil, server, eventually.Keep(64))
	ours, theirs := net.Pipe()
	defer ours.Close()
	defer theirs.Close()
	states := []http.ConnState{http.StateActive, http.StateIdle}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		server.ConnState(ours, states[i%2])
	}
}
