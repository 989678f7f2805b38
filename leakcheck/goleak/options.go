package goleak

import (
	"time"

	"github.com/sleepless-go/sleepless/leakcheck"
)

// grace is what go.uber.org/goleak sleeps in its 20 retries (1 µs doubling up to
// 100 ms), so that whatever it lets end may end here as well.
const grace = 431 * time.Millisecond

// Option changes what Find, VerifyNone and VerifyTestMain do. Options that
// ignore goroutines add up; of several Cleanups the last counts. An Option may
// be used any number of times, and from any goroutine.
type Option interface{ apply(*settings) }

type settings struct {
	check   []leakcheck.Option
	cleanup func(exitCode int)
}

type optionFunc func(*settings)

func (f optionFunc) apply(s *settings) { f(s) }

func settle(options []Option) settings {
	s := settings{check: []leakcheck.Option{leakcheck.Within(grace)}}
	for _, o := range options {
		if o != nil {
			o.apply(&s)
		}
	}
	return s
}

func ignore(o leakcheck.Option) Option {
	return optionFunc(func(s *settings) { s.check = append(s.check, o) })
}

// IgnoreTopFunction ignores the goroutines of which f is the innermost function.
// The name is the full one, such as "internal/poll.runtime_pollWait".
func IgnoreTopFunction(f string) Option { return ignore(leakcheck.IgnoreTop(f)) }

// IgnoreAnyFunction ignores the goroutines that have f anywhere on their stack.
// The function that started a goroutine is not on its stack. The name is the
// full one; that of a method is "example.com/cache.(*Cache).janitor".
func IgnoreAnyFunction(f string) Option { return ignore(leakcheck.IgnoreFunc(f)) }

// IgnoreCurrent ignores the goroutines that exist when the option is made. It
// goes by their identity: a goroutine that starts later is found even if one of
// these has ended.
func IgnoreCurrent() Option { return ignore(leakcheck.IgnoreCurrent()) }

// Cleanup sets a function to be called at the end of the check: by VerifyNone
// with 0, by VerifyTestMain, in place of os.Exit, with the exit code. Find
// refuses it.
func Cleanup(cleanupFunc func(exitCode int)) Option {
	return optionFunc(func(s *settings) { s.cleanup = cleanupFunc })
}
