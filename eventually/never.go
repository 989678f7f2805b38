package eventually

import (
	"strings"
	"testing/synctest"
	"time"

	"github.com/sleepless-go/sleepless/internal/bubble"
)

// Never observes that cond stays false, and fails t as soon as it does not.
//
// Where every source given with On is an Idler (a fake clock, a component that
// knows its work in flight) and all of them are idle around a check, nothing is
// left that could make the condition true, and Never returns at once. Witnesses
// (recorders, variables, buses) have no say in that, and prove nothing alone.
// Otherwise it observes for the whole window: DefaultWindow, or Within; where
// sources were given it says so in the log. A window proves
// only that nothing happened yet; prefer sources that can be idle, or a bubble,
// where the window costs no real time.
func Never(t TB, what string, cond func() bool, opts ...Option) {
	c := configure(opts)
	c.refuseHold("Never, whose window is set with Within")
	if r := run(what, plan{goal: toStay}, plainly(cond), c, t); r.speaks() {
		t.Helper()
		r.tell(t)
	}
}

// Settle waits until nothing is going on any more. In a bubble it is
// synctest.Wait: every other goroutine of the bubble is blocked. Then, and
// outside bubbles only, it waits until every source is idle at the same time.
//
// Settle fails t if that does not happen within DefaultLimit, saying who was
// busy with what. Without sources there is nothing to ask outside a bubble, and
// Settle fails too. In a bubble waiting for a source that is busy lets virtual
// time pass, and only one goroutine may be in Settle or synctest.Wait at a
// time: a second one panics, as synctest.Wait does.
func Settle(t TB, sources ...Idler) {
	if bubble.Inside() {
		synctest.Wait()
		if len(sources) == 0 {
			return
		}
	}
	if r := settle(t, sources); r.speaks() {
		t.Helper()
		r.tell(t)
	}
}

func settle(t TB, sources []Idler) *Report {
	var c config
	if len(sources) == 0 {
		c.misuse("Settle outside a bubble needs the sources that are to become idle")
	}
	for _, s := range sources {
		onOption{s}.apply(&c)
	}
	return run("everything is idle", plan{goal: toBecome}, func() (bool, string, error) {
		var busy []string
		for _, s := range sources {
			if idle, why := s.Idle(); !idle {
				busy = append(busy, nameOf(s)+": "+why)
			}
		}
		return len(busy) == 0, strings.Join(busy, "; "), nil
	}, c, t)
}

// Advance moves the virtual time of a bubble forward by d and then lets every
// other goroutine of the bubble run until it blocks: time.Sleep followed by
// synctest.Wait, under a name that says that no real time passes. Outside a
// bubble it panics: there it would really sleep.
func Advance(d time.Duration) {
	if !bubble.Inside() {
		panic("eventually: Advance outside a synctest bubble would really sleep; run the test in synctest.Test, or give the component a fakeclock.Fake and advance that")
	}
	time.Sleep(d)
	synctest.Wait()
}
