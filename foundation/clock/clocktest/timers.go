package clocktest

import (
	"time"

	"github.com/sleepless-go/sleepless/foundation/clock"
)

var nowGuarantees = []guarantee{
	{"now moves by what the clock is advanced", func(h *harness) {
		start := h.clock.Now()
		h.advance(90 * time.Second)
		h.must("Now less the start", h.clock.Now().Sub(start), 90*time.Second)
		h.must("Since(start)", clock.Since(h.clock, start), 90*time.Second)
		h.must("Until(start+2m)", clock.Until(h.clock, start.Add(2*time.Minute)), 30*time.Second)
	}},
	{"nanos move by what the clock is advanced", func(h *harness) {
		nanos := clock.NanosOf(h.clock)
		start := nanos()
		h.advance(3 * time.Second)
		h.must("nanoseconds passed", nanos()-start, int64(3*time.Second))
	}},
}

var timerGuarantees = []guarantee{
	{"timer fires at its instant and not before", func(h *harness) {
		start := h.clock.Now()
		t := h.clock.NewTimer(time.Second)
		h.advance(time.Second - 1)
		h.mustBeEmpty(t.C)
		h.advance(time.Hour)
		h.must("time received", h.mustReceive(t.C).Sub(start), time.Second)
		h.mustBeEmpty(t.C)
	}},
	{"timer with a duration of zero or less fires at once", func(h *harness) {
		for _, d := range []time.Duration{0, -time.Hour} {
			t := h.clock.NewTimer(d)
			h.advance(0)
			h.mustReceive(t.C)
			h.must("Stop", t.Stop(), false)
		}
	}},
	{"stop prevents the fire and reports so once", func(h *harness) {
		t := h.clock.NewTimer(time.Second)
		h.must("first Stop", t.Stop(), true)
		h.must("second Stop", t.Stop(), false)
		h.advance(time.Hour)
		h.mustBeEmpty(t.C)
	}},
	{"stop takes back a value that was not received", func(h *harness) {
		t := h.clock.NewTimer(time.Second)
		h.advance(time.Second)
		h.must("Stop of a fired, unread timer", t.Stop(), true)
		h.mustBeEmpty(t.C)
		h.must("second Stop", t.Stop(), false)
	}},
	{"stop after the value was received reports false", func(h *harness) {
		t := h.clock.NewTimer(time.Second)
		h.advance(time.Second)
		h.mustReceive(t.C)
		h.must("Stop", t.Stop(), false)
	}},
	{"reset postpones", func(h *harness) {
		start := h.clock.Now()
		t := h.clock.NewTimer(time.Second)
		h.advance(500 * time.Millisecond)
		h.must("Reset of an armed timer", t.Reset(time.Second), true)
		h.advance(999 * time.Millisecond)
		h.mustBeEmpty(t.C)
		h.advance(time.Second)
		h.must("time received", h.mustReceive(t.C).Sub(start), 1500*time.Millisecond)
	}},
	{"reset leaves no value from before", func(h *harness) {
		t := h.clock.NewTimer(time.Second)
		h.advance(time.Second)
		h.must("Reset of a fired, unread timer", t.Reset(time.Minute), true)
		h.mustBeEmpty(t.C)
		h.advance(time.Minute)
		h.mustReceive(t.C)
	}},
	{"reset revives a stopped timer", func(h *harness) {
		t := h.clock.NewTimer(time.Second)
		t.Stop()
		h.must("Reset of a stopped timer", t.Reset(time.Second), false)
		h.advance(time.Second)
		h.mustReceive(t.C)
	}},
	{"after delivers once", func(h *harness) {
		c := clock.After(h.clock, time.Second)
		h.advance(time.Minute)
		h.mustReceive(c)
		h.mustBeEmpty(c)
	}},
	{"sleep of zero or less returns at once", func(h *harness) {
		clock.Sleep(h.clock, 0)
		clock.Sleep(h.clock, -time.Hour)
	}},
}

