package eventually

import (
	"context"
	"fmt"
	"reflect"
	"time"
)

// Option changes one wait. Where an option is given twice the later one counts,
// except On, which adds.
type Option interface{ apply(*config) }

type config struct {
	sources   []Source
	within    time.Duration // 0: the default of the wait
	hold      time.Duration
	poll      time.Duration
	pollMost  time.Duration // 0: as pause has it
	ctx       context.Context
	failFast  func() error
	onCheck   func(Attempt)
	onStuck   func(Stuck)
	budget    *Budget
	after     *Mark
	once      bool
	awaited   string
	artefacts string // absolute directory
	onFailure func(*Report)
	explain   func(event any) (differences []string, candidate bool)
	err       error // the first misuse
}

func configure(opts []Option) config {
	var c config
	for _, o := range opts {
		if o != nil {
			o.apply(&c)
		}
	}
	return c
}

func (c *config) misuse(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf(format, args...)
	}
}

// refuseHold is for waits whose answer is a fact, which cannot cease to be so.
func (c *config) refuseHold(wait string) {
	if c.hold > 0 {
		c.misuse("HoldFor has no meaning for %s; leave it out", wait)
	}
}

type optionFunc func(*config)

func (f optionFunc) apply(c *config) { f(c) }

type onOption []Source

func (o onOption) apply(c *config) {
	for _, s := range o {
		if v := reflect.ValueOf(s); s == nil || v.Kind() == reflect.Pointer && v.IsNil() {
			c.misuse("On was given a nil Source (%T); leave it out, or pass the component's recorder, bus or clock", s)
			continue
		}
		c.sources = append(c.sources, s)
	}
}

// On names what can change the answer. The wait then blocks until one of the
// sources reports a change and does not poll. A change that no source reports
// is noticed only by the last check, at the limit.
func On(sources ...Source) Option { return onOption(sources) }

type withinOption time.Duration

func (o withinOption) apply(c *config) {
	if o <= 0 {
		c.misuse("Within(%v) leaves no time to wait; give a duration above 0, leave it out for the default, or use AtOnce to look once", time.Duration(o))
		return
	}
	c.within = time.Duration(o)
}

// Within limits the wait to d instead of DefaultLimit; d is multiplied by
// EVENTUALLY_SCALE and cut to 90 % of what is left to the test's deadline.
// For Never it is the window that is observed, which is not scaled. In a bubble
// the limit is virtual time.
func Within(d time.Duration) Option { return withinOption(d) }

// AtOnce makes a wait look once instead of waiting: what is awaited must be so
// now, and for Never must not be so now. It is for the moment after
// fakeclock's Advance, or a Settle, when everything due has happened.
func AtOnce() Option { return optionFunc(func(c *config) { c.once = true }) }

// Awaiting names what a wait on events looks for, and tells candidates apart,
// for its report: the event is a candidate if it is of the right kind, and the
// differences say what else is wrong with it. telemetrytest uses it to name the
// kind of event; other waits ignore it. explain may be nil.
func Awaiting(name string, explain func(event any) (differences []string, candidate bool)) Option {
	return optionFunc(func(c *config) { c.awaited, c.explain = name, explain })
}

// HoldFor demands that the condition, once true, stays true for d without
// interruption. Without Within the limit is DefaultLimit plus d; a Within below
// d is misuse. It returns early when every source is an idle Idler, since then
// nothing can change.
//
// What happens between two checks goes unseen: a condition that is false for
// less time than the wait needs to look has not been interrupted. Where that
// matters record events and look for the one that must not be there.
func HoldFor(d time.Duration) Option {
	return optionFunc(func(c *config) {
		if d < 0 {
			c.misuse("HoldFor(%v): a condition cannot be held for a negative time; give a duration above 0, or leave it out", d)
			return
		}
		c.hold = d
	})
}

