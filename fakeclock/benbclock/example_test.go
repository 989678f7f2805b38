package benbclock_test

import (
	"fmt"
	"time"

	benb "github.com/benbjohnson/clock"

	"github.com/sleepless-go/sleepless/fakeclock"
	"github.com/sleepless-go/sleepless/fakeclock/benbclock"
	"github.com/sleepless-go/sleepless/foundation/clock"
)

// snippet:begin new

// poll is a component that takes the old clock.
func poll(c benb.Clock, f func(at time.Time)) (stop func() bool) {
	var timer *benb.Timer
	timer = c.AfterFunc(time.Second, func() {
		f(c.Now())
		timer.Reset(time.Second)
	})
	return timer.Stop
}

func ExampleNew() {
	f := fakeclock.New()
	stop := poll(benbclock.New(f), func(at time.Time) { fmt.Println("poll at", at.Format("04:05")) })
	f.Advance(3 * time.Second)
	stop()
	f.Advance(time.Hour)
	// Output:
	// poll at 00:01
	// poll at 00:02
	// poll at 00:03
}

// snippet:end new

func ExampleFrom() {
	var c clock.Clock = benbclock.From(benb.New()) // the system's time
	timer := c.NewTimer(time.Hour)
	fmt.Println(timer.Stop(), timer.Stop())
	// Output: true false
}

func ExampleMock() {
	m := benbclock.New(fakeclock.New())
	ticker := m.Ticker(time.Minute)
	m.Add(time.Minute)
	fmt.Println(m.Since(<-ticker.C))
	ticker.Stop()
	fmt.Println(m.Fake().Pending())
	// Output:
	// 0s
	// []
}
