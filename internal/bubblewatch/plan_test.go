package bubblewatch

import (
	"testing"
	"time"
)

const (
	ms  = time.Millisecond
	sec = time.Second
)

func TestTheEndComesFromTheLimitOrTheDeadlineWhicheverIsEarlier(t *testing.T) {
	for _, c := range []struct {
		limits  Limits
		end     time.Duration
		limited bool
		first   time.Duration
	}{
		{Limits{Left: -1}, 0, false, Patience},
		{Limits{Left: 10 * time.Minute}, 10*time.Minute - margin, false, Patience},
		{Limits{Left: 10 * sec}, 7500 * ms, false, Patience},
		{Limits{Left: sec}, 750 * ms, false, 750 * ms},
		{Limits{Left: 0}, 1, false, 1},
		{Limits{Left: -1, Limit: 100 * ms}, 100 * ms, true, 100 * ms},
		{Limits{Left: -1, Limit: time.Hour}, time.Hour, true, Patience},
		{Limits{Left: 10 * sec, Limit: time.Hour}, 7500 * ms, false, Patience},
		{Limits{Left: 10 * sec, Limit: sec}, sec, true, sec},
	} {
		p := newPlan(c.limits)
		if p.end != c.end || p.limited != c.limited || p.first() != c.first {
			t.Errorf("%+v: end %v, limited %v, first look after %v; want %v, %v, %v", c.limits, p.end, p.limited, p.first(), c.end, c.limited, c.first)
		}
	}
}

func TestWhatFollowsFromALook(t *testing.T) {
	p := newPlan(Limits{Left: -1, Limit: time.Minute})
	for name, c := range map[string]struct {
		state   state
		verdict Verdict
		elapsed time.Duration
		looks   int
		want    step
		then    state
	}{
		"it hangs":                     {verdict: Verdict{Still: true}, elapsed: 2 * sec, looks: 2, want: step{end: true}},
		"the first look":               {elapsed: 2 * sec, looks: 1, want: step{after: p.between}},
		"the round is over":            {elapsed: 3 * sec, looks: 5, want: step{note: true, fresh: true, after: 2 * sec}, then: state{noted: 1 << Running, pause: 2 * sec}},
		"it is said only once":         {state: state{noted: 1 << Running, pause: 2 * sec}, elapsed: 9 * sec, looks: 5, want: step{fresh: true, after: 4 * sec}, then: state{noted: 1 << Running, pause: 4 * sec}},
		"something else is said":       {state: state{noted: 1 << Running, pause: 2 * sec}, verdict: Verdict{Kind: Spinning}, elapsed: 9 * sec, looks: 5, want: step{note: true, fresh: true, after: 4 * sec}, then: state{noted: 1<<Running | 1<<Spinning, pause: 4 * sec}},
		"the pauses have a bound":      {state: state{noted: 1 << Running, pause: 20 * sec}, elapsed: 9 * sec, looks: 5, want: step{fresh: true, after: longestPause}, then: state{noted: 1 << Running, pause: longestPause}},
		"a pause ends with the limit":  {state: state{noted: 1 << Running, pause: 20 * sec}, elapsed: 59 * sec, looks: 5, want: step{fresh: true, after: sec}, then: state{noted: 1 << Running, pause: longestPause}},
		"the limit":                    {elapsed: time.Minute, looks: 1, want: step{fresh: true, after: lastBetween}, then: state{last: true}},
		"within the last round":        {state: state{last: true}, elapsed: time.Minute + 10*ms, looks: fewest - 1, want: step{after: lastBetween}, then: state{last: true}},
		"the last round is over":       {state: state{last: true}, elapsed: time.Minute + 50*ms, looks: fewest, want: step{end: true}, then: state{last: true}},
		"it turns out to hang at last": {state: state{last: true}, verdict: Verdict{Still: true}, elapsed: time.Minute, looks: 2, want: step{end: true}, then: state{last: true}},
	} {
		s := c.state
		if got := p.next(&s, c.verdict, c.elapsed, c.looks); got != c.want || s != c.then {
			t.Errorf("%s:\n got %+v and %+v\nwant %+v and %+v", name, got, s, c.want, c.then)
		}
	}
}
