package eventually

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"
)

// BubbleOption changes one call of Bubble. Where an option is given twice the
// later one counts, except Close, which adds.
type BubbleOption interface{ applyBubble(*bubbleConfig) }

type bubbleConfig struct {
	drain   bool
	repeat  int
	limit   time.Duration // 0 for none
	closers []closer      // in the order given
	err     error         // the first misuse
}

func (c *bubbleConfig) misuse(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf(format, args...)
	}
}

type bubbleOptionFunc func(*bubbleConfig)

func (f bubbleOptionFunc) applyBubble(c *bubbleConfig) { f(c) }

// DrainTime is how much virtual time Drain lets pass.
const DrainTime = time.Minute

// Drain lets one virtual minute (DrainTime) pass at the end of the bubble, after
// the test's cleanups and what Close names, so that goroutines end that only
// sleep or wait for a timer. It takes no real time to speak of. What ends by no
// timer, such as a loop over a ticker, is still reported as left.
//
// Timers of the test itself fire too: a watchdog made with time.AfterFunc that
// panics after a second has to be stopped before the test returns.
func Drain() BubbleOption {
	return bubbleOptionFunc(func(c *bubbleConfig) { c.drain = true })
}

// Limit bounds the bubble in real time, virtual time being free: one that has
// not ended after d is reported on standard error, and the process exits with
// status 2. It is for bubbles that may spin or be in real I/O, which are
// otherwise ended shortly before the deadline of the test. With Repeat it bounds
// each run.
func Limit(d time.Duration) BubbleOption {
	return bubbleOptionFunc(func(c *bubbleConfig) {
		if d <= 0 {
			c.misuse("Limit(%v) leaves a bubble no time; give a duration above 0, or leave it out", d)
			return
		}
		c.limit = d
	})
}

// Repeat runs f n times, each time in a bubble of its own, one after another in
// the same process. A test passes its first bubble and fails in the second if
// something outlives a bubble that belongs to it: a channel, timer or WaitGroup
// in a package-level variable, a pool or a singleton. The runtime ends the
// process then ("… synctest channel from outside bubble"), and the stack that it
// prints names the line. The first run that fails is the last.
func Repeat(n int) BubbleOption {
	return bubbleOptionFunc(func(c *bubbleConfig) {
		if n < 1 {
			c.misuse("Repeat(%d) would run nothing; give 1 or more, or leave it out", n)
			return
		}
		c.repeat = n
	})
}

// Close ends x at the end of the bubble, after the test's own cleanups and
// before Drain; several are ended in the reverse of their order. x is a function
// without parameters, something with a method Close, Stop, Shutdown or Release
// (the first of these that it has; a context that it asks for is one without an
// end), or a pointer to a variable that holds such a thing by then, since what a
// bubble uses is made inside it:
//
//	var pool *Pool
//	eventually.Bubble(t, func(t *testing.T) {
//		pool = NewPool()
//		…
//	}, eventually.Close(&pool))
//
// A variable that is still nil is passed over. An error that ending x returns
// fails the test. With Repeat the variable is ended once for each run that sets
// it, and is set to nil between them.
func Close(x any) BubbleOption {
	return bubbleOptionFunc(func(c *bubbleConfig) {
		cl, err := newCloser(x)
		if err != nil {
			c.misuse("Close(%T): %v", x, err)
			return
		}
		c.closers = append(c.closers, cl)
	})
}

// close ends what was given to Close and returns the failures.
func (c *bubbleConfig) close() (failures []string) {
	for _, cl := range slices.Backward(c.closers) {
		if err := cl.close(); err != nil {
			failures = append(failures, fmt.Sprintf("eventually: closing %v, as Close was asked to: %v", cl.value.Type(), err))
		}
	}
	return failures
}

// closer ends one thing.
type closer struct {
	value    reflect.Value
	variable bool // value is a pointer to it
}

var (
	contextType = reflect.TypeFor[context.Context]()
	errorType   = reflect.TypeFor[error]()
)

func newCloser(x any) (closer, error) {
	v := reflect.ValueOf(x)
	if !v.IsValid() || nilable(v) && v.IsNil() {
		return closer{}, fmt.Errorf("there is nothing to close; pass a pointer to the variable that will hold it: Close(&x)")
	}
	if _, ok := ending(v); ok {
		return closer{value: v}, nil
	}
	if v.Kind() == reflect.Pointer {
		of := v.Type().Elem()
		if _, ok := ending(reflect.Zero(of)); ok || of.Kind() == reflect.Interface {
			return closer{value: v, variable: true}, nil
		}
	}
	return closer{}, fmt.Errorf("it has no method Close, Stop, Shutdown or Release that could be called without arguments; pass a function that ends it")
}

// close ends what there is by now, and forgets it if it is in a variable.
func (c closer) close() error {
	v := c.value
	if c.variable {
		variable := v.Elem()
		if nilable(variable) && variable.IsNil() {
			return nil
		}
		v = reflect.ValueOf(variable.Interface())
		if nilable(variable) {
			defer variable.SetZero()
		}
	}
	end, ok := ending(v)
	if !ok {
		return fmt.Errorf("%v has no method Close, Stop, Shutdown or Release that could be called without arguments", v.Type())
	}
	var args []reflect.Value
	if end.Type().NumIn() == 1 && !end.Type().IsVariadic() {
		args = append(args, reflect.ValueOf(context.Background()))
	}
	for _, result := range end.Call(args) {
		if result.Type() == errorType && !result.IsNil() {
			return result.Interface().(error)
		}
	}
	return nil
}

func nilable(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Func, reflect.Map, reflect.Slice, reflect.Chan:
		return true
	}
	return false
}

// ending returns the function that ends v: v itself, or one of its methods.
func ending(v reflect.Value) (reflect.Value, bool) {
	if v.Kind() == reflect.Func {
		return v, callable(v.Type())
	}
	if v.Kind() == reflect.Interface {
		return reflect.Value{}, false // its methods are those of what it will hold
	}
	for _, name := range []string{"Close", "Stop", "Shutdown", "Release"} {
		if m := v.MethodByName(name); m.IsValid() && callable(m.Type()) {
			return m, true
		}
	}
	return reflect.Value{}, false
}

// callable reports whether a function of that type needs no argument, or only a
// context.
func callable(f reflect.Type) bool {
	switch {
	case f.NumIn() == 0:
		return true
	case f.NumIn() == 1:
		return f.IsVariadic() || f.In(0) == contextType
	}
	return false
}
