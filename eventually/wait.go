package eventually

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sleepless-go/sleepless/internal/bubble"
	"github.com/sleepless-go/sleepless/internal/goid"
	"github.com/sleepless-go/sleepless/internal/notify"
)

// Errors that a Report can hold; test with errors.Is.
var (
	// ErrTimeout: the condition did not become true, or did not hold for long
	// enough, within the limit.
	ErrTimeout = errors.New("not within the limit")
	// ErrFailFast: the condition or FailFast ruled success out. The cause is
	// wrapped beside it.
	ErrFailFast = errors.New("cannot happen any more")
	// ErrHappened: what was never to happen did.
	ErrHappened = errors.New("happened")
	// ErrStopped: the context of WithContext ended. context.Cause is wrapped
	// beside it.
	ErrStopped = errors.New("stopped by its context")
	// ErrMisuse: an option or argument makes no sense; nothing was checked.
	ErrMisuse = errors.New("misuse")
)

// Condition is looked at by a wait, always on the goroutine that waits. It
// reports whether what is awaited is so and, if not, why not yet. A non-nil err
// says that it cannot become so any more and ends the wait.
type Condition func() (done bool, why string, err error)

// Wait blocks until cond is done and returns how it went. It is the engine beneath the other functions of this
// package, for use without a test: in tests prefer Until, Check and Value,
// which fail the test.
//
// The order is: register with the sources, look, block until a source reports a
// change, look again. A change after registering wakes the wait and a change
// before it is seen by the look, so none can be missed. cond runs at least
// once, and once more at the limit; no goroutine that Wait starts outlives it.
// Without sources Wait looks again and again with a growing pause (see On).
//
// The limit is DefaultLimit unless Within is given, and ctx, which may be nil,
// ends the wait too. With such a ctx WithContext is misuse: a wait has one
// context.
//
// The error is nil on success. Otherwise it reads as the first line of the
// report and wraps the report's Err, so errors.Is finds ErrTimeout and the like.
func Wait(ctx context.Context, what string, cond Condition, opts ...Option) (*Report, error) {
	c := configure(opts)
	if c.ctx == nil {
		c.ctx = ctx
	} else if ctx != nil && ctx.Done() != nil {
		c.misuse("Wait takes its context as an argument; leave WithContext out")
	}
	r := run(what, plan{goal: toBecome, hold: c.hold}, cond, c, nil)
	if r.Err != nil {
		r.finish(nil)
		return r, &waitError{r}
	}
	return r, nil
}

// waitError is a failed wait as an error: one line, without the details.
type waitError struct{ r *Report }

func (e *waitError) Error() string { return e.r.headline() }
func (e *waitError) Unwrap() error { return e.r.Err }

// waiter is one wait under way.
type waiter struct {
	config
	plan    plan
	cond    Condition
	limit   time.Duration
	start   time.Time
	virtual bool

	woken   chan struct{} // sources send here; cap 1
	due     chan struct{} // the limiter sends here, once; cap 1
	ctxDone <-chan struct{}
	limiter limiter
	pacer   *time.Timer // unprompted looks and holds
	polled  []Polled
	naps    int
	rest    time.Duration
	self    uint64        // this goroutine, once the condition seems to wake its own wait
	instant time.Duration // of the last look, in a bubble
	looks   int           // at that instant
	breaths int           // times it seemed to stand still

	crossed  []uint64  // per source: wake-ups held up by a bubble's wall before this wait
	t        TB        // may be nil
	evidence *evidence // nil if no artefacts are asked for
	report   *Report
	own      Report // what report points to: one allocation serves both
}