var tickerGuarantees = []guarantee{
	{"ticker ticks every period", func(h *harness) {
		start := h.clock.Now()
		t := h.clock.NewTicker(time.Second)
		defer t.Stop()
		for i := 1; i <= 5; i++ {
			h.mustBeEmpty(t.C)
			h.advance(time.Second)
			h.must("tick", h.mustReceive(t.C).Sub(start), time.Duration(i)*time.Second)
		}
	}},
	{"ticker keeps one tick for a slow reader", func(h *harness) {
		start := h.clock.Now()
		t := h.clock.NewTicker(time.Second)
		defer t.Stop()
		h.advance(3 * time.Second)
		h.must("tick", h.mustReceive(t.C).Sub(start), time.Second)
		h.mustBeEmpty(t.C)
	}},
	{"stopped ticker delivers nothing", func(h *harness) {
		t := h.clock.NewTicker(time.Second)
		h.advance(time.Second)
		t.Stop()
		h.mustBeEmpty(t.C)
		h.advance(time.Hour)
		h.mustBeEmpty(t.C)
		t.Stop()
	}},
	{"ticker reset changes the period and starts anew", func(h *harness) {
		start := h.clock.Now()
		t := h.clock.NewTicker(time.Second)
		defer t.Stop()
		h.advance(1500 * time.Millisecond)
		t.Reset(time.Minute)
		h.mustBeEmpty(t.C)
		h.advance(time.Minute)
		h.must("tick", h.mustReceive(t.C).Sub(start), 61500*time.Millisecond)
		h.advance(time.Minute)
		h.mustReceive(t.C)
	}},
	{"ticker reset revives a stopped ticker", func(h *harness) {
		t := h.clock.NewTicker(time.Second)
		t.Stop()
		t.Reset(time.Second)
		defer t.Stop()
		h.advance(time.Second)
		h.mustReceive(t.C)
	}},
	{"period of zero or less panics", func(h *harness) {
		h.mustPanic("NewTicker(0)", func() { h.clock.NewTicker(0) })
		h.mustPanic("NewTicker(-1s)", func() { h.clock.NewTicker(-time.Second) })
		t := h.clock.NewTicker(time.Second)
		defer t.Stop()
		h.mustPanic("Reset(0)", func() { t.Reset(0) })
	}},
}

var afterFuncGuarantees = []guarantee{
	{"afterfunc runs once in a goroutine of its own", func(h *harness) {
		calls := make(chan time.Time, 2)
		start := h.clock.Now()
		unlock := make(chan struct{})
		t := h.clock.AfterFunc(time.Second, func() {
			<-unlock
			calls <- h.clock.Now()
		})
		if t.C != nil {
			h.Fatal("C of an AfterFunc timer is not nil")
		}
		close(unlock)
		h.advance(time.Second)
		h.must("time of the call", (<-calls).Sub(start), time.Second)
		h.advance(time.Hour)
		h.must("further calls", len(calls), 0)
		h.must("Stop after the call", t.Stop(), false)
	}},
	{"afterfunc with a duration of zero or less starts at once", func(h *harness) {
		for _, d := range []time.Duration{0, -time.Second} {
			called := make(chan struct{})
			h.clock.AfterFunc(d, func() { close(called) })
			<-called
		}
	}},
	{"stopped afterfunc is not called", func(h *harness) {
		called := make(chan struct{}, 1)
		t := h.clock.AfterFunc(time.Second, func() { called <- struct{}{} })
		h.must("Stop", t.Stop(), true)
		h.must("second Stop", t.Stop(), false)
		h.advance(time.Hour)
		h.must("calls", len(called), 0)
	}},
	{"afterfunc reset calls again", func(h *harness) {
		calls := make(chan struct{}, 3)
		t := h.clock.AfterFunc(time.Second, func() { calls <- struct{}{} })
		h.advance(time.Second)
		<-calls
		h.must("Reset after the call", t.Reset(time.Second), false)
		h.must("Reset of an armed timer", t.Reset(time.Minute), true)
		h.advance(time.Second)
		h.must("calls", len(calls), 0)
		h.advance(time.Minute)
		<-calls
	}},
	{"callback may use the clock", func(h *harness) {
		done := make(chan time.Time, 1)
		start := h.clock.Now()
		var t *clock.Timer
		armed := make(chan struct{})
		rounds := 0
		t = h.clock.AfterFunc(time.Second, func() {
			<-armed
			if rounds++; rounds < 3 {
				t.Reset(time.Second)
				return
			}
			h.clock.AfterFunc(time.Second, func() { done <- h.clock.Now() })
		})
		close(armed)
		h.advance(10 * time.Second)
		h.must("time of the last call", (<-done).Sub(start), 4*time.Second)
	}},
}
