package fakeclock

import (
	"time"

	"github.com/sleepless-go/sleepless/internal/follow"
)

func init() {
	follow.Attach = func(fake any, follower follow.Follower) follow.Host {
		f := fake.(*Fake)
		f.mu.Lock()
		defer f.mu.Unlock()
		if follower.Hold() { // it has no timers yet
			follower.Release(f.now)
		}
		f.followers = append(f.followers, follower)
		return host{f}
	}
}

// moveTo makes at the clock's time, unless a follower has to pass on first what
// became of its timers: then it reports false, and the caller looks again after
// sync. f.mu is held.
func (f *Fake) moveTo(at int64) bool {
	for n, follower := range f.followers {
		if !follower.Hold() {
			f.release(n, f.now)
			return false
		}
	}
	f.release(len(f.followers), at)
	f.now = at
	return true
}

// release lets the first n followers go, at the time given. f.mu is held.
func (f *Fake) release(n int, at int64) {
	for _, follower := range f.followers[:n] {
		follower.Release(at)
	}
}

// sync asks the followers what was stopped and reset. f.mu is not held.
func (f *Fake) sync() {
	f.mu.Lock()
	followers := f.followers // only ever appended to
	f.mu.Unlock()
	for _, follower := range followers {
		follower.Sync()
	}
}

// host implements follow.Host.
type host struct{ f *Fake }

func (h host) NewTimer(gate follow.Gate) follow.Timer {
	return followed{&timer{fake: h.f, kind: KindTimer, c: make(chan time.Time, 1), place: dormant, gate: gate}}
}

func (h host) NewTicker(gate follow.Gate) follow.Timer {
	t := &timer{fake: h.f, kind: KindTicker, c: make(chan time.Time, 1), place: dormant, gate: gate}
	t.reader.patience = patience
	return followed{t}
}

func (h host) NewAfterFunc(fn func(), gate follow.Gate) follow.Timer {
	return followed{&timer{fake: h.f, kind: KindAfterFunc, fn: fn, place: dormant, gate: gate}}
}

// followed implements follow.Timer.
type followed struct{ t *timer }

var creation = map[Kind]Operation{KindTimer: OpNewTimer, KindTicker: OpNewTicker, KindAfterFunc: OpAfterFunc}

func (w followed) C() <-chan time.Time { return w.t.c }

func (w followed) Start(d time.Duration) { w.t.arm(creation[w.t.kind], d) }

// ArmAt keeps the line that armed the timer first: whoever makes the clock look
// is not the one who reset it.
func (w followed) ArmAt(when int64, period time.Duration) {
	t, f := w.t, w.t.fake
	f.mu.Lock()
	t.disarm()
	f.seq++
	f.effects++
	t.seq, t.when = f.seq, max(when, f.now)
	t.asked = time.Duration(t.when - f.now)
	if t.kind == KindTicker {
		t.asked = period
	}
	f.arms++
	f.armsBy[event{OpReset, t.tag, t.asked}]++
	t.reader.waited = false
	f.timers.push(t)
	f.foreground += t.weight()
	f.mu.Unlock()
	f.hub.Broadcast()
}

func (w followed) Disarm() {
	t, f := w.t, w.t.fake
	f.mu.Lock()
	t.retire()
	f.mu.Unlock()
	f.hub.Broadcast()
}

// retire takes t out of the heap, if it is in it, and leaves its channel alone.
// f.mu is held.
func (t *timer) retire() {
	if t.place != dormant {
		t.fake.timers.remove(t)
		t.fake.foreground -= t.weight()
	}
}
