package testify

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/sleepless-go/sleepless/eventually"
)

// assertion is a polling assertion of testify's or ours.
type assertion func(t TestingT, condition func() bool, waitFor, tick time.Duration) bool

// pair is an assertion of testify and ours in its place.
type pair struct{ theirs, ours assertion }

// quietly are ours without the remark on standard error about a condition that is
// stuck.
var quietly = With(eventually.OnStuck(func(eventually.Stuck) {}))

var eventuallies = map[string]pair{
	"Eventually": {
		func(t TestingT, c func() bool, w, k time.Duration) bool { return assert.Eventually(t, c, w, k) },
		func(t TestingT, c func() bool, w, k time.Duration) bool { return quietly.Eventually(t, c, w, k) },
	},
	"EventuallyWithT": {
		func(t TestingT, c func() bool, w, k time.Duration) bool {
			return assert.EventuallyWithT(t, func(collect *assert.CollectT) { demand(collect, c()) }, w, k)
		},
		func(t TestingT, c func() bool, w, k time.Duration) bool {
			return quietly.EventuallyWithT(t, func(collect *CollectT) { demand(collect, c()) }, w, k)
		},
	},
}

// demand is assert.True without the cost of a trace at each look.
func demand(t TestingT, so bool) {
	if !so {
		t.Errorf("not yet")
	}
}

var never = pair{
	func(t TestingT, c func() bool, w, k time.Duration) bool { return assert.Never(t, c, w, k) },
	func(t TestingT, c func() bool, w, k time.Duration) bool { return quietly.Never(t, c, w, k) },
}

// outcome is how an assertion went, in a bubble of its own.
type outcome struct {
	passed bool
	took   time.Duration
	failed bool // something was said about it
}

// situation is a condition that becomes true after a time, and how it is asked.
type situation struct{ after, waitFor, tick time.Duration }

func (s situation) String() string {
	return fmt.Sprintf("true after %v, waitFor %v, tick %v", s.after, s.waitFor, s.tick)
}

func (s situation) under(t *testing.T, a assertion) (o outcome) {
	synctest.Test(t, func(t *testing.T) {
		var so atomic.Bool
		defer time.AfterFunc(s.after, func() { so.Store(true) }).Stop()
		spy := &spy{}
		start := time.Now()
		o.passed = a(spy, so.Load, s.waitFor, s.tick)
		o.took, o.failed = time.Since(start), len(spy.errors) > 0
	})
	return o
}

// situations are drawn anew in each run, but for what testify leaves to chance:
// the change never coincides with a tick nor with the end, nor a tick with it.
func situations(yield func(situation) bool) {
	for range 60 {
		s := situation{
			tick:    time.Duration(1+rand.IntN(60)) * time.Millisecond,
			waitFor: time.Duration(1+rand.IntN(300))*time.Millisecond + 500*time.Microsecond,
			after:   time.Duration(rand.IntN(400))*time.Millisecond + 250*time.Microsecond,
		}
		if !yield(s) {
			return
		}
	}
}

// lastTick is when testify looked for the last time.
func (s situation) lastTick() time.Duration { return s.waitFor.Truncate(s.tick) }

// lateness is how long after the change ours may notice it.
func (s situation) lateness() time.Duration { return min(s.tick, 10*time.Millisecond) }

func TestWhatPassesUnderTestifyPassesHere(t *testing.T) {
	for name, p := range eventuallies {
		for s := range situations {
			theirs, ours := s.under(t, p.theirs), s.under(t, p.ours)
			inTime, sawIt := s.after <= s.waitFor, s.after <= s.lastTick()
			if theirs.passed != sawIt { // what their documentation says; if not, this test proves nothing
				t.Fatalf("%s, %v: testify's outcome is %+v", name, s, theirs)
			}
			if ours.passed != inTime || ours.failed == ours.passed {
				t.Errorf("%s, %v: ours is %+v, testify's %+v", name, s, ours, theirs)
			}
			latest := s.waitFor
			if inTime {
				latest = min(s.after+s.lateness(), s.waitFor)
			}
			if ours.took > latest || !inTime && ours.took != s.waitFor {
				t.Errorf("%s, %v: ours took %v, want at most %v", name, s, ours.took, latest)
			}
		}
	}
}

