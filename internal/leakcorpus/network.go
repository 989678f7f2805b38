package leakcorpus

import (
	"io"
	"net"
	"net/http"
	"sync"
)

// networkLeaks keep connections, or wait for them.
var networkLeaks = []Case{
	{Name: "listener that is not closed", Leaks: 1, Plant: func() func() {
		l := listen()
		return held(func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				conn.Close()
			}
		}, func() { l.Close() })
	}},
	{Name: "reader of a connection that says nothing", Leaks: 1, Plant: func() func() {
		near, far := connected()
		return held(func() { io.Copy(io.Discard, near) }, func() {
			far.Close()
			near.Close()
		})
	}},
	{Name: "reader of a connection in memory", Leaks: 1, Plant: func() func() {
		near, far := net.Pipe()
		return held(func() { io.Copy(io.Discard, near) }, func() { far.Close() })
	}},
	// The loop that accepts, one for the connection, and the client's two.
	{Name: "server and client with a connection kept alive", Leaks: 4, Plant: func() func() {
		s := serve()
		s.get()
		return s.close
	}},
}

// networkInnocents end all of that.
var networkInnocents = []Case{
	{Name: "listener that is closed", Plant: func() func() {
		l := listen()
		var c crew
		c.run(func() { l.Accept() })
		l.Close()
		c.join()
		return nil
	}},
	{Name: "connection that is closed at both ends", Plant: func() func() {
		near, far := connected()
		var c crew
		c.run(func() { io.Copy(io.Discard, near) })
		far.Close()
		near.Close()
		c.join()
		return nil
	}},
	{Name: "server and client that are closed", Plant: func() func() {
		s := serve()
		s.get()
		s.close()
		return nil
	}},
	{Name: "client without keep-alive", Plant: func() func() {
		s := serve()
		s.transport.DisableKeepAlives = true
		s.get()
		s.get()
		s.close()
		return nil
	}},
}

func listen() net.Listener {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	return l
}

// connected returns the two ends of a connection.
func connected() (near, far net.Conn) {
	l := listen()
	defer l.Close()
	accepted := make(chan net.Conn)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			panic(err)
		}
		accepted <- conn
	}()
	near, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		panic(err)
	}
	return near, <-accepted
}

// site is a web server, and a client of it.
type site struct {
	url       string
	server    http.Server
	transport http.Transport
	serving   crew
	conns     sync.WaitGroup
}

func serve() *site {
	l := listen()
	s := &site{url: "http://" + l.Addr().String()}
	s.server.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	s.server.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			s.conns.Add(1)
		case http.StateClosed:
			s.conns.Done()
		}
	}
	s.serving.run(func() { s.server.Serve(l) })
	return s
}

func (s *site) get() {
	response, err := (&http.Client{Transport: &s.transport}).Get(s.url)
	if err != nil {
		panic(err)
	}
	io.Copy(io.Discard, response.Body)
	response.Body.Close()
}

func (s *site) close() {
	s.transport.CloseIdleConnections()
	s.server.Close()
	s.serving.join()
	s.conns.Wait()
}
