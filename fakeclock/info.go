package fakeclock

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sleepless-go/sleepless/internal/caller"
)

// TimerInfo describes a live timer: one that is armed and has not fired, or a
// ticker that runs.
type TimerInfo struct {
	ID         uint64        // unique in the Fake, in order of creation
	Kind       Kind          //
	When       time.Time     // when it fires next, on the wall clock as it is now
	In         time.Duration // how far the clock has to move until then
	Period     time.Duration // of a ticker, else 0
	Tag        string        // of the view that made it
	Background bool          // made through a Background view
	Armed      string        // who armed it last: "cache.(*Cache).janitor cache.go:118"
}

// String returns for instance
//
//	ticker in 1s, every 5s, tag "janitor", background, armed by cache.(*Cache).janitor cache.go:118
func (i TimerInfo) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s in %s", i.Kind, i.In)
	if i.Period > 0 {
		fmt.Fprintf(&b, ", every %s", i.Period)
	}
	if i.Tag != "" {
		fmt.Fprintf(&b, ", tag %q", i.Tag)
	}
	if i.Background {
		b.WriteString(", background")
	}
	fmt.Fprintf(&b, ", armed by %s", i.Armed)
	return b.String()
}

// Timers returns the live timers in the order in which they will fire.
func (f *Fake) Timers() []TimerInfo {
	f.sync()
	f.mu.Lock()
	live := make([]armed, len(f.timers))
	for i, t := range f.timers {
		live[i] = t.armed()
	}
	f.mu.Unlock()
	slices.SortFunc(live, armed.compare)
	infos := make([]TimerInfo, len(live))
	for i, a := range live {
		infos[i] = a.resolve()
	}
	return infos
}

// armed is a TimerInfo whose arming line has not been looked up, which takes
// too long to do under the lock.
type armed struct {
	TimerInfo
	seq  uint64
	site caller.Stack
}

func (t *timer) armed() armed {
	info := TimerInfo{
		ID: t.id, Kind: t.kind,
		When: t.fake.wall(t.when), In: time.Duration(t.when - t.fake.now),
		Tag: t.tag, Background: t.background,
	}
	if t.kind == KindTicker {
		info.Period = t.asked
	}
	return armed{info, t.seq, t.site}
}

func (a armed) compare(b armed) int {
	switch {
	case a.In != b.In && a.In < b.In, a.In == b.In && a.seq < b.seq:
		return -1
	case a.In == b.In && a.seq == b.seq:
		return 0
	}
	return 1
}

func (a armed) resolve() TimerInfo {
	a.Armed = armedBy(a.site).String()
	return a.TimerInfo
}

// Pending returns what could still happen: one line for each live timer, the
// next to fire first.
func (f *Fake) Pending() []string {
	infos := f.Timers()
	lines := make([]string, len(infos))
	for i, info := range infos {
		lines[i] = info.String()
	}
	return lines
}

// Idle reports whether the clock has nothing left to do by itself: no callback
// runs, and no foreground timer is armed. Tickers and timers made through
// [Fake.Background] are not foreground. If the clock is not idle, busy names
// the callback, or the foreground timer that fires next.
func (f *Fake) Idle() (idle bool, busy string) {
	f.sync()
	f.mu.Lock()
	if len(f.callbacks) > 0 {
		running := f.running()
		f.mu.Unlock()
		return false, "running: callback of " + running
	}
	var next *timer
	if f.foreground > 0 {
		for _, t := range f.timers {
			if t.weight() > 0 && (next == nil || t.before(next)) {
				next = t
			}
		}
	}
	if next == nil {
		f.mu.Unlock()
		return true, ""
	}
	a := next.armed()
	f.mu.Unlock()
	return false, a.resolve().String()
}

// running describes any one of the callbacks that run. f.mu is held.
func (f *Fake) running() string {
	for cb := range f.callbacks {
		return cb.describe()
	}
	return ""
}
