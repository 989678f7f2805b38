package benbclock

import (
	"fmt"
	"io"
	"os"
	"sync"

	benb "github.com/benbjohnson/clock"

	"github.com/sleepless-go/sleepless/fakeclock"
)

// notice says once in a process that plain Mocks are used.
type notice struct {
	once sync.Once
	w    io.Writer
}

var degraded = notice{w: os.Stderr}

func (n *notice) say(why error) {
	n.once.Do(func() {
		fmt.Fprintf(n.w, "benbclock: github.com/benbjohnson/clock is not laid out as in v1.3.5 (%v), so New falls back to its own Mock: that sleeps 1 ms for each timer, and its timers fire only in Add, Set and WaitForAllTimers of the clock that New returned, not when the Fake is moved; require v1.3.5 exactly, or hand the component a clock.Clock\n", why)
	})
}

// newPlain returns a plain Mock that shows the time of f.
func newPlain(f *fakeclock.Fake) *benb.Mock {
	m := benb.NewMock()
	m.Set(f.Now())
	return m
}
