package clocktest

import (
	"context"
	"errors"
	"time"

	"github.com/sleepless-go/sleepless/foundation/clock"
)

type contextKey struct{}

var errCause = errors.New("the cause given")

var contextGuarantees = []guarantee{
	{"context ends at its deadline with the cause", func(h *harness) {
		deadline := h.clock.Now().Add(time.Second)
		ctx, cancel := clock.WithTimeoutCause(h.Context(), h.clock, time.Second, errCause)
		defer cancel()
		got, ok := ctx.Deadline()
		h.must("has a deadline", ok, true)
		h.must("Deadline less the one expected", got.Sub(deadline), time.Duration(0))
		h.advance(time.Second - 1)
		h.must("Err before the deadline", ctx.Err(), nil)
		h.must("Cause before the deadline", context.Cause(ctx), nil)
		h.advance(1)
		<-ctx.Done()
		h.must("Err", ctx.Err(), context.DeadlineExceeded)
		h.must("Cause", context.Cause(ctx), errCause)
		cancel()
		h.must("Err after cancel", ctx.Err(), context.DeadlineExceeded)
	}},
	{"context without a cause has its error for one", func(h *harness) {
		ctx, cancel := clock.WithDeadline(h.Context(), h.clock, h.clock.Now().Add(time.Second))
		defer cancel()
		h.advance(time.Second)
		h.must("Cause", context.Cause(ctx), context.DeadlineExceeded)
	}},
	{"cancelled context is Canceled and stays so", func(h *harness) {
		ctx, cancel := clock.WithTimeoutCause(h.Context(), h.clock, time.Second, errCause)
		cancel()
		<-ctx.Done()
		h.must("Err", ctx.Err(), context.Canceled)
		h.must("Cause", context.Cause(ctx), context.Canceled)
		h.advance(time.Minute)
		h.must("Err after the deadline", ctx.Err(), context.Canceled)
	}},
	{"deadline in the past has passed", func(h *harness) {
		ctx, cancel := clock.WithDeadlineCause(h.Context(), h.clock, h.clock.Now().Add(-time.Second), errCause)
		defer cancel()
		h.must("Err", ctx.Err(), context.DeadlineExceeded)
		h.must("Cause", context.Cause(ctx), errCause)
	}},
	{"context follows its parent at once", func(h *harness) {
		parent, cancelParent := context.WithCancelCause(context.WithValue(h.Context(), contextKey{}, "value"))
		ctx, cancel := clock.WithTimeout(parent, h.clock, time.Second)
		defer cancel()
		h.must("Value", ctx.Value(contextKey{}), "value")
		cancelParent(errCause)
		h.must("Err", ctx.Err(), context.Canceled)
		h.must("Cause", context.Cause(ctx), errCause)
		<-ctx.Done()
	}},
	{"context of an ended parent has ended", func(h *harness) {
		parent, cancelParent := context.WithCancelCause(h.Context())
		cancelParent(errCause)
		ctx, cancel := clock.WithTimeout(parent, h.clock, -time.Second)
		defer cancel()
		h.must("Err", ctx.Err(), context.Canceled)
		h.must("Cause", context.Cause(ctx), errCause)
	}},
	{"earlier deadline of the parent rules", func(h *harness) {
		outer, cancelOuter := clock.WithTimeoutCause(h.Context(), h.clock, time.Second, errCause)
		defer cancelOuter()
		inner, cancelInner := clock.WithTimeout(outer, h.clock, time.Minute)
		defer cancelInner()
		want, _ := outer.Deadline()
		got, _ := inner.Deadline()
		h.must("inner Deadline less outer's", got.Sub(want), time.Duration(0))
		h.advance(time.Hour)
		<-inner.Done()
		h.must("Err", inner.Err(), context.DeadlineExceeded)
		h.must("Cause", context.Cause(inner), errCause)
	}},
	{"children end with the error and the cause", func(h *harness) {
		ctx, cancel := clock.WithTimeoutCause(h.Context(), h.clock, time.Second, errCause)
		defer cancel()
		child, cancelChild := context.WithCancel(ctx)
		defer cancelChild()
		grandchild, cancelGrandchild := context.WithTimeout(context.WithValue(child, contextKey{}, 1), 1000*time.Hour)
		defer cancelGrandchild()
		free := context.WithoutCancel(child)
		called := make(chan struct{})
		context.AfterFunc(child, func() { close(called) })
		h.advance(time.Second)
		h.must("Err of the child", child.Err(), context.DeadlineExceeded)
		h.must("Cause of the child", context.Cause(child), errCause)
		h.must("Err of the grandchild", grandchild.Err(), context.DeadlineExceeded)
		h.must("Cause of the grandchild", context.Cause(grandchild), errCause)
		h.must("Err of WithoutCancel", free.Err(), nil)
		<-called
	}},
	{"interrupted sleep returns the context's error", func(h *harness) {
		ctx, cancel := context.WithCancel(h.Context())
		result := make(chan error)
		go func() { result <- clock.SleepContext(ctx, h.clock, time.Hour) }()
		cancel()
		h.must("SleepContext", <-result, context.Canceled)
		h.must("SleepContext(0) of an ended context", clock.SleepContext(ctx, h.clock, 0), context.Canceled)
		h.must("SleepContext(0)", clock.SleepContext(h.Context(), h.clock, 0), nil)
	}},
}
