package leakcorpus

import "sync"

// channelLeaks wait for somebody at the other end of a channel.
var channelLeaks = []Case{
	{Name: "send that nobody receives", Leaks: 1, Plant: func() func() {
		c := make(chan int)
		return held(func() { c <- 1 }, func() { <-c })
	}},
	{Name: "receive that nobody answers", Leaks: 1, Plant: func() func() {
		c := make(chan int)
		return held(func() { <-c }, func() { close(c) })
	}},
	{Name: "range over a channel that nobody closes", Leaks: 1, Plant: func() func() {
		c := make(chan int)
		release := held(func() {
			for range c {
			}
		}, func() { close(c) })
		c <- 1
		return release
	}},
	{Name: "send to a full buffer", Leaks: 1, Plant: func() func() {
		c := make(chan int, 1)
		return held(func() { c <- 1; c <- 2 }, func() { <-c; <-c })
	}},
	{Name: "select of which no case is ready", Leaks: 1, Plant: func() func() {
		a, b := make(chan int), make(chan int)
		return held(func() {
			select {
			case <-a:
			case b <- 1:
			}
		}, func() { close(a) })
	}},
	{Name: "forgotten channel", Leaks: 1, Lost: true, Plant: func() func() {
		c := make(chan *int)
		go func() { <-c }()
		return nil
	}},
	{Name: "nil channel", Leaks: 1, Lost: true, Plant: func() func() {
		go func() {
			var c chan int
			<-c
		}()
		return nil
	}},
	{Name: "send to a nil channel", Leaks: 1, Lost: true, Plant: func() func() {
		go func() {
			var c chan int
			c <- 1
		}()
		return nil
	}},
	{Name: "empty select", Leaks: 1, Lost: true, Plant: func() func() {
		go func() { select {} }()
		return nil
	}},
	{Name: "losers of a race for the first result", Leaks: 2, Lost: true, Plant: func() func() {
		results := make(chan *int)
		for i := range 3 {
			go func() { results <- &i }()
		}
		<-results
		return nil
	}},
}

// lockLeaks wait for what package sync offers.
var lockLeaks = []Case{
	{Name: "WaitGroup that is never done", Leaks: 1, Plant: func() func() {
		var wg sync.WaitGroup
		wg.Add(1)
		return held(wg.Wait, wg.Done)
	}},
	{Name: "Cond that nobody signals", Leaks: 1, Plant: func() func() {
		var mu sync.Mutex
		woken, cond := false, sync.NewCond(&mu)
		return held(func() {
			mu.Lock()
			defer mu.Unlock()
			for !woken {
				cond.Wait()
			}
		}, func() {
			mu.Lock()
			defer mu.Unlock()
			woken = true
			cond.Broadcast()
		})
	}},
	{Name: "Mutex that is never unlocked", Leaks: 1, Plant: func() func() {
		var mu sync.Mutex
		mu.Lock()
		return held(func() { pass(&mu) }, mu.Unlock)
	}},
	{Name: "RWMutex whose writer never leaves", Leaks: 2, Plant: func() func() {
		var mu sync.RWMutex
		var c crew
		mu.Lock()
		c.run(func() { pass(mu.RLocker()) })
		c.run(func() { pass(&mu) })
		return func() {
			mu.Unlock()
			c.join()
		}
	}},
	{Name: "two locks taken in either order", Leaks: 2, Lost: true, Plant: func() func() {
		// With a pointer beside it a lock does not share its memory with others.
		var a, b struct {
			sync.Mutex
			self *int
		}
		both, go1, go2 := make(chan struct{}), make(chan struct{}), make(chan struct{})
		go func() { a.Lock(); both <- struct{}{}; <-go1; b.Lock() }()
		go func() { b.Lock(); both <- struct{}{}; <-go2; a.Lock() }()
		<-both
		<-both
		close(go1)
		close(go2)
		return nil
	}},
	{Name: "Once that waits for itself", Leaks: 1, Lost: true, Plant: func() func() {
		once := new(struct {
			sync.Once
			self *int
		})
		go once.Do(func() { once.Do(func() {}) })
		return nil
	}},
}

// pass waits for a lock and lets go of it.
func pass(l sync.Locker) {
	l.Lock()
	defer l.Unlock()
}
