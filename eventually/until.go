package eventually

import (
	"fmt"
	"strings"
)

// Until waits until cond is true and fails t if that does not happen within the
// limit. what says, in the failure text, what was awaited: "entry a is evicted".
//
// cond runs on the caller's goroutine, at least once and once more at the
// limit. Give the wait a source with On so that it is woken instead of polling.
func Until(t TB, what string, cond func() bool, opts ...Option) {
	if r := await(t, what, plainly(cond), configure(opts)); r.speaks() {
		t.Helper()
		r.tell(t)
	}
}

func plainly(cond func() bool) Condition {
	if cond == nil {
		return nil
	}
	return func() (bool, string, error) { return cond(), "", nil }
}

// Value waits until ok accepts what get returns, and returns it. The failure
// text shows how the value changed.
func Value[T any](t TB, what string, get func() T, ok func(T) bool, opts ...Option) T {
	var v T
	var cond Condition
	c := configure(opts)
	if get != nil && ok != nil {
		cond = func() (bool, string, error) {
			if v = get(); !ok(v) {
				return false, show(v), nil
			}
			if c.hold > 0 { // only then is there more to tell
				return true, show(v), nil
			}
			return true, "", nil
		}
	}
	if r := await(t, what, cond, c); r.speaks() {
		t.Helper()
		r.tell(t)
	}
	return v
}

// show renders a value for a report.
func show(v any) string {
	switch v := v.(type) {
	case nil:
		return "nil"
	case error:
		return v.Error()
	case string:
		return fmt.Sprintf("%q", v)
	default:
		return fmt.Sprintf("%+v", v)
	}
}

// Check waits until f returns without having failed c. Each look starts anew;
// the failure text shows what the last one complained of, and how the
// complaints changed.
//
// C takes the assertions of testify (assert.Equal(c, …), require.NoError(c, …))
// and of Gomega (gomega.NewWithT(c).Expect(…)).
func Check(t TB, what string, f func(c *C), opts ...Option) {
	var cond Condition
	if f != nil {
		cond = func() (bool, string, error) {
			c := &C{}
			c.run(f)
			return !c.Failed(), c.String(), nil
		}
	}
	if r := await(t, what, cond, configure(opts)); r.speaks() {
		t.Helper()
		r.tell(t)
	}
}

// C collects the complaints of one look of Check. It must be used only by the
// goroutine that runs the look.
type C struct {
	complaints []string
	failed     bool
}

// leaveCheck is what FailNow panics with, so that it ends the look and not the
// test.
type leaveCheck struct{ c *C }

func (c *C) run(f func(*C)) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case leaveCheck:
			if p.c != c {
				panic(p)
			}
		default:
			panic(p)
		}
	}()
	f(c)
}

// Errorf notes a complaint; the look goes on but has failed.
func (c *C) Errorf(format string, args ...any) {
	c.failed = true
	c.complaints = append(c.complaints, complaint(fmt.Sprintf(format, args...)))
}

// FailNow ends this look as failed. It does not end the test.
func (c *C) FailNow() {
	c.failed = true
	panic(leaveCheck{c})
}

// Fatalf is Errorf followed by FailNow.
func (c *C) Fatalf(format string, args ...any) {
	c.Errorf(format, args...)
	c.FailNow()
}

// Helper does nothing; assertion libraries ask for it.
func (*C) Helper() {}

// Failed reports whether this look has failed.
func (c *C) Failed() bool { return c.failed }

// String joins the complaints.
func (c *C) String() string {
	for _, text := range c.complaints {
		if strings.Contains(text, "\n") {
			return strings.Join(c.complaints, "\n")
		}
	}
	return strings.Join(c.complaints, "; ")
}

// await runs a wait for a test. Whether to tell the test is left to the caller,
// so that the cost of marking helper frames is paid by failures only.
func await(t TB, what string, cond Condition, c config) *Report {
	return run(what, plan{goal: toBecome, hold: c.hold}, cond, c, t)
}

// speaks reports whether a test must be told how its wait went.
func (r *Report) speaks() bool { return r.Err != nil || r.unprompted || r.unproven }

// tell fails t if the report says so, and remarks on what was awaited in vain
// though it came true.
func (r *Report) tell(t TB) {
	t.Helper()
	if r.Err != nil {
		r.finish(t)
		t.Errorf("%s", r)
		t.FailNow()
		return
	}
	if r.unproven {
		logf(t, "eventually: %q did not happen, but was only watched for %v: that nothing could happen any more was not to be proven, since not all of the sources (%s) say that they are idle. Prefer sources that do, or a bubble.", r.What, round(r.Limit), strings.Join(r.Sources, ", "))
		return
	}
	cause := fmt.Sprintf("none of the sources given with On reported the change (%s). Name the source that changes the answer, or leave On out to poll.", strings.Join(r.Sources, ", "))
	if len(r.Crossings) > 0 {
		cause = "wake-ups could not pass the wall of this bubble (" + strings.Join(r.Crossings, "; ") + "). Start in the bubble what wakes this wait."
	}
	logf(t, "eventually: %q was found true only by the last check, after the whole limit of %v: %s", r.What, round(r.Limit), cause)
}
