package clock

import (
	"context"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"time"
)

// WithDeadline returns a context derived from parent that ends when c reaches
// deadline, when the returned function is called or when parent ends, whichever
// is first. It mirrors [context.WithDeadline], and for [System] is it.
//
// The context behaves as one of package context does: Err is DeadlineExceeded
// once the clock has fired the deadline, [context.Cause] works, children
// derived with package context attach to it directly, and nothing waits in a
// goroutine. One limit is inherent, since package context never runs foreign
// code during a cancel: when parent is cancelled, Err, Done and new children
// know at once, while a channel got from Done earlier is closed, and existing
// children end, from a goroutine that the cancel starts.
//
// A deadline of parent that belongs to another clock (that of a test binary,
// say) stays in force beside this one; Deadline returns the earlier of the two.
// The deadline is measured from c's Now when the context is made; later jumps
// of the wall clock do not move it.
func WithDeadline(parent context.Context, c Clock, deadline time.Time) (context.Context, context.CancelFunc) {
	return WithDeadlineCause(parent, c, deadline, nil)
}

// WithDeadlineCause is like [WithDeadline] and sets the cause for the case that
// the deadline passes. It mirrors [context.WithDeadlineCause].
func WithDeadlineCause(parent context.Context, c Clock, deadline time.Time, cause error) (context.Context, context.CancelFunc) {
	if c == System() {
		return context.WithDeadlineCause(parent, deadline, cause)
	}
	return withDeadline(parent, c, deadline, Until(c, deadline), cause)
}

// WithTimeout returns a context derived from parent that ends d from now on c:
// [WithDeadline] with the deadline Now plus d. It mirrors
// [context.WithTimeout].
func WithTimeout(parent context.Context, c Clock, d time.Duration) (context.Context, context.CancelFunc) {
	return WithTimeoutCause(parent, c, d, nil)
}

// WithTimeoutCause is like [WithTimeout] and sets the cause for the case that
// the time runs out. It mirrors [context.WithTimeoutCause].
func WithTimeoutCause(parent context.Context, c Clock, d time.Duration, cause error) (context.Context, context.CancelFunc) {
	if c == System() {
		return context.WithTimeoutCause(parent, d, cause)
	}
	return withDeadline(parent, c, c.Now().Add(d), d, cause)
}

func withDeadline(parent context.Context, c Clock, deadline time.Time, d time.Duration, cause error) (context.Context, context.CancelFunc) {
	if parent == nil {
		panic("clock: cannot create context from nil parent")
	}
	if endsFirst(parent, c, deadline) {
		return context.WithCancel(parent)
	}
	r := &root{parent: parent, clock: c, own: deadline, cause: cause}
	if cause == nil {
		r.cause = context.DeadlineExceeded
	}
	r.causes, r.setCause = context.WithCancelCause(context.WithoutCancel(parent))
	inner, release := context.WithCancel(r)
	ctx := &deadlineCtx{Context: inner, root: r}
	r.arm(d)
	return ctx, func() {
		r.end(context.Canceled, context.Canceled)
		release()
	}
}

// endsFirst reports whether parent is sure to end before deadline: it has an
// earlier one, and of the same clock. Instants of two clocks say nothing about
// which comes first, so such a parent must not make ours superfluous.
func endsFirst(parent context.Context, c Clock, deadline time.Time) bool {
	cur, ok := parent.Deadline()
	if !ok || !cur.Before(deadline) {
		return false
	}
	r, ok := parent.Value(rootKey{}).(*root)
	return ok && r.own.Equal(cur) && sameClock(r.clock, c)
}

func sameClock(a, b Clock) bool {
	return reflect.TypeOf(a) == reflect.TypeOf(b) && reflect.ValueOf(a).Comparable() && a == b
}

// deadlineCtx is what users hold. The embedded context is a real cancelCtx of
// package context below a root, so Done and Value make children derived with
// package context attach to it directly.
type deadlineCtx struct {
	context.Context
	root *root
}

// Done follows parent first, so that a parent cancelled before the call is seen
// although its cancel reaches the root through a goroutine.
func (c *deadlineCtx) Done() <-chan struct{} {
	c.follow()
	return c.Context.Done()
}

// Err follows parent first, as Done does.
func (c *deadlineCtx) Err() error {
	c.follow()
	return c.Context.Err()
}