// PollEvery replaces the back-off of a wait without sources by a fixed
// interval. It is the escape hatch for conditions that are expensive to check.
// A wait on polled sources polls them at that interval; on other sources it has
// no effect.
func PollEvery(d time.Duration) Option {
	return optionFunc(func(c *config) {
		if d <= 0 {
			c.misuse("PollEvery(%v): the interval must be above 0; leave it out for the back-off from 50µs to 5ms", d)
			return
		}
		c.poll = d
	})
}

// PollUpTo bounds the back-off of a wait without sources, and of one on polled
// sources: the pauses grow as ever, but never beyond d. It is for conditions
// that must not be seen later than d after they have become true, and has no
// effect beside PollEvery.
func PollUpTo(d time.Duration) Option {
	return optionFunc(func(c *config) {
		if d <= 0 {
			c.misuse("PollUpTo(%v): the longest pause must be above 0; leave it out for the back-off from 50µs to 5ms", d)
			return
		}
		c.pollMost = d
	})
}

// WithContext ends the wait when ctx is done: after one last check, as a failure
// unless that check succeeds. Inside a bubble
// ctx must come from inside it (t.Context() does): the done channel of an outer
// context stops virtual time, and cancelling it ends the process.
func WithContext(ctx context.Context) Option {
	return optionFunc(func(c *config) {
		if ctx == nil {
			c.misuse("WithContext was given nil; pass a context, or leave it out")
			return
		}
		c.ctx = ctx
	})
}

// FailFast ends the wait at once when f returns an error: the server has
// exited, so it will not become ready any more. It is called after each check
// that did not succeed, on the waiting goroutine. With Never it ends the
// observation as a failure: a window that was cut short shows nothing.
func FailFast(f func() error) Option {
	return optionFunc(func(c *config) {
		if f == nil {
			c.misuse("FailFast was given a nil function; pass one that returns an error once success is ruled out, or leave it out")
			return
		}
		c.failFast = f
	})
}

// OnCheck calls f after every check, on the waiting goroutine. A nil f is
// ignored.
func OnCheck(f func(Attempt)) Option {
	return optionFunc(func(c *config) { c.onCheck = f })
}

// OnStuck replaces what happens when the condition itself does not return by
// the limit. The wait cannot stop it, since it runs on the caller's goroutine.
// By default the stack is written to standard error. f runs on a goroutine of
// its own, once, and the wait does not return before f does. A nil f restores
// the default.
func OnStuck(f func(Stuck)) Option {
	return optionFunc(func(c *config) { c.onStuck = f })
}

// Attempt is what OnCheck is told about one check.
type Attempt struct {
	Number    int           // from 1
	Elapsed   time.Duration // since the wait began; virtual in a bubble
	Remaining time.Duration // to the limit, not below 0
	Done      bool          // the condition held
	Why       string        // why not yet, where the condition says so
	Woken     Wake          // what caused this check
}

// Budget is a limit that several waits share, so that a step made of five waits
// cannot take five limits. It starts when it is made and may be used by waits
// on several goroutines.
type Budget struct {
	start time.Time
	total time.Duration
}

// NewBudget returns a budget of d, multiplied by EVENTUALLY_SCALE. A budget
// made inside a bubble counts virtual time and must be used there.
func NewBudget(d time.Duration) *Budget {
	factor, _ := scale() // a bad value is reported by the wait
	return &Budget{start: time.Now(), total: scaled(d, factor)}
}

// Remaining returns what is left, not below 0.
func (b *Budget) Remaining() time.Duration { return max(b.total-time.Since(b.start), 0) }

// WithinBudget limits the wait to what is left of b, or to its own limit if
// that is shorter. A wait that finds the budget spent still checks once. A
// budget made inside a bubble cannot be used outside it, nor the other way round.
func WithinBudget(b *Budget) Option {
	return optionFunc(func(c *config) {
		if b == nil {
			c.misuse("WithinBudget was given nil; make the budget with NewBudget(d)")
			return
		}
		c.budget = b
	})
}
