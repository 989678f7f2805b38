package testify

import (
	"fmt"
	"time"

	"github.com/sleepless-go/sleepless/eventually"
)

// awaited is what reports call the condition. testify's messages describe a
// failure ("the server is not ready"), so they cannot say what was awaited.
const awaited = "the condition is satisfied"

// run performs one assertion: wait calls the engine, with c as its test.
func (w Waits) run(t TestingT, waitFor, tick time.Duration, msgAndArgs []any, wait func(c *call, options []eventually.Option)) bool {
	helper := helperOf(t)
	helper.Helper()
	if tick < 0 {
		t.Errorf("testify: the tick is %v; give the longest pause between two looks, or 0 for the back-off up to 5ms", tick)
		return false
	}
	c := call{t: t, message: msgAndArgs}
	defer func() { // also when the condition panics or ends the test
		helper.Helper()
		for _, remark := range c.remarks {
			if l, ok := t.(logger); ok {
				l.Logf("%s", remark)
			}
		}
	}()
	wait(&c, append(w.configure(waitFor, tick), eventually.OnFailure(c.explain)))
	if c.failure != "" {
		t.Errorf("%s", c.failure)
		return false
	}
	return true
}

func (w Waits) configure(waitFor, tick time.Duration) []eventually.Option {
	options := make([]eventually.Option, 0, 3+len(w.options))
	if waitFor > 0 {
		options = append(options, eventually.Within(waitFor))
	} else {
		options = append(options, eventually.AtOnce())
	}
	if tick > 0 {
		options = append(options, eventually.PollUpTo(tick))
	}
	return append(options, w.options...)
}

// call is the test as the engine sees it during one assertion. It keeps what
// the engine says, for two reasons: a failure must not end the test, and the
// line it is reported for is that of the assertion.
type call struct {
	t       TestingT
	message []any
	failure string
	remarks []string
}

func (c *call) Helper()  {}
func (c *call) FailNow() {}

func (c *call) Errorf(format string, args ...any) { c.failure = fmt.Sprintf(format, args...) }

// Name is that of the test, if it has one.
func (c *call) Name() string {
	if n, has := c.t.(interface{ Name() string }); has {
		return n.Name()
	}
	return ""
}

// explain adds the message, as it is when the assertion has failed.
func (c *call) explain(r *eventually.Report) { r.Message = messageOf(c.message) }

func (c *call) Logf(format string, args ...any) {
	c.remarks = append(c.remarks, fmt.Sprintf(format, args...))
}

// Deadline is that of the test, if it has one.
func (c *call) Deadline() (deadline time.Time, ok bool) {
	if d, has := c.t.(interface{ Deadline() (time.Time, bool) }); has {
		return d.Deadline()
	}
	return time.Time{}, false
}

type logger interface {
	Logf(format string, args ...any)
}

type helper interface{ Helper() }

// helperOf returns t, or something that does nothing. The caller calls Helper
// itself, since that marks the function it is called from.
func helperOf(t TestingT) helper {
	if h, ok := t.(helper); ok {
		return h
	}
	return noHelper{}
}

type noHelper struct{}

func (noHelper) Helper() {}

// messageOf reads msgAndArgs as testify does: one value is shown as it is, and
// of several the first is the format of the others.
func messageOf(msgAndArgs []any) string {
	switch {
	case len(msgAndArgs) == 0:
		return ""
	case len(msgAndArgs) == 1:
		if text, ok := msgAndArgs[0].(string); ok {
			return text
		}
		return fmt.Sprintf("%+v", msgAndArgs[0])
	}
	if format, ok := msgAndArgs[0].(string); ok {
		return fmt.Sprintf(format, msgAndArgs[1:]...)
	}
	return fmt.Sprint(msgAndArgs...)
}

// formatted joins the arguments of an …f function to what the other takes.
func formatted(msg string, args []any) []any { return append([]any{msg}, args...) }
