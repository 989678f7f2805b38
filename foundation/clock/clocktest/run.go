package clocktest

import (
	"testing"
	"time"

	"github.com/sleepless-go/sleepless/foundation/clock"
)

// New makes a clock for one test, and the function that moves it: advance must
// return only when everything that was due has happened, AfterFunc callbacks
// included. It is called from the goroutine of the test.
type New func(tb testing.TB) (c clock.Clock, advance func(time.Duration))

// Run tests the clocks that newClock makes, each guarantee in a subtest with a
// clock of its own.
func Run(t *testing.T, newClock New) {
	t.Helper()
	RunIn(t, func(t *testing.T, body func(*testing.T)) { body(t) }, newClock)
}

// RunIn is [Run] with every subtest inside wrap, for instance synctest.Test:
// that tests the system's clock, with an advance that sleeps and then calls
// synctest.Wait.
func RunIn(t *testing.T, wrap func(t *testing.T, body func(*testing.T)), newClock New) {
	t.Helper()
	for _, g := range guarantees {
		t.Run(g.name, func(t *testing.T) {
			wrap(t, func(t *testing.T) {
				c, advance := newClock(t)
				g.test(&harness{T: t, clock: c, advance: advance})
			})
		})
	}
}

// guarantee is one thing that a clock must do.
type guarantee struct {
	name string
	test func(*harness)
}

var guarantees = concat(nowGuarantees, timerGuarantees, tickerGuarantees, afterFuncGuarantees, contextGuarantees)

func concat(groups ...[]guarantee) (all []guarantee) {
	for _, g := range groups {
		all = append(all, g...)
	}
	return all
}

// harness is a test with its clock.
type harness struct {
	*testing.T
	clock   clock.Clock
	advance func(time.Duration)
}

// mustReceive takes the value that c must hold and returns it.
func (h *harness) mustReceive(c <-chan time.Time) time.Time {
	h.Helper()
	select {
	case v := <-c:
		return v
	default:
		h.Fatal("nothing to receive from the timer's channel, want the time")
		return time.Time{}
	}
}

// mustBeEmpty fails if a value can be received from c.
func (h *harness) mustBeEmpty(c <-chan time.Time) {
	h.Helper()
	select {
	case v := <-c:
		h.Fatalf("received %v from the timer's channel, want nothing", v)
	default:
	}
}

// must fails unless got is want.
func (h *harness) must(what string, got, want any) {
	h.Helper()
	if got != want {
		h.Fatalf("%s = %v, want %v", what, got, want)
	}
}

// mustPanic fails unless f panics.
func (h *harness) mustPanic(what string, f func()) {
	h.Helper()
	defer func() {
		h.Helper()
		if recover() == nil {
			h.Fatalf("%s did not panic", what)
		}
	}()
	f()
}
