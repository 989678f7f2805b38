package eventually

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestMisuseNamesTheCure(t *testing.T) {
	yes := func() bool { return true }
	var noRecorder *Recorder[int]
	var noContext context.Context
	rec := NewRecorder[int](nil)
	for want, misuse := range map[string]func(s *spy){
		"Within(0s) leaves no time to wait; give":       func(s *spy) { Until(s, "x", yes, Within(0)) },
		"HoldFor(-1s): a condition cannot be held":      func(s *spy) { Until(s, "x", yes, HoldFor(-time.Second)) },
		"HoldFor(2s) cannot be over within 1s; give":    func(s *spy) { Until(s, "x", yes, HoldFor(2*time.Second), Within(time.Second)) },
		"PollEvery(0s): the interval must be above 0":   func(s *spy) { Until(s, "x", yes, PollEvery(0)) },
		"PollUpTo(-1s): the longest pause must be":      func(s *spy) { Until(s, "x", yes, PollUpTo(-time.Second)) },
		"On was given a nil Source (<nil>); leave":      func(s *spy) { Until(s, "x", yes, On(nil)) },
		"nil Source (*eventually.Recorder[int]); leave": func(s *spy) { Until(s, "x", yes, On(noRecorder)) },
		"WithContext was given nil; pass":               func(s *spy) { Until(s, "x", yes, WithContext(noContext)) },
		"FailFast was given a nil function; pass":       func(s *spy) { Until(s, "x", yes, FailFast(nil)) },
		"WithinBudget was given nil; make":              func(s *spy) { Until(s, "x", yes, WithinBudget(nil)) },
		"HoldFor has no meaning for Never, whose":       func(s *spy) { Never(s, "x", yes, HoldFor(time.Second)) },
		"HoldFor has no meaning for an event; leave":    func(s *spy) { Event(s, "x", rec, func(int) bool { return true }, HoldFor(1)) },
		"HoldFor has no meaning for a sequence":         func(s *spy) { InOrder(s, "x", rec, []func(int) bool{func(int) bool { return true }}, HoldFor(1)) },
		"Artefacts was given no directory; name one":    func(s *spy) { Until(s, "x", yes, Artefacts("")) },
		"the function that is to be checked is nil":     func(s *spy) { Until(s, "x", nil) },
		"to be checked is nil":                          func(s *spy) { Check(s, "x", nil) },
		"is to be checked is nil":                       func(s *spy) { Value(s, "x", nil, func(int) bool { return true }) },
		"that is to be checked is nil":                  func(s *spy) { Never(s, "x", nil) },
		"needs a recorder and a match, and one":         func(s *spy) { Event(s, "x", rec, nil) },
		"a wait for an event needs a recorder":          func(s *spy) { Event(s, "x", noRecorder, func(int) bool { return true }) },
		"InOrder needs a recorder and at least one":     func(s *spy) { InOrder(s, "x", rec, nil) },
		"at least one step, none of them nil":           func(s *spy) { InOrder(s, "x", rec, []func(int) bool{nil}) },
		"After(7) is beyond the 0 events of recorder":   func(s *spy) { Event(s, "x", rec, func(int) bool { return true }, After(7)) },
		"Settle outside a bubble needs the sources":     func(s *spy) { Settle(s) },
	} {
		text := failure(misuse)
		mustContain(t, text, "was not awaited: misuse: ", want)
	}
	_, err := Wait(t.Context(), "x", func() (bool, string, error) { return true, "", nil }, WithContext(t.Context()))
	mustBe(t, err, ErrMisuse)
	mustContain(t, err.Error(), "leave WithContext out")
}

func TestNilOptionsAndNilObserversAreIgnored(t *testing.T) {
	Until(t, "x", func() bool { return true }, nil, OnCheck(nil), OnStuck(nil))
}

func TestALaterOptionCountsAndOnAdds(t *testing.T) {
	var a, b Counter
	c := configure([]Option{Within(1), Within(2), On(&a), On(&b)})
	if c.within != 2 || len(c.sources) != 2 {
		t.Errorf("config = %+v", c)
	}
}

