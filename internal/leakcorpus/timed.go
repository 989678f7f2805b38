package leakcorpus

import (
	"context"
	"time"
)

// timedLeaks wait for an hour that nobody will see, or for its ticks.
var timedLeaks = []Case{
	{Name: "sleep of an hour", Leaks: 1, Plant: func() func() {
		go time.Sleep(time.Hour)
		return nil
	}},
	{Name: "loop over a ticker", Leaks: 1, Moves: true, Plant: func() func() {
		stop := make(chan struct{})
		return held(func() {
			ticker := time.NewTicker(time.Millisecond)
			defer ticker.Stop()
			for {
				select {
				case <-ticker.C:
				case <-stop:
					return
				}
			}
		}, func() { close(stop) })
	}},
	{Name: "loop over time.After", Leaks: 1, Plant: func() func() {
		stop := make(chan struct{})
		return held(func() {
			for {
				select {
				case <-time.After(time.Hour):
				case <-stop:
					return
				}
			}
		}, func() { close(stop) })
	}},
	{Name: "context that times out in an hour", Leaks: 1, Plant: func() func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
		return held(func() { <-ctx.Done() }, cancel)
	}},
	{Name: "callback of a timer that blocks", Leaks: 1, Plant: func() func() {
		begun, stop, ended := make(chan struct{}), make(chan struct{}), make(chan struct{})
		time.AfterFunc(0, func() {
			defer close(ended)
			close(begun)
			<-stop
		})
		<-begun
		return func() {
			close(stop)
			<-ended
		}
	}},
}