// run performs one wait. t is asked for its deadline and may be nil.
func run(what string, p plan, cond Condition, c config, t TB) *Report {
	w := &waiter{config: c, plan: p, cond: cond, start: time.Now(), t: t}
	w.report = &w.own
	w.own.What, w.own.Hold, w.own.goal, w.own.search = what, p.hold, p.goal, p.search
	w.virtual = bubble.Virtual(w.start)
	w.report.Virtual = w.virtual
	w.vet()
	factor, err := scale()
	if err != nil && w.err == nil {
		w.err = err
	}
	w.limit = w.limitOf(factor)
	if w.err != nil {
		w.report.Err = fmt.Errorf("%w: %w", ErrMisuse, w.err)
		return w.report
	}
	if w.evidence = c.evidence(); w.evidence != nil && !w.virtual {
		flight.Start()
	}
	w.report.Limit, w.report.once, w.report.Awaited = w.limit, w.once, w.awaited
	w.loop()
	return w.report
}

// vet finds the misuse that no single option can see.
func (w *waiter) vet() {
	if w.cond == nil {
		w.misuse("the function that is to be checked is nil")
	}
	if w.budget != nil && w.virtual != bubble.Virtual(w.budget.start) {
		w.misuse("WithinBudget was given a budget from the other side of a bubble's wall, where time differs; call NewBudget where the wait is")
	}
}

func (w *waiter) limitOf(factor float64) time.Duration {
	var limit time.Duration
	switch {
	case w.once:
		return 0
	case w.plan.goal == toStay && w.within == 0:
		limit = DefaultWindow
	case w.plan.goal == toStay:
		limit = w.within
	case w.within == 0:
		limit = scaled(DefaultLimit, factor) + w.plan.hold
	default:
		limit = scaled(w.within, factor)
		if w.plan.hold > limit {
			w.misuse("HoldFor(%v) cannot be over within %v; give Within more than that, or leave it out", w.plan.hold, limit)
		}
	}
	spent := time.Duration(-1)
	if w.budget != nil {
		spent = w.budget.Remaining()
	}
	return limitFor(limit, timeLeft(w.t, w.virtual), spent)
}

// loop is the wait itself: look, decide, rest. Everything it sets going is
// undone in reverse order however it ends, also when the condition panics.
//
// loop and look are frames of their own on the stack, by which stackOf finds
// the goroutine of this wait.
//
//go:noinline
func (w *waiter) loop() {
	w.woken, w.due = make(chan struct{}, 1), make(chan struct{}, 1)
	if w.ctx != nil {
		w.ctxDone = w.ctx.Done()
	}
	w.noteCrossings()
	for _, s := range w.sources {
		defer s.Notify(w.woken)()
		if p, ok := s.(Polled); ok {
			w.polled = append(w.polled, p)
		}
	}
	w.limiter.arm(w.limit, w.due, w.reportStuck)
	defer w.limiter.disarm()
	defer w.stopPacer()

	since, cause := time.Duration(-1), WokenByStart
	for {
		l := w.look(cause)
		switch {
		case !l.done:
			since = -1
		case since < 0:
			since = l.at
		}
		s := w.plan.next(l, since)
		switch {
		case s.verdict != goOn:
			w.conclude(s.verdict, l, cause)
			return
		case cause == WokenByContext:
			w.stopped()
			return
		}
		if w.virtual && w.standsStill(l.at) {
			cause = w.breathe()
			continue
		}
		cause = w.block(s.wakeAt)
	}
}

// noteCrossings takes note of what a bubble's wall held up before this wait, so
// that its report names only what matters to it.
func (w *waiter) noteCrossings() {
	if !w.virtual {
		return
	}
	w.crossed = make([]uint64, len(w.sources))
	for i, s := range w.sources {
		if x, ok := s.(crosser); ok {
			w.crossed[i], _ = x.Outside()
		}
	}
}