func TestOnlyABudgetFromTheSameSideOfTheWallIsAccepted(t *testing.T) {
	outer := NewBudget(time.Hour)
	inBubble(t, func(t *testing.T) {
		mustContain(t, failure(func(s *spy) { Until(s, "x", func() bool { return true }, WithinBudget(outer)) }), "call NewBudget where the wait is")
	})
}

func TestABudgetIsSharedByWaits(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := NewBudget(3 * time.Second)
		var c Counter
		time.AfterFunc(2*time.Second, func() { c.Add(1) })
		Until(t, "counted", func() bool { return c.Load() == 1 }, On(&c), WithinBudget(b))
		if b.Remaining() != time.Second {
			t.Errorf("remaining = %v, want 1s", b.Remaining())
		}
		r, err := Wait(t.Context(), "never", func() (bool, string, error) { return false, "", nil }, On(&c), WithinBudget(b))
		mustBe(t, err, ErrTimeout)
		if r.Limit != time.Second || r.Elapsed != time.Second || b.Remaining() != 0 {
			t.Errorf("limit %v, elapsed %v, remaining %v; want 1s, 1s, 0", r.Limit, r.Elapsed, b.Remaining())
		}
	})
}

func TestAContextEndsTheWaitAfterOneLastCheck(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		cause := errors.New("interrupted")
		for _, silently := range []bool{false, true} {
			ctx, cancel := context.WithCancelCause(t.Context())
			var changed atomic.Bool
			time.AfterFunc(time.Second, func() {
				changed.Store(silently)
				cancel(cause)
			})
			var c Counter
			r, err := Wait(ctx, "changed", func() (bool, string, error) { return changed.Load(), "", nil }, On(&c))
			if r.Elapsed != time.Second || r.Wakes[WokenByContext] != 1 {
				t.Errorf("report = %+v", r)
			}
			if silently {
				if err != nil {
					t.Errorf("what was already so was not seen: %v", err)
				}
				continue
			}
			mustBe(t, err, ErrStopped, cause)
		}
	})
}

func TestAContextThatHasEndedAlreadyAllowsOneLook(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if r, err := Wait(ctx, "x", func() (bool, string, error) { return true, "", nil }); err != nil || r.Checks != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	_, err := Wait(ctx, "x", func() (bool, string, error) { return false, "", nil })
	mustBe(t, err, ErrStopped, context.Canceled)
	var noContext context.Context
	if _, err := Wait(noContext, "x", func() (bool, string, error) { return true, "", nil }); err != nil {
		t.Error(err)
	}
}

func TestFailFastIsAskedAfterEachCheckThatDidNotSucceed(t *testing.T) {
	dead := errors.New("dead")
	inBubble(t, func(t *testing.T) {
		var c Counter
		for i := range 3 {
			time.AfterFunc(time.Duration(i+1)*time.Second, func() { c.Add(1) })
		}
		asked := 0
		r, err := Wait(t.Context(), "x", func() (bool, string, error) { return false, "", nil }, On(&c), FailFast(func() error {
			if asked++; asked == 3 {
				return dead
			}
			return nil
		}))
		mustBe(t, err, ErrFailFast, dead)
		if asked != 3 || r.Elapsed != 2*time.Second {
			t.Errorf("asked %d times, %v", asked, r.Elapsed)
		}
	})
	Until(t, "x", func() bool { return true }, FailFast(func() error { return dead })) // success comes first
}

func TestFailFastSaysMoreThanAClosedRecorder(t *testing.T) {
	dead := errors.New("exit status 3")
	rec := NewRecorder[int](nil)
	rec.Close()
	text := failure(func(s *spy) {
		Event(s, "x", rec, func(int) bool { return true }, FailFast(func() error { return dead }))
	})
	mustContain(t, text, "cannot happen any more: exit status 3")
}

func TestHoldForDemandsAnUninterruptedTime(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var v Var[bool]
		start := time.Now()
		for at, b := range map[time.Duration]bool{1: true, 2: false, 4: true} { // interrupted once
			time.AfterFunc(at*time.Second, func() { v.Set(b) })
		}
		Until(t, "steady", v.Load, On(&v), HoldFor(3*time.Second), Within(time.Minute))
		if d := time.Since(start); d != 7*time.Second {
			t.Errorf("took %v, want the 3s from 4s on", d)
		}
	})
}

