package cache

import (
	"context"
	"errors"
	"fmt"
)

// Errors that callers branch on, with errors.Is.
var (
	// ErrInvalidOptions is wrapped by the errors of New.
	ErrInvalidOptions = errors.New("cache: invalid options")
	// ErrInvalidKey is wrapped when a key is nil, holds a value that cannot be
	// compared, or does not equal itself (NaN): such a key could be put but
	// never be found.
	ErrInvalidKey = errors.New("cache: invalid key")
	// ErrInvalidTTL is wrapped when PutTTL got a lifetime that is not positive.
	ErrInvalidTTL = errors.New("cache: invalid TTL")
	// ErrInvalidLoader is wrapped when GetOrLoad got a nil loader.
	ErrInvalidLoader = errors.New("cache: invalid loader")
	// ErrRecursiveLoad is wrapped when a loader asks, with the context it was
	// given, for the very key it is loading: it would wait for itself.
	ErrRecursiveLoad = errors.New("cache: recursive load")
	// ErrLoaderExit is wrapped when a loader ended its goroutine with
	// runtime.Goexit, as t.FailNow does.
	ErrLoaderExit = errors.New("cache: loader called runtime.Goexit")
	// ErrAbandoned is the cancellation cause of a loader's context when every
	// caller that waited for the load has left.
	ErrAbandoned = errors.New("cache: every caller of the load has left")
	// ErrClosed is wrapped by the errors of all calls after Close, and is the
	// cancellation cause of the context of loaders that Close interrupts.
	ErrClosed = errors.New("cache: closed")
)

// PanicError is the error of a load whose loader panicked; errors.As finds it.
// Every caller that waited for the load gets it.
type PanicError struct {
	Value any    // what the loader panicked with
	Stack []byte // of the loader's goroutine, as debug.Stack returns it
}

// Error returns the value and the stack.
func (e *PanicError) Error() string {
	return fmt.Sprintf("cache: loader panicked: %v\n\n%s", e.Value, e.Stack)
}

// Unwrap returns the value if it is an error, else nil.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// reason classifies an error for ErrorData.Reason. What the cache refuses goes
// before what a loader returned, which may wrap anything.
func reason(operation string, err error) string {
	var panicked *PanicError
	switch {
	case errors.As(err, &panicked):
		return ReasonLoaderPanic
	case errors.Is(err, ErrLoaderExit):
		return ReasonLoaderExit
	case errors.Is(err, ErrClosed):
		return ReasonClosed
	case errors.Is(err, ErrAbandoned):
		return ReasonAbandoned
	case operation == OpLoad:
		return ReasonLoaderError
	case errors.Is(err, ErrInvalidKey):
		return ReasonInvalidKey
	case errors.Is(err, ErrInvalidTTL):
		return ReasonInvalidTTL
	case errors.Is(err, ErrInvalidLoader):
		return ReasonInvalidLoader
	case errors.Is(err, ErrRecursiveLoad):
		return ReasonRecursiveLoad
	}
	return ReasonCancelled
}

// errClosed is what a call on a closed cache returns.
func (c *Cache[K, V]) errClosed(operation string) error {
	return fmt.Errorf("%w: %s on cache %q after Close; make a new one with New", ErrClosed, operation, c.name)
}

// errEnded is what a caller returns whose context ended during operation.
func (c *Cache[K, V]) errEnded(ctx context.Context, operation string) error {
	err := ctx.Err()
	if cause := context.Cause(ctx); cause != nil && !errors.Is(err, cause) {
		err = fmt.Errorf("%w: %w", err, cause)
	}
	return fmt.Errorf("cache %q: %s ended by its context: %w", c.name, operation, err)
}
