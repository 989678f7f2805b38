// Package httpsource makes the connections of an http.Server a source that waits
// can listen to.
//
// A server tells of each connection through its ConnState hook: it is new, a
// request is read and answered on it (active), it is kept for the next request
// (idle), it is hijacked by a handler, or it is closed. [Watch] listens there, so
// that a test can wait until no request is under way any more, until the
// connection of a client is kept alive, or until a server that shuts down has
// let go of all:
//
//	server := httptest.NewUnstartedServer(handler)
//	conns := httpsource.Watch(t, server.Config) // before it serves
//	server.Start()
//	defer server.Close()
//	response, err := server.Client().Get(server.URL) // answered, but is the handler done?
//	// …
//	eventually.Settle(t, conns)
//
// # What is guaranteed
//
// A change is counted first, recorded second, and announced third, so that a
// wait which is woken sees it. The hook that the server had is called before
// all this. Nothing is polled and no goroutine is started.
//
// # What it does not do
//
// It cannot see a connection that the server has not accepted yet: to dial is
// not to be accepted. It knows nothing of what a handler leaves running, or of
// hijacked connections. It cannot be attached to a server that serves already,
// since net/http reads the hook without a lock.
//
// It is a package of its own, apart from eventually, so that a test which has
// nothing to do with HTTP does not link net/http.
package httpsource