func TestWhatFailsUnderTestifysNeverFailsHere(t *testing.T) {
	for s := range situations {
		theirs, ours := s.under(t, never.theirs), s.under(t, never.ours)
		happened, sawIt := s.after <= s.waitFor, s.after <= s.lastTick()
		if theirs.passed == sawIt {
			t.Fatalf("%v: testify's outcome is %+v", s, theirs)
		}
		if ours.passed == happened || ours.failed == ours.passed {
			t.Errorf("%v: ours is %+v, testify's %+v", s, ours, theirs)
		}
		latest := s.waitFor
		if happened {
			latest = min(s.after+s.lateness(), s.waitFor)
		}
		if ours.took > latest || !happened && ours.took != s.waitFor {
			t.Errorf("%v: ours took %v, want at most %v", s, ours.took, latest)
		}
	}
}

// testify issue 1652: the condition was not looked at before the first tick, and
// is still not looked at when waitFor is over.
func TestAConditionTrueAtTheEndIsSeenThoughNoTickFallsThere_Testify1652(t *testing.T) {
	s := situation{after: 900 * time.Millisecond, waitFor: time.Second, tick: 600 * time.Millisecond}
	beyond := situation{after: 0, waitFor: time.Second, tick: time.Minute}
	for name, p := range eventuallies {
		if o := s.under(t, p.theirs); o.passed {
			t.Errorf("%s: testify's passes now: strike this difference", name)
		}
		if o := s.under(t, p.ours); !o.passed {
			t.Errorf("%s: %+v", name, o)
		}
		if o := beyond.under(t, p.ours); !o.passed || o.took > 10*time.Millisecond {
			t.Errorf("%s with a tick beyond the end: %+v", name, o)
		}
	}
}

// slow answers yes after a virtual time, and tells whether it is at it.
type slow struct {
	takes   time.Duration
	running atomic.Bool
}

func (s *slow) look() bool {
	s.running.Store(true)
	defer s.running.Store(false)
	over := make(chan struct{})
	time.AfterFunc(s.takes, func() { close(over) })
	<-over
	return true
}

// testify issue 1611: the condition goes on after the call, in the next test.
func TestNoConditionRunsOnAfterTheCall_Testify1611(t *testing.T) {
	for name, p := range eventuallies {
		synctest.Test(t, func(t *testing.T) {
			c := &slow{takes: time.Minute}
			if p.theirs(&spy{}, c.look, time.Second, tick) || !c.running.Load() {
				t.Errorf("%s: testify's waits for its condition now: strike this difference", name)
			}
			eventually.Advance(time.Minute) // until it has ended
			c = &slow{takes: time.Minute}
			start := time.Now()
			if !p.ours(t, c.look, time.Second, tick) || c.running.Load() || time.Since(start) != time.Minute {
				t.Errorf("%s: still running: %v, after %v", name, c.running.Load(), time.Since(start))
			}
		})
	}
}

// testify issue 1654: Never passes though the condition has not answered once.
func TestNeverBelievesAConditionThatIsSlow_Testify1654(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &slow{takes: time.Minute}
		if !never.theirs(&spy{}, c.look, time.Second, tick) {
			t.Error("testify's fails now: strike this difference")
		}
		eventually.Advance(time.Minute) // until it has ended
		if never.ours(&spy{}, c.look, time.Second, tick) {
			t.Error("it passed, against the condition's answer")
		}
	})
}

// What ends the goroutine of the condition, as FailNow of the test does, is a
// success under testify's EventuallyWithT and is waited for by its Eventually.
func TestEndingTheTestFromTheConditionIsNoSuccess(t *testing.T) {
	for name, p := range eventuallies {
		synctest.Test(t, func(t *testing.T) {
			leave := func() bool { runtime.Goexit(); return true }
			if passed := p.theirs(&spy{}, leave, time.Second, tick); passed != (name == "EventuallyWithT") {
				t.Errorf("%s: testify's is %v now: change the list of differences", name, passed)
			}
			ended := make(chan bool, 1)
			go func() {
				returned := false
				defer func() { ended <- !returned }()
				p.ours(&spy{}, leave, time.Second, tick)
				returned = true
			}()
			if !<-ended {
				t.Errorf("%s: the test went on", name)
			}
		})
	}
}

// testify's looks are a tick apart; ours are sooner, and more.
func TestLooksComeAtLeastAsOftenAsTicks(t *testing.T) {
	for _, tick := range []time.Duration{time.Millisecond, 7 * time.Millisecond, 40 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			var last time.Duration
			start := time.Now()
			Never(t, func() bool {
				now := time.Since(start)
				if now-last > tick {
					t.Errorf("tick %v: no look between %v and %v", tick, last, now)
				}
				last = now
				return false
			}, time.Second, tick)
		})
	}
}
