package matchers

import (
	"sync"
	"time"
)

// alarm is a Source that wakes its wait after a duration which the check itself
// asks for: TryAgainAfter, and the interval of MustPassRepeatedly. It costs
// nothing until it is set.
type alarm struct {
	mu    sync.Mutex
	ch    chan<- struct{}
	timer *time.Timer
}

const alarmName = "alarm of Await"

// Notify implements eventually.Source.
func (a *alarm) Notify(ch chan<- struct{}) (stop func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ch = ch
	return a.stop
}

func (a *alarm) set(d time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ch == nil {
		return // a wait without sources looks again by itself
	}
	if a.timer == nil {
		a.timer = time.AfterFunc(d, a.ring)
	} else {
		a.timer.Reset(d)
	}
}

func (a *alarm) ring() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ch != nil {
		select {
		case a.ch <- struct{}{}:
		default:
		}
	}
}

func (a *alarm) stop() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ch = nil
	if a.timer != nil {
		a.timer.Stop()
	}
}

// String names the alarm, so that it can be left out of reports.
func (a *alarm) String() string { return alarmName }