// look checks once. Idleness counts only if nothing was reported between the
// first and the second time the sources called themselves idle, with the check
// in between: then the check saw the final state.
//
//go:noinline
func (w *waiter) look(cause Wake) look {
	l := look{expired: w.limiter.expired.Load()}
	quiet := w.wantsIdle() && w.allIdle()
	w.report.Checks++
	w.report.Wakes[cause]++
	done, why, err := w.check()
	l.done, l.fatal = done, err
	if !done && w.failFast != nil {
		if reason := w.failFast(); reason != nil {
			l.fatal = reason // it says more than that the recorder is closed, for instance
		}
	}
	if done && w.plan.hold == 0 && w.plan.goal == toBecome && w.onCheck == nil {
		return l // the common good case needs no further clock reading
	}
	if w.self == 0 && len(w.woken) > 0 {
		w.self = goid.ID() // perhaps by the condition itself: be deaf to it from now on
	}
	l.at = time.Since(w.start)
	l.idle = quiet && len(w.woken) == 0 && w.allIdle()
	before := w.report.Changes
	if err == nil || why != "" {
		w.report.note(l.at, done, why)
	}
	if w.evidence != nil {
		w.evidence.look(l, cause, w.report.Changes > before, w.report.Values)
	}
	if w.onCheck != nil {
		w.onCheck(Attempt{w.report.Checks, l.at, max(w.limit-l.at, 0), done, why, cause})
	}
	return l
}

// check runs the condition.
func (w *waiter) check() (done bool, why string, err error) {
	w.limiter.enter(w.report.Checks)
	returned := false
	if w.self != 0 {
		defer notify.Deafen(w.woken, w.self)()
	}
	defer func() {
		w.limiter.leave()
		if !returned && w.t != nil {
			w.t.Helper()
			logf(w.t, "eventually: %q: check %d ended by a panic or FailNow inside the condition", w.report.What, w.report.Checks)
		}
	}()
	done, why, err = w.cond()
	returned = true
	return done, why, err
}

// wantsIdle tells whether a proof of idleness would shorten this wait.
func (w *waiter) wantsIdle() bool {
	return (w.plan.goal == toStay || w.plan.hold > 0) && len(w.sources) > 0
}

// allIdle reports whether every source that could originate something is idle,
// and that there is one: witnesses alone prove nothing, but one that is busy
// speaks against it.
func (w *waiter) allIdle() bool {
	proven := false
	for _, s := range w.sources {
		_, witness := s.(Witness)
		i, ok := s.(Idler)
		switch {
		case !ok && witness:
			continue
		case !ok:
			return false
		}
		proven = proven || !witness
		if idle, _ := i.Idle(); !idle {
			return false
		}
	}
	return proven
}

// conclude writes the verdict into the report.
func (w *waiter) conclude(v verdict, l look, cause Wake) {
	r := w.report
	r.Elapsed = time.Since(w.start)
	switch v {
	case pass:
		r.unproven = l.expired && !l.idle && w.wantsIdle() && w.plan.goal == toStay && !w.virtual && !w.once
		if r.unproven {
			r.collectNames(w)
			return
		}
		if r.unprompted = w.unprompted(cause); r.unprompted {
			r.collectNames(w)
		}
		return
	case failTimeout, failHeld:
		r.Err = ErrTimeout
		r.heldShort = v == failHeld
	case failDone:
		r.Err = ErrHappened
	case failFatal:
		r.Err = fmt.Errorf("%w: %w", ErrFailFast, l.fatal)
	}
	r.collect(w)
}

// unprompted tells whether what was awaited was found by the last check only,
// though sources were there to say so. A report that is under way when the
// limit passes, and a file about to be polled, are no reason to complain.
func (w *waiter) unprompted(cause Wake) bool {
	return cause == WokenByLimit && w.plan.goal == toBecome && w.plan.hold == 0 &&
		len(w.sources) > 0 && len(w.woken) == 0 && !w.pollSources()
}

func (w *waiter) stopped() {
	w.report.Elapsed = time.Since(w.start)
	w.report.Err = fmt.Errorf("%w: %w", ErrStopped, context.Cause(w.ctx))
	w.report.collect(w)
}
