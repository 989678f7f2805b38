package matchers_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/fakeclock"
	. "github.com/sleepless-go/sleepless/matchers"
)

func TestBeIdleSaysWhatIsGoingOn(t *testing.T) {
	clock, g := fakeclock.New(), NewWithT(t)
	g.Expect(clock).To(BeIdle())
	timer := clock.Tagged("janitor").NewTimer(time.Minute)
	g.Expect(clock).NotTo(BeIdle())
	f := newFailures()
	f.Expect(clock).To(BeIdle())
	mustContain(t, f.text(t), "to be idle, and it is busy", `timer in 1m0s, tag "janitor"`)
	timer.Stop()
	AwaitWith(g, clock).Should(BeIdle())
	f = newFailures()
	f.Expect(clock).NotTo(BeIdle())
	mustContain(t, f.text(t), "not to be idle, and it is")
}

func TestHaveArmedTimer(t *testing.T) {
	clock := fakeclock.New()
	g := NewWithT(t)
	g.Expect(clock).NotTo(HaveArmedTimer())
	clock.Tagged("janitor").NewTicker(time.Minute)
	clock.NewTimer(time.Hour)
	clock.Advance(10 * time.Second)
	for _, args := range [][]any{
		{},
		{time.Minute},      // the period
		{50 * time.Second}, // what is left of it
		{"janitor"},
		{fakeclock.KindTicker},
		{time.Minute, "janitor", fakeclock.KindTicker},
		{HaveField("Tag", "janitor")},
		{func(i fakeclock.TimerInfo) bool { return i.In > 50*time.Minute }},
	} {
		g.Expect(clock).To(HaveArmedTimer(args...))
		g.Expect(clock.Tagged("a view")).To(HaveArmedTimer(args...))
		AwaitWith(g, clock).Should(HaveArmedTimer(args...))
	}
	for _, args := range [][]any{{time.Hour}, {"sweeper"}, {time.Minute, fakeclock.KindTimer}, {time.Duration(0)}} {
		g.Expect(clock).NotTo(HaveArmedTimer(args...))
	}
	if _, err := HaveArmedTimer(HaveField("Tug", "x")).Match(clock); err == nil || !strings.Contains(err.Error(), "could not judge") {
		t.Errorf("a nested matcher that cannot judge: %v", err)
	}
	f := newFailures()
	f.Expect(clock).To(HaveArmedTimer(time.Second, "sweeper"))
	mustContain(t, f.text(t), `that is due in 1s, or every 1s and tagged "sweeper"`, "Armed are:\n    ticker in 50s", "timer in 59m50s")
	f = newFailures()
	f.Expect(clock).NotTo(HaveArmedTimer("janitor"))
	mustContain(t, f.text(t), "not to have", "It has:\n    ticker in 50s")
	f = newFailures()
	f.Expect(fakeclock.New()).To(HaveArmedTimer())
	mustContain(t, f.text(t), "an armed timer\nNo timer is armed.")
}

func TestBecomeTrueTakesWhatCanBeTrue(t *testing.T) {
	g := NewWithT(t)
	var flag atomic.Bool
	var v eventually.Var[bool]
	for _, actual := range []any{&flag, &v, flag.Load, v.Load, false} {
		g.Expect(actual).NotTo(BecomeTrue())
	}
	flag.Store(true)
	v.Set(true)
	for _, actual := range []any{&flag, &v, flag.Load, v.Load, true} {
		g.Expect(actual).To(BecomeTrue())
	}
	f := newFailures()
	f.Expect(false).To(BecomeTrue())
	mustContain(t, f.text(t), "Expected the bool to be true, and it is false")
	f = newFailures()
	f.Expect(true).NotTo(BecomeTrue())
	mustContain(t, f.text(t), "Expected the bool to be false, and it is true")
}

// Components that show their end in one way each, or in all.
type (
	doner  struct{ c chan struct{} }
	closer struct{ closed atomic.Bool }
	lender struct{ eventually.Counter }
	whole  struct {
		stopper
		*closer
		leases *eventually.Counter
	}
)

func (d doner) Done() <-chan struct{} { return d.c }
func (c *closer) Closed() bool        { return c.closed.Load() }
func (l *lender) Leases() int         { return int(l.Load()) }
func (w whole) Leases() int           { return int(w.leases.Load()) }