func TestHoldForMakesRoomForItselfWithinTheDefaultLimit(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		start := time.Now()
		Until(t, "steady", func() bool { return true }, On(&Counter{}), HoldFor(time.Hour))
		if d := time.Since(start); d != time.Hour {
			t.Errorf("took %v, want 1h", d)
		}
	})
}

func TestHoldForReturnsEarlyWhenEverySourceIsIdle(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		s := &tap{busy: "a lookup"}
		start := time.Now()
		time.AfterFunc(time.Second, func() { s.setBusy("") })
		Until(t, "steady", func() bool { return true }, On(s), HoldFor(time.Hour))
		if d := time.Since(start); d != time.Second {
			t.Errorf("took %v, want 1s", d)
		}
	})
}

func TestOnCheckIsToldAboutEachCheck(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var c Counter
		time.AfterFunc(time.Second, func() { c.Add(1) })
		var got []Attempt
		failure(func(s *spy) {
			Value(s, "two", c.Load, func(n int64) bool { return n == 2 }, On(&c), Within(3*time.Second), OnCheck(func(a Attempt) { got = append(got, a) }))
		})
		want := []Attempt{
			{1, 0, 3 * time.Second, false, "0", WokenByStart},
			{2, time.Second, 2 * time.Second, false, "1", WokenByEvent},
			{3, 3 * time.Second, 0, false, "1", WokenByLimit},
		}
		if !slices.Equal(got, want) {
			t.Errorf("attempts = %+v\nwant %+v", got, want)
		}
		got = nil
		Until(t, "x", func() bool { return true }, OnCheck(func(a Attempt) { got = append(got, a) }))
		if len(got) != 1 || !got[0].Done {
			t.Errorf("attempts = %+v", got)
		}
	})
}

func TestPollEveryReplacesTheBackOff(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var at []time.Duration
		failure(func(s *spy) {
			Until(s, "x", func() bool { return false }, PollEvery(time.Second), Within(3500*time.Millisecond), OnCheck(func(a Attempt) { at = append(at, a.Elapsed) }))
		})
		if want := []time.Duration{0, time.Second, 2 * time.Second, 3 * time.Second, 3500 * time.Millisecond}; !slices.Equal(at, want) {
			t.Errorf("checked at %v, want %v", at, want)
		}
	})
}

func TestWakesHaveNames(t *testing.T) {
	for w, want := range []string{"start", "event", "poll", "hold", "limit", "context"} {
		if got := Wake(w).String(); got != want {
			t.Errorf("Wake(%d) = %q, want %q", w, got, want)
		}
	}
}

// Without the order subscribe, check, block a change between check and block
// would be found by the last check only, or never.
func TestNoWakeUpIsLost(t *testing.T) {
	const workers, rounds = 8, 500
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			var c Counter
			for i := range int64(rounds) {
				go c.Add(1)
				r, err := Wait(context.Background(), "counted", func() (bool, string, error) { return c.Load() == i+1, "", nil }, On(&c), Within(time.Hour))
				if err != nil || r.Wakes[WokenByLimit]+r.Wakes[WokenByPoll] != 0 {
					t.Errorf("round %d: %v, %+v", i, err, r)
					return
				}
			}
		})
	}
	all.Wait()
}

func TestPollUpToBoundsThePausesAndNotTheirBeginning(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		for _, most := range []time.Duration{time.Millisecond, time.Hour} {
			var longest, last time.Duration
			start := time.Now()
			looks := 0
			Never(t, "x", func() bool {
				now := time.Since(start)
				longest, last = max(longest, now-last), now
				looks++
				return false
			}, PollUpTo(most), Within(2*time.Second))
			want := min(most, lastVirtual)
			if longest != want {
				t.Errorf("PollUpTo(%v): the longest pause was %v, want %v", most, longest, want)
			}
			if fixed := int(2*time.Second/want) + 2; looks <= fixed {
				t.Errorf("PollUpTo(%v): %d looks, no more than with a fixed interval", most, looks)
			}
		}
	})
}