// follow asks the embedded context whether all is over, not the root: the root
// may be in the middle of ending, and then this waits until it is through.
func (c *deadlineCtx) follow() {
	if c.Context.Err() == nil {
		c.root.followParent()
	}
}

func (c *deadlineCtx) String() string {
	parent := fmt.Sprintf("%T", c.root.parent)
	if s, ok := c.root.parent.(fmt.Stringer); ok {
		parent = s.String()
	}
	return fmt.Sprintf("%s.WithDeadline(%s [%s])", parent, c.root.own, Until(c.root.clock, c.root.own))
}

// root stands above the cancelCtx of a deadlineCtx and decides with which error
// it ends. Package context takes a child's error from its parent's Err and its
// cause from context.Cause(parent), and to be told when the parent ends it
// prefers a method AfterFunc to a goroutine: those are the parts root plays.
type root struct {
	parent context.Context
	clock  Clock
	own    time.Time // the deadline on clock
	cause  error     // of that deadline

	// causes carries the values of parent, and once the root has ended the
	// cause: context.Cause finds it through Value.
	causes   context.Context
	setCause context.CancelCauseFunc

	// cancelChild cancels the cancelCtx below. It is set while that is made and
	// then only read.
	cancelChild func()

	ended atomic.Pointer[error]

	mu       sync.Mutex // serialises end; guards the two below
	timer    *Timer
	unfollow func() bool // ends the registration at parent
}

// rootKey finds the nearest root among a context's ancestors.
type rootKey struct{}

// arm makes the root end when parent does or d from now.
func (r *root) arm(d time.Duration) {
	if r.followParent(); r.Err() != nil {
		return
	}
	if d <= 0 {
		r.expire()
		return
	}
	var unfollow func() bool
	if r.parent.Done() != nil {
		unfollow = context.AfterFunc(r.parent, r.followParent)
	}
	timer := r.clock.AfterFunc(d, r.expire)
	r.mu.Lock()
	over := r.Err() != nil // meanwhile, by one of the two
	if !over {
		r.timer, r.unfollow = timer, unfollow
	}
	r.mu.Unlock()
	if over {
		disarm(timer, unfollow)
	}
}

func disarm(timer *Timer, unfollow func() bool) {
	if timer != nil {
		timer.Stop()
	}
	if unfollow != nil {
		unfollow()
	}
}

// expire is called by the clock. A parent that ended before wins, also if the
// goroutine that would say so has not run yet.
func (r *root) expire() {
	r.followParent()
	r.end(context.DeadlineExceeded, r.cause)
}

// followParent ends the root if parent has ended.
func (r *root) followParent() {
	if err := r.parent.Err(); err != nil {
		r.end(err, context.Cause(r.parent))
	}
}

// end ends the root unless it has ended, and returns when the cancelCtx below
// has ended too, whoever did it. The lock is held across cancelChild for the
// latter's sake; that is code of package context, which takes its own lock,
// closes channels and starts goroutines, and never waits.
func (r *root) end(err, cause error) {
	r.mu.Lock()
	first := r.ended.Load() == nil
	if first {
		r.setCause(cause)
		r.ended.Store(&err)
		r.cancelChild()
	}
	timer, unfollow := r.timer, r.unfollow
	r.timer, r.unfollow = nil, nil
	r.mu.Unlock()
	disarm(timer, unfollow)
}

// Deadline returns the earlier of the root's and parent's.
func (r *root) Deadline() (time.Time, bool) {
	if cur, ok := r.parent.Deadline(); ok && cur.Before(r.own) {
		return cur, true
	}
	return r.own, true
}

// Done returns a channel that is not nil, so that package context registers the
// child, and is not that of causes, so that it does so through AfterFunc.
// Nobody waits on it.
func (r *root) Done() <-chan struct{} { return never }

var never = make(chan struct{})

func (r *root) Err() error {
	if err := r.ended.Load(); err != nil {
		return *err
	}
	return nil
}

func (r *root) Value(key any) any {
	if key == (rootKey{}) {
		return r
	}
	return r.causes.Value(key)
}

// AfterFunc is called by package context when the cancelCtx below is made. That
// cancelCtx lives as long as the root, and cancelling it twice is harmless, so
// there is nothing to unregister.
func (r *root) AfterFunc(f func()) (stop func() bool) {
	r.cancelChild = f
	return func() bool { return false }
}
