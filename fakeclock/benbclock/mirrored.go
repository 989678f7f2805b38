package benbclock

import (
	"fmt"
	"sync"
	"time"
	"unsafe"

	benb "github.com/benbjohnson/clock"

	"github.com/sleepless-go/sleepless/fakeclock"
	"github.com/sleepless-go/sleepless/internal/follow"
)

// mirrored makes timers that belong to a Mock and fire when a Fake says so. Each
// has a shadow, a timer of the Fake. It implements follow.Follower.
//
// The Mock is never moved by its own methods. Its list, where Reset puts timers
// that were stopped or have fired, serves as an inbox; timers that run are kept
// in live instead. Stop and Reset of those show in their own fields, which are
// looked at whenever the Fake moves.
type mirrored struct {
	fake     *fakeclock.Fake
	host     follow.Host
	mock     *benb.Mock
	registry *mockLayout // the same memory as mock; its lock guards the four below

	live    []*record
	passing bool // what collect found is on its way to the Fake
	again   int  // timers reset to fire at once since time last moved
	limit   int  // on that

	// syncing orders what is passed on to the Fake. It is taken before any
	// other lock, and nothing waits under it.
	syncing sync.Mutex
}

func newMirrored(f *fakeclock.Fake) *mirrored {
	mock := benb.NewMock()
	m := &mirrored{fake: f, mock: mock, registry: (*mockLayout)(unsafe.Pointer(mock)), limit: restartLimit}
	m.host = follow.Attach(f, m)
	return m
}

// instant is the Mock's time at the Fake's monotonic time n. The two have
// nothing to do with the Fake's wall clock, which may jump.
func instant(n int64) time.Time { return time.Unix(0, n) }

func (m *mirrored) timer(d time.Duration) *benb.Timer {
	box := newTimerBox(m.mock)
	shadow := m.host.NewTimer(box.record.gate)
	box.timer.C = shadow.C()
	m.start(&box.record, shadow, d)
	return &box.timer
}

func (m *mirrored) afterFunc(d time.Duration, f func()) *benb.Timer {
	box := newTimerBox(m.mock)
	m.start(&box.record, m.host.NewAfterFunc(f, box.record.gate), d)
	return &box.timer
}

func (m *mirrored) ticker(d time.Duration) *benb.Ticker {
	box := newTickerBox(m.mock)
	box.tickerLayout().d = d
	shadow := m.host.NewTicker(box.record.gate)
	box.ticker.C = shadow.C()
	m.start(&box.record, shadow, d)
	return &box.ticker
}

// start arms a new timer. With d ≤ 0 it fires at once and has then been stopped,
// as the original sees it.
func (m *mirrored) start(r *record, shadow follow.Timer, d time.Duration) {
	r.owner, r.shadow = m, shadow
	m.registry.mu.Lock()
	*r.next = m.registry.now.Add(d)
	*r.stopped = d <= 0
	if d > 0 {
		r.noteArmed()
		m.list(r)
	}
	m.registry.mu.Unlock()
	shadow.Start(d)
}

// list and unlist are called with the lock of the registry.
func (m *mirrored) list(r *record) {
	r.place = len(m.live)
	m.live = append(m.live, r)
}

func (m *mirrored) unlist(r *record) {
	last := len(m.live) - 1
	m.live[r.place] = m.live[last]
	m.live[r.place].place = r.place
	m.live[last] = nil
	m.live = m.live[:last]
	r.place = unlisted
}

// Hold implements follow.Follower. Stop and Reset take the lock of the registry,
// which Hold keeps if it reports true.
func (m *mirrored) Hold() bool {
	m.registry.mu.Lock()
	if !m.settled() {
		m.registry.mu.Unlock()
		return false
	}
	return true
}

// settled reports whether nothing is to be passed on. It is called with the
// lock of the registry.
func (m *mirrored) settled() bool {
	if m.passing {
		return false
	}
	if len(m.registry.timers) > 0 {
		return false
	}
	for _, r := range m.live {
		if r.changed() {
			return false
		}
	}
	return true
}

// Release implements follow.Follower.
func (m *mirrored) Release(to int64) {
	defer m.registry.mu.Unlock()
	if now := instant(to); now.After(m.registry.now) {
		m.registry.now = now
		m.again = 0
	}
}

// Sync implements follow.Follower.
func (m *mirrored) Sync() {
	m.syncing.Lock()
	defer m.syncing.Unlock()
	changes, fault := m.collect()
	defer m.passed()
	for _, c := range changes {
		if c.stop {
			c.shadow.Disarm()
		} else {
			c.shadow.ArmAt(c.when, c.period)
		}
	}
	if fault != "" {
		panic("benbclock: " + fault)
	}
}

// change is what a shadow has to be told.
type change struct {
	shadow follow.Timer
	stop   bool
	when   int64
	period time.Duration
}

// restartLimit is how many timers may be reset to fire at once while time stands
// still. It is that of fakeclock.LoopLimit.
const restartLimit = 100_000

// collect looks through the inbox and at what runs. fault says what is wrong
// with a timer, which is then stopped.
func (m *mirrored) collect() (changes []change, fault string) {
	m.registry.mu.Lock()
	defer m.registry.mu.Unlock()
	for i, t := range m.registry.timers {
		r := recordOf(t)
		m.registry.timers[i] = nil
		if r.place == unlisted {
			m.list(r)
		}
		r.armed = time.Time{} // also if it is due when it was before it was stopped
	}
	m.registry.timers = m.registry.timers[:0]
	for i := len(m.live) - 1; i >= 0; i-- { // backwards, since unlist moves the last
		r := m.live[i]
		if !r.changed() {
			continue
		}
		if text := m.vet(r); text != "" {
			fault = text
			*r.stopped = true
		}
		if *r.stopped {
			m.unlist(r)
			changes = append(changes, change{shadow: r.shadow, stop: true})
			continue
		}
		r.noteArmed()
		changes = append(changes, change{shadow: r.shadow, when: int64(r.armed.Sub(instant(0))), period: r.armedPeriod})
	}
	m.passing = len(changes) > 0
	return changes, fault
}

// passed notes that the Fake knows what collect found.
func (m *mirrored) passed() {
	m.registry.mu.Lock()
	defer m.registry.mu.Unlock()
	m.passing = false
}

// vet finds what would keep the clock firing for ever.
func (m *mirrored) vet(r *record) string {
	switch {
	case *r.stopped:
		return ""
	case r.period != nil && *r.period <= 0:
		return fmt.Sprintf("a ticker was Reset(%s): the period must be positive; package time panics in Reset itself, the ticker of benbjohnson/clock leaves it to the clock", *r.period)
	case r.next.After(m.registry.now):
		return ""
	}
	if m.again++; m.again > m.limit {
		return fmt.Sprintf("%d timers were reset to fire at once while the clock stood still; a timer that has fired must not be Reset(d) with d ≤ 0 again and again", m.limit)
	}
	return ""
}
