package httpsource_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/eventually/httpsource"
)

// printer stands in for *testing.T, which examples do not have.
type printer struct{}

func (printer) Helper()                           {}
func (printer) Errorf(format string, args ...any) { fmt.Printf(format+"\n", args...) }
func (printer) FailNow()                          {}

var t printer

// The client has its answer before the handler has returned. A test that looks
// at what the handler does last waits until no request is under way.
func ExampleWatch() {
	audited := 0
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "hello")
		http.NewResponseController(w).Flush()
		audited++
	}))
	conns := httpsource.Watch(t, server.Config) // before it serves
	server.Start()
	defer server.Close()

	response, err := server.Client().Get(server.URL)
	if err != nil {
		panic(err)
	}
	io.Copy(io.Discard, response.Body)
	response.Body.Close()
	eventually.Settle(t, conns)
	fmt.Println(response.StatusCode, audited)
	// Output: 200 1
}

func ExampleConns() {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	conns := httpsource.Watch(t, server.Config)
	server.Start()
	defer server.Close()

	if _, err := server.Client().Head(server.URL); err != nil {
		panic(err)
	}
	kept := eventually.EventLike(t, "the connection is kept for the next request", conns.Changes, httpsource.Change{To: http.StateIdle})
	fmt.Println(kept.From, "→", kept.To)
	server.Client().CloseIdleConnections()
	eventually.Until(t, "it is closed", func() bool { return conns.Count(http.StateClosed) == 1 }, eventually.On(conns))
	fmt.Println(conns.Count(http.StateIdle), "left")
	// Output:
	// active → idle
	// 0 left
}
