package bubblewatch

import "time"

// plan says when to look, and what follows.
type plan struct {
	patience time.Duration // before the first look
	between  time.Duration // two looks of a round
	round    int           // looks in a round
	pause    time.Duration // between the first rounds; doubled up to longestPause
	end      time.Duration // since the start, 0 for never
	limited  bool          // end was asked for, rather than the deadline of the test
}

const (
	longestPause = 30 * time.Second
	// lastBetween is the interval of the last round, which begins at the end and
	// tells a goroutine that runs all the time from one that happened to run.
	lastBetween = 10 * time.Millisecond
	// margin is what is left of the test's deadline for the report, at most; of
	// a short time it is a quarter. To look at a goroutine that spins on a busy
	// machine has been seen to take half a second.
	margin = 3 * time.Second
)

func newPlan(l Limits) plan {
	p := plan{patience: Patience, between: 150 * time.Millisecond, round: 5, pause: 2 * time.Second}
	if l.Left >= 0 {
		p.end = max(l.Left-min(l.Left/4, margin), 1)
	}
	if l.Limit > 0 && (p.end == 0 || l.Limit < p.end) {
		p.end, p.limited = l.Limit, true
	}
	return p
}

// first is when to look for the first time.
func (p plan) first() time.Duration {
	if p.end > 0 {
		return min(p.patience, p.end)
	}
	return p.patience
}

// state is what has come of a plan so far.
type state struct {
	last  bool // the round is the last
	pause time.Duration
	noted uint // a bit for each kind that was noted
}

// step is what to do after a look.
type step struct {
	end   bool          // tell why, and end the process
	note  bool          // tell what goes on
	fresh bool          // begin a new round
	after time.Duration // look again
}

// next decides after a look, which is that many in its round.
func (p plan) next(s *state, v Verdict, elapsed time.Duration, looks int) step {
	switch {
	case v.Still:
		return step{end: true}
	case s.last && looks >= min(p.round, fewest):
		return step{end: true}
	case s.last:
		return step{after: lastBetween}
	case p.end > 0 && elapsed >= p.end:
		s.last = true
		return step{fresh: true, after: lastBetween}
	case looks < p.round:
		return step{after: p.clip(p.between, elapsed)}
	}
	if s.pause = min(2*s.pause, longestPause); s.pause == 0 {
		s.pause = p.pause
	}
	again := step{fresh: true, after: p.clip(s.pause, elapsed)}
	again.note = s.noted&(1<<v.Kind) == 0
	s.noted |= 1 << v.Kind
	return again
}

// clip shortens a wait so that it does not go beyond the end.
func (p plan) clip(d, elapsed time.Duration) time.Duration {
	if p.end == 0 {
		return d
	}
	return max(min(d, p.end-elapsed), 1)
}
