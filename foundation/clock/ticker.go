package clock

import "time"

// Ticker delivers ticks at an interval, made by [Clock].NewTicker. It mirrors
// [time.Ticker].
//
// Its methods may be called from any goroutine.
type Ticker struct {
	// C delivers the ticks.
	C <-chan time.Time

	control TickerControl
}

// TickerControl stops and restarts a ticker. [*time.Ticker] is one.
type TickerControl interface {
	// Stop ends the ticks.
	Stop()
	// Reset makes the next tick come d from now and then every d. It panics if
	// d ≤ 0.
	Reset(d time.Duration)
}

// MakeTicker returns a Ticker that delivers on c and is stopped and restarted
// through control. It is for those who implement [Clock]: after either method
// of control has returned, no earlier tick may be left in c.
func MakeTicker(c <-chan time.Time, control TickerControl) *Ticker {
	return &Ticker{C: c, control: control}
}

// Stop ends the ticks. It does not close C, and no tick can be received after
// it. It mirrors [time.Ticker.Stop], except that it panics on a Ticker that no
// Clock made.
func (t *Ticker) Stop() {
	if t.control == nil {
		panic("clock: Stop called on uninitialized Ticker: get one from a Clock or MakeTicker")
	}
	t.control.Stop()
}

// Reset stops the ticker and starts it again with the period d: the next tick
// comes d from now. It panics if d ≤ 0. It mirrors [time.Ticker.Reset] and like
// it panics on a Ticker that no Clock made.
func (t *Ticker) Reset(d time.Duration) {
	if t.control == nil {
		panic("clock: Reset called on uninitialized Ticker: get one from a Clock or MakeTicker")
	}
	t.control.Reset(d)
}
