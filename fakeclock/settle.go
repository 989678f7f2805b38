package fakeclock

import "testing/synctest"

// settleBubble waits until all other goroutines of the bubble are blocked. If
// one of them is in synctest.Wait itself, a second Wait is refused by a panic;
// then that goroutine waits for ours, and there is nothing to wait for.
func settleBubble() {
	defer func() { _ = recover() }()
	synctest.Wait()
}

// settleIdlers waits until all idlers are idle at once, since the last to become
// so may have given work to the first.
func (d *drive) settleIdlers() {
	for settled := false; !settled; {
		settled = true
		for _, idler := range d.fake.config.idlers {
			if idle, _ := idler.Idle(); !idle {
				d.awaitIdle(idler)
				settled = false
			}
		}
	}
}

// awaitIdle blocks until idler is idle: subscribe, check, block, so that no
// change between check and block is missed.
func (d *drive) awaitIdle(idler Idler) {
	wake := make(chan struct{}, 1)
	unsubscribe := idler.Notify(wake)
	defer unsubscribe()
	stop := d.watch(func() string {
		idle, busy := idler.Idle()
		if idle {
			return "an idler given to SettleWith, which is idle but has not notified"
		}
		return "an idler given to SettleWith: " + busy + "; what waits for this clock must not count as busy"
	})
	defer stop()
	for {
		if idle, _ := idler.Idle(); idle {
			return
		}
		<-wake
	}
}
