package eventually

import (
	"errors"
	"math"
	"testing"
	"time"
)

func TestNextDecidesWhatFollowsFromALook(t *testing.T) {
	const ms = time.Millisecond
	fatal := errors.New("dead")
	become, hold, stay := plan{}, plan{hold: 10 * ms}, plan{goal: toStay}
	for name, row := range map[string]struct {
		plan  plan
		look  look
		since time.Duration
		want  step
	}{
		"fatal beats everything":                    {become, look{done: true, fatal: fatal, expired: true}, 0, step{verdict: failFatal}},
		"fatal ends Never":                          {stay, look{fatal: fatal}, -1, step{verdict: failFatal}},
		"done":                                      {become, look{done: true}, 0, step{verdict: pass}},
		"done at the limit":                         {become, look{done: true, expired: true}, 0, step{verdict: pass}},
		"not done":                                  {become, look{}, -1, step{verdict: goOn}},
		"not done though idle":                      {become, look{idle: true}, -1, step{verdict: goOn}},
		"not done at the limit":                     {become, look{expired: true}, -1, step{verdict: failTimeout}},
		"held: just true":                           {hold, look{done: true, at: 3 * ms}, 3 * ms, step{verdict: goOn, wakeAt: 13 * ms}},
		"held: not long enough":                     {hold, look{done: true, at: 12 * ms}, 3 * ms, step{verdict: goOn, wakeAt: 13 * ms}},
		"held: long enough":                         {hold, look{done: true, at: 13 * ms}, 3 * ms, step{verdict: pass}},
		"held: long enough, exactly at the limit":   {hold, look{done: true, at: 13 * ms, expired: true}, 3 * ms, step{verdict: pass}},
		"held: true but cut off by the limit":       {hold, look{done: true, at: 12 * ms, expired: true}, 3 * ms, step{verdict: failHeld}},
		"held: idle sources prove it will stay":     {hold, look{done: true, at: 4 * ms, idle: true}, 3 * ms, step{verdict: pass}},
		"held: false again":                         {hold, look{at: 4 * ms}, -1, step{verdict: goOn}},
		"held: false at the limit":                  {hold, look{expired: true}, -1, step{verdict: failTimeout}},
		"Never: it happened":                        {stay, look{done: true}, 0, step{verdict: failDone}},
		"Never: it happened in the last check":      {stay, look{done: true, expired: true, idle: true}, 0, step{verdict: failDone}},
		"Never: the window is over":                 {stay, look{expired: true}, -1, step{verdict: pass}},
		"Never: nothing is left that could do it":   {stay, look{idle: true}, -1, step{verdict: pass}},
		"Never: something could still make it true": {stay, look{}, -1, step{verdict: goOn}},
	} {
		if got := row.plan.next(row.look, row.since); got != row.want {
			t.Errorf("%s: next(%+v, %v) = %+v, want %+v", name, row.look, row.since, got, row.want)
		}
	}
}

func TestPauseOutsideABubbleYieldsThenGrowsFrom50MicrosecondsTo5Milliseconds(t *testing.T) {
	last := time.Duration(0)
	for n := range 100 {
		d := pause(n, last, time.Hour, false)
		switch {
		case n < 32:
			if d != 0 {
				t.Fatalf("pause(%d) = %v, want to yield only", n, d)
			}
		case n == 32:
			if d != 50*time.Microsecond {
				t.Fatalf("first pause = %v, want 50µs", d)
			}
		default:
			if want := min(last+last/4, 5*time.Millisecond); d != want {
				t.Fatalf("pause(%d) = %v after %v, want %v", n, d, last, want)
			}
		}
		last = d
	}
	if last != 5*time.Millisecond {
		t.Errorf("pause ends at %v, want 5ms", last)
	}
}

func TestPauseInABubbleIsASixtyFourthOfTheTimeWaited(t *testing.T) {
	elapsed, looks := time.Duration(0), 0
	for elapsed < time.Hour {
		d := pause(looks, 0, elapsed, true)
		switch {
		case d <= 0 || d > 10*time.Millisecond:
			t.Fatalf("pause after %v = %v, want above 0 and up to 10ms", elapsed, d)
		case d > time.Microsecond && d > elapsed/64:
			t.Fatalf("pause after %v = %v, want at most a 64th", elapsed, d)
		}
		elapsed += d
		looks++
	}
	if looks > 365_000 {
		t.Errorf("an hour takes %d looks", looks)
	}
}

func TestLimits(t *testing.T) {
	const s = time.Second
	for _, row := range []struct{ asked, left, budget, want time.Duration }{
		{5 * s, -1, -1, 5 * s},
		{5 * s, 100 * s, -1, 5 * s},
		{5 * s, 2 * s, -1, 1800 * time.Millisecond},
		{5 * s, 0, -1, 0},
		{5 * s, -1, 3 * s, 3 * s},
		{5 * s, -1, 0, 0},
		{5 * s, 2 * s, s, s},
	} {
		if got := limitFor(row.asked, row.left, row.budget); got != row.want {
			t.Errorf("limitFor(%v, %v, %v) = %v, want %v", row.asked, row.left, row.budget, got, row.want)
		}
	}
	for _, row := range []struct {
		d      time.Duration
		factor float64
		want   time.Duration
	}{{s, 1, s}, {s, 2.5, 2500 * time.Millisecond}, {s, 0.5, s / 2}, {1 << 60, 1e6, math.MaxInt64}} {
		if got := scaled(row.d, row.factor); got != row.want {
			t.Errorf("scaled(%v, %v) = %v, want %v", row.d, row.factor, got, row.want)
		}
	}
}

func TestParseScale(t *testing.T) {
	for text, want := range map[string]float64{"": 1, "3": 3, "0.5": 0.5, "1e6": 1e6} {
		if got, err := parseScale(text); got != want || err != nil {
			t.Errorf("parseScale(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"0", "-1", "x", "NaN", "Inf", "1e7", "2s", " 2"} {
		got, err := parseScale(text)
		if got != 1 || err == nil {
			t.Errorf("parseScale(%q) = %v, %v; want 1 and an error", text, got, err)
			continue
		}
		mustContain(t, err.Error(), ScaleVariable+"=", "use for instance EVENTUALLY_SCALE=2")
	}
}