func TestEventuallyCleanedUpWaitsUnderExpect(t *testing.T) {
	clock := fakeclock.New()
	for _, c := range []struct {
		name string
		make func() (actual any, end func())
		late time.Duration // how much later than the end it may find out
	}{
		{"Stopped", func() (any, func()) { s := stopper(make(chan struct{})); return s, func() { close(s) } }, 0},
		{"Done", func() (any, func()) { d := doner{make(chan struct{})}; return d, func() { close(d.c) } }, 0},
		{"Closed, polled", func() (any, func()) { c := &closer{}; return c, func() { c.closed.Store(true) } }, 10 * time.Millisecond},
		{"Leases of a source", func() (any, func()) { l := &lender{}; l.Add(1); return l, func() { l.Add(-1) } }, 0},
		{"Idle", func() (any, func()) {
			timer := clock.NewTimer(time.Hour)
			return clock, func() { timer.Stop() }
		}, 0},
		{"a recorder", func() (any, func()) { r := eventually.NewRecorder[int](nil); return r, r.Close }, 0},
		{"all of it, and the flag last", func() (any, func()) {
			w := whole{stopper(make(chan struct{})), &closer{}, &eventually.Counter{}}
			w.leases.Add(1)
			time.AfterFunc(time.Second, func() { close(w.stopper); w.leases.Add(-1) })
			return w, func() { w.closed.Store(true) }
		}, 40 * time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const end = 2 * time.Second
				g := NewWithT(t)
				actual, stop := c.make()
				began := time.Now()
				g.Expect(actual).NotTo(EventuallyCleanedUp())
				if took := time.Since(began); took != 0 {
					t.Errorf("NotTo waited %v", took)
				}
				time.AfterFunc(end, stop)
				g.Expect(actual).To(EventuallyCleanedUp())
				if took := time.Since(began); took < end || took > end+c.late {
					t.Errorf("took %v, want %v and at most %v more", took, end, c.late)
				}
				g.Expect(actual).To(EventuallyCleanedUp(), "it stays so")
			})
		})
	}
}

func TestEventuallyCleanedUpUnderAwaitLeavesTheWaitToAwait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := stopper(make(chan struct{}))
		time.AfterFunc(time.Second, func() { close(s) })
		began := time.Now()
		AwaitWith(NewWithT(t), s).Should(EventuallyCleanedUp())
		if took := time.Since(began); took != time.Second {
			t.Errorf("took %v, want 1s", took)
		}
		began = time.Now()
		f := newFailures()
		AwaitWith(f, doner{make(chan struct{})}).WithTimeout(time.Second).Should(EventuallyCleanedUp())
		if took := time.Since(began); took != time.Second {
			t.Errorf("failed after %v, want 1s", took)
		}
		mustContain(t, f.text(t), "Done() is not closed")
	})
}

func TestEventuallyCleanedUpIsWokenByWhatItIsGiven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c closer
		var changed eventually.Signal
		time.AfterFunc(time.Second, func() { c.closed.Store(true); changed.Broadcast() })
		began := time.Now()
		NewWithT(t).Expect(&c).To(EventuallyCleanedUp(&changed))
		if took := time.Since(began); took != time.Second {
			t.Errorf("took %v, want 1s", took)
		}
	})
}

func TestEventuallyCleanedUpSaysWhatIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := whole{stopper(make(chan struct{})), &closer{}, &eventually.Counter{}}
		w.leases.Add(2)
		f := newFailures()
		f.Expect(w).To(EventuallyCleanedUp())
		mustContain(t, f.text(t), "Stopped() is not closed\n    Closed() is false\n    Leases() is 2", `"matchers_test.whole is cleaned up" did not happen within 5s`)
		clock := fakeclock.New()
		clock.NewTimer(time.Hour)
		f = newFailures()
		f.Expect(clock).To(EventuallyCleanedUp())
		mustContain(t, f.text(t), "not idle: timer in 1h0m0s")
		f = newFailures()
		f.Expect(fakeclock.New()).NotTo(EventuallyCleanedUp())
		mustContain(t, f.text(t), "not to be cleaned up, and it is")
	})
}
