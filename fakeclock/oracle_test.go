package fakeclock_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/fakeclock"
	"github.com/sleepless-go/sleepless/foundation/clock"
)

// The tests here take package time for an oracle: in a bubble, the same random
// calls on real timers and on a Fake must have the same results.

// side is one of the two clocks compared.
type side struct {
	clock   clock.Clock
	advance func(time.Duration)
	start   time.Time
	timers  []*clock.Timer
	tickers []*clock.Ticker
	funcs   []*clock.Timer
	mu      sync.Mutex // real functions due at one instant run in parallel
	calls   []string   // guarded by mu
	log     []string
}

func newSide(c clock.Clock, advance func(time.Duration)) *side {
	return &side{clock: c, advance: advance, start: c.Now()}
}

func (s *side) note(format string, args ...any) { s.log = append(s.log, fmt.Sprintf(format, args...)) }

func (s *side) since(t time.Time) time.Duration { return t.Sub(s.start) }

func (s *side) receive(what string, c <-chan time.Time) {
	select {
	case v := <-c:
		s.note("%s received %v", what, s.since(v))
	default:
		s.note("%s empty", what)
	}
}

// step does one random thing. Durations are multiples of a millisecond, with
// many coincidences. The runtime does not say in which order functions run that
// are due at one instant, and picks one at random in bubbles, so calls are
// compared sorted.
func (s *side) step(r *rand.Rand) {
	d := time.Duration(1+r.IntN(20)) * time.Millisecond
	pick := func(n int) int { return r.IntN(n) }
	switch op := r.IntN(12); {
	case op == 0 || len(s.timers) == 0:
		if r.IntN(4) == 0 {
			d = -d
		}
		s.timers = append(s.timers, s.clock.NewTimer(d))
		s.note("NewTimer(%v)", d)
	case op == 1 || len(s.tickers) == 0:
		s.tickers = append(s.tickers, s.clock.NewTicker(d))
		s.note("NewTicker(%v)", d)
	case op == 2 || len(s.funcs) == 0:
		id := len(s.funcs)
		s.funcs = append(s.funcs, s.clock.AfterFunc(d, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.calls = append(s.calls, fmt.Sprintf("func %d at %v", id, s.since(s.clock.Now())))
		}))
		s.note("AfterFunc(%v)", d)
	case op == 3:
		i := pick(len(s.timers))
		s.note("timer %d Stop %v", i, s.timers[i].Stop())
	case op == 4:
		i := pick(len(s.timers))
		s.note("timer %d Reset(%v) %v", i, d, s.timers[i].Reset(d))
	case op == 5:
		i := pick(len(s.timers))
		s.receive(fmt.Sprintf("timer %d", i), s.timers[i].C)
	case op == 6:
		i := pick(len(s.tickers))
		s.receive(fmt.Sprintf("ticker %d", i), s.tickers[i].C)
	case op == 7 && r.IntN(2) == 0:
		i := pick(len(s.tickers))
		s.tickers[i].Stop()
		s.note("ticker %d Stop", i)
	case op == 7:
		i := pick(len(s.tickers))
		s.tickers[i].Reset(d)
		s.note("ticker %d Reset(%v)", i, d)
	case op == 8 && r.IntN(2) == 0:
		i := pick(len(s.funcs))
		s.note("func %d Stop %v", i, s.funcs[i].Stop())
	case op == 8:
		i := pick(len(s.funcs))
		s.note("func %d Reset(%v) %v", i, d, s.funcs[i].Reset(d))
	default:
		s.advance(d)
		s.mu.Lock()
		calls := s.calls
		s.calls = nil
		s.mu.Unlock()
		slices.Sort(calls)
		s.note("at %v called %v", s.since(s.clock.Now()), calls)
	}
}

func (s *side) end() {
	for _, t := range s.timers {
		t.Stop()
	}
	for _, t := range s.tickers {
		t.Stop()
	}
	for _, t := range s.funcs {
		t.Stop()
	}
}

func TestFakeDoesWhatPackageTimeDoes(t *testing.T) {
	for seed := range uint64(30) {
		synctest.Test(t, func(t *testing.T) {
			f := fakeclock.New()
			fake := newSide(f, f.Advance)
			real := newSide(clock.System(), eventually.Advance)
			fakeRand, realRand := rand.New(rand.NewPCG(seed, 1)), rand.New(rand.NewPCG(seed, 1))
			for i := range 600 {
				fake.step(fakeRand)
				real.step(realRand)
				if got, want := fake.log[len(fake.log)-1], real.log[len(real.log)-1]; got != want {
					t.Fatalf("seed %d, step %d: Fake: %s\n                      time: %s\nbefore:\n\t%s", seed, i, got, want,
						strings.Join(fake.log[max(0, len(fake.log)-12):len(fake.log)-1], "\n\t"))
				}
			}
			fake.end()
			real.end()
		})
	}
}

// TestFiresInOrderOfInstantAndArming compares the order in which many functions
// run with the one computed from their durations.
func TestFiresInOrderOfInstantAndArming(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(7, 7))
		f := fakeclock.New()
		type due struct {
			at time.Duration
			id int
		}
		var want, got []due
		for id := range 500 {
			at := time.Duration(1+r.IntN(50)) * time.Second
			start := f.Now()
			timer := f.AfterFunc(at, func() { got = append(got, due{f.Now().Sub(start), id}) })
			if r.IntN(5) == 0 {
				timer.Stop()
				continue
			}
			want = append(want, due{at, id})
		}
		slices.SortStableFunc(want, func(a, b due) int { return int(a.at - b.at) })
		f.Advance(time.Hour)
		if !slices.Equal(got, want) {
			t.Fatalf("fired %v, want %v", got, want)
		}
	})
}
