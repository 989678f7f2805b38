package matchers

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"

	"github.com/onsi/gomega"
	"github.com/onsi/gomega/format"
	"github.com/onsi/gomega/types"

	"github.com/sleepless-go/sleepless/internal/bubble"
)

var (
	errorType   = reflect.TypeFor[error]()
	gomegaType  = reflect.TypeFor[types.Gomega]()
	contextType = reflect.TypeFor[context.Context]()
)

// pollError is an error whose text is all there is to show of it.
type pollError string

func (e pollError) Error() string { return string(e) }

// FormattedGomegaError keeps Gomega from showing the error as an object.
func (e pollError) FormattedGomegaError() string { return string(e) }

// signal is what gomega.StopTrying and gomega.TryAgainAfter return.
type signal interface {
	error
	IsStopTrying() bool
	IsTryAgainAfter() bool
}

func asSignal(v any) (signal, bool) {
	err, ok := v.(error)
	if !ok {
		return nil, false
	}
	var s signal
	return s, errors.As(err, &s)
}

// halt unwinds a func(Gomega) whose assertion has failed.
type halt struct{}

func (halt) Error() string {
	return "an assertion failed on a goroutine of its own: put `defer GinkgoRecover()` at the top of that goroutine"
}

// GinkgoRecoverShouldIgnoreThisPanic is found by ginkgo.GinkgoRecover.
func (halt) GinkgoRecoverShouldIgnoreThisPanic() {}

// poller returns the function that fetches the actual for one check, or says
// why there is none.
func (a *assertion) poller() (func() (any, error), error) {
	if a.repeat < 1 {
		return nil, fmt.Errorf("MustPassRepeatedly(%d): the count must be at least 1", a.repeat)
	}
	f := reflect.ValueOf(a.actual)
	if a.actual == nil || f.Kind() != reflect.Func {
		return func() (any, error) { return a.actual, nil }, nil
	}
	c := &call{f: f, g: a.g}
	if err := c.prepare(a); err != nil {
		return nil, err
	}
	return c.once, nil
}

// call is a function actual with its arguments.
type call struct {
	f       reflect.Value
	g       types.Gomega
	in      []reflect.Value
	asserts bool  // it takes a Gomega
	failed  error // of that Gomega, in the call under way
}

// prepare works out the arguments: a Gomega and a context where the function
// asks for them, and what was given with WithArguments.
func (c *call) prepare(a *assertion) error {
	t := c.f.Type()
	in := t.NumIn()
	c.asserts = in > 0 && t.In(0).Implements(gomegaType)
	at := 0
	if c.asserts {
		at = 1
	}
	wantsContext := at < in && t.In(at).Implements(contextType)
	if wantsContext && len(a.args) > 0 && a.args[0] != nil && reflect.TypeOf(a.args[0]).Implements(contextType) {
		wantsContext = false
	}
	switch {
	case t.NumOut() == 0 && !c.asserts:
		return fmt.Errorf("the function passed to Await has the signature %s; it must return a value, or take a Gomega as its first argument and make assertions with it", t)
	case wantsContext && a.ctx == nil:
		return fmt.Errorf("the function passed to Await has the signature %s and asks for a context; give one with Await(…).WithContext(ctx)", t)
	}
	if c.asserts {
		c.in = append(c.in, reflect.ValueOf(c.inner()))
	}
	if wantsContext {
		c.in = append(c.in, reflect.ValueOf(a.ctx))
	}
	for i, arg := range a.args {
		v := reflect.ValueOf(arg)
		if arg == nil && len(c.in) < in {
			v = reflect.Zero(t.In(len(c.in)))
		} else if arg == nil {
			return fmt.Errorf("argument %d of WithArguments is nil, and the function passed to Await takes none there", i+1)
		}
		c.in = append(c.in, v)
	}
	if n := len(c.in); n != in && !(t.IsVariadic() && n >= in-1) {
		return fmt.Errorf("the function passed to Await has the signature %s and takes %d arguments, and %d are provided; give the right ones with Await(…).WithArguments(…)", t, in, n)
	}
	return nil
}

// inner returns the Gomega for a func(Gomega): its failures end one check, not
// the test.
func (c *call) inner() types.Gomega {
	failed := func(message string, callerSkip ...int) {
		skip := 1
		if len(callerSkip) > 0 {
			skip += callerSkip[0]
		}
		_, file, line, _ := runtime.Caller(skip)
		c.failed = pollError(fmt.Sprintf("The function passed to Await failed at %s:%d with:\n%s", file, line, message))
		panic(halt{})
	}
	if own := concrete(c.g); own != nil {
		return (&gomega.WithT{DurationBundle: own.DurationBundle}).ConfigureWithFailHandler(failed)
	}
	return gomega.NewGomega(failed)
}

// once calls the function. A panic that is no signal passes through.
func (c *call) once() (actual any, err error) {
	c.failed = nil
	var out []reflect.Value
	returned := false
	defer func() {
		if returned {
			return
		}
		p := recover()
		_, isSignal := asSignal(p)
		switch {
		case isSignal:
			actual, err = nil, p.(error)
		case c.failed != nil && c.f.Type().NumOut() == 0:
			actual, err = c.failed, nil
		case c.failed != nil:
			err = c.failed
		case p != nil:
			panic(p)
		}
	}()
	out = c.f.Call(c.in)
	returned = true
	if len(out) == 0 {
		// A failure that was recovered, or happened elsewhere, still counts.
		if c.failed == nil {
			return nil, nil
		}
		return c.failed, nil
	}
	actual, err = results(out)
	if _, isSignal := asSignal(err); c.failed != nil && !isSignal {
		err = c.failed
	}
	return actual, err
}

// results takes the first of several results and demands that the others are
// zero.
func results(out []reflect.Value) (any, error) {
	actual := out[0].Interface()
	if _, ok := asSignal(actual); ok {
		return actual, actual.(error)
	}
	var err error
	for i, v := range out[1:] {
		extra := v.Interface()
		if extra == nil {
			continue
		}
		if _, ok := asSignal(extra); ok {
			return actual, extra.(error)
		}
		t := reflect.TypeOf(extra)
		if reflect.DeepEqual(extra, reflect.Zero(t).Interface()) {
			continue
		}
		if i == len(out)-2 && t.Implements(errorType) {
			err = extra.(error)
		}
		if err == nil {
			err = pollError(fmt.Sprintf("The function passed to Await had an unexpected non-nil/non-zero return value at index %d:\n%s", i+1, format.Object(extra, 1)))
		}
	}
	return actual, err
}

// ginkgoSpecContext is the key under which a SpecContext finds itself.
const ginkgoSpecContext = "GINKGO_SPEC_CONTEXT"

// refuseSpecContext keeps a SpecContext out of a bubble. Ginkgo ends it from
// outside, which the runtime answers by ending the process.
func (a *assertion) refuseSpecContext() error {
	if a.ctx == nil || a.ctx.Value(ginkgoSpecContext) == nil || !bubble.Inside() {
		return nil
	}
	return errors.New("WithContext was given a Ginkgo SpecContext inside a synctest bubble. Ginkgo ends it from outside the bubble, which would crash the test binary; use t.Context() of the bubble")
}
