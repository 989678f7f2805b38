package leakcheck

import "strings"

// cure says what to try, from where a goroutine is and how it is blocked.
func cure(g Goroutine) string {
	for _, c := range cures {
		if c.fits(g) {
			return c.text
		}
	}
	return "tell it to end, and wait until it has ended, before the test does"
}

type remedy struct {
	fits func(Goroutine) bool
	text string
}

// cures are tried in order: the code that everybody uses first, then states.
var cures = []remedy{
	{calls("net/http.(*persistConn)."), "close the response body, and call CloseIdleConnections on the client's transport"},
	{calls("net/http.(*Server).Serve"), "call Close or Shutdown of the server"},
	{calls("net/http.(*conn).serve"), "call Close of the server, which closes its connections"},
	{calls("database/sql.(*DB)."), "call Close of the DB"},
	{calls("os/exec."), "call Wait of the command, after its process was killed or has ended"},
	{func(g Goroutine) bool { return g.Creator.Function == "time.goFunc" }, "Stop the timer, and where it has fired already wait for its function"},
	{func(g Goroutine) bool {
		return g.State == "chan receive (nil chan)" || g.State == "chan send (nil chan)"
	}, "the channel is nil: it was never made, or set to nil too early"},
	{func(g Goroutine) bool { return g.State == "select (no cases)" }, "select{} never ends; wait for a context or a channel instead"},
	{state("chan receive"), "close the channel it receives from, or let it select on a context that the test cancels"},
	{state("chan send"), "receive what it sends, or give the channel room for it, so that it need not wait"},
	{state("select"), "cancel its context or close its done channel: the Close, Stop or cancel of what started it is missing"},
	{state("IO wait"), "close the connection, listener or file it reads from"},
	{state("sync.WaitGroup"), "a Done is missing for an Add of its WaitGroup"},
	{state("sync.Mutex"), "whoever holds the mutex has not unlocked it"},
	{state("sync.RWMutex"), "whoever holds the mutex has not unlocked it"},
	{state("sync.Cond"), "call Broadcast once its condition holds, or at the end"},
	{state("semacquire"), "a Done, an Unlock or a Release is missing"},
	{state("sleep"), "let it wait on a timer and a context, so that it can be told to end"},
	{state("syscall"), "end the system call: close the file, or kill the process it waits for"},
}

func calls(prefix string) func(Goroutine) bool {
	return func(g Goroutine) bool {
		for _, f := range g.Stack {
			if strings.HasPrefix(f.Function, prefix) {
				return true
			}
		}
		return false
	}
}

func state(prefix string) func(Goroutine) bool {
	return func(g Goroutine) bool { return strings.HasPrefix(g.State, prefix) }
}
