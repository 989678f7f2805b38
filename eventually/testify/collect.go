package testify

import (
	"fmt"
	"runtime"
	"strings"
	"sync"

	"github.com/sleepless-go/sleepless/eventually"
)

// CollectT collects the failures of one look of EventuallyWithT. testify's
// assert and require take it in place of a *testing.T, and so does whatever else
// needs no more of a test than Errorf and FailNow. All methods may be called
// from any goroutine, also after the look.
type CollectT struct {
	leaving bool // FailNow was called on the goroutine of the look, which alone uses this

	mu       sync.Mutex
	failures []string
	failed   bool
}

// Helper does nothing; assertion libraries ask for it.
func (*CollectT) Helper() {}

// Errorf notes a failure; the look goes on but has failed.
func (c *CollectT) Errorf(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failed = true
	c.failures = append(c.failures, text)
}

// FailNow ends this look as failed, and not the test. On another goroutine than
// that of the look it ends that goroutine; one that is in a look of its own must
// not end that of another, and panics.
func (c *CollectT) FailNow() {
	c.mu.Lock()
	c.failed = true
	c.mu.Unlock()
	if !inLook() {
		runtime.Goexit()
	}
	c.leaving = true
	panic(leaveLook{c})
}

// inLook tells whether the calling goroutine is in a look. Only who fails needs
// to know, so that nothing is taken note of beforehand.
func inLook() bool {
	pcs := make([]uintptr, 64)
	for skip := 2; ; skip += len(pcs) {
		n := runtime.Callers(skip, pcs)
		for frames := runtime.CallersFrames(pcs[:n]); ; {
			frame, more := frames.Next()
			if strings.HasSuffix(frame.Function, "eventually/testify.(*CollectT).run") {
				return true
			}
			if !more {
				break
			}
		}
		if n < len(pcs) {
			return false
		}
	}
}

// leaveLook is what FailNow panics with. The look runs on the goroutine of the
// test, which runtime.Goexit would end.
type leaveLook struct{ c *CollectT }

// collecting makes a condition for eventually.Check of one for CollectT.
func collecting(condition func(*CollectT)) func(*eventually.C) {
	if condition == nil {
		return nil // which Check reports
	}
	return func(check *eventually.C) {
		c := &CollectT{}
		c.run(condition)
		c.mu.Lock()
		failures, failed := c.failures, c.failed
		c.mu.Unlock()
		if failed && len(failures) == 0 {
			failures = []string{"FailNow was called, without a message"}
		}
		for _, text := range failures {
			check.Errorf("%s", text)
		}
	}
}

// run ends a panic of FailNow and no other: those pass with their own stack.
func (c *CollectT) run(condition func(*CollectT)) {
	defer func() {
		if !c.leaving {
			return
		}
		if p := recover(); p != nil && p != any(leaveLook{c}) {
			panic(p) // of a deferred function, on the way out
		}
	}()
	condition(c)
}
