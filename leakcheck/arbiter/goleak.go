package arbiter

import (
	"go.uber.org/goleak"

	"github.com/sleepless-go/sleepless/leakcheck"
)

// Goleak makes goleak.Find, with these options, decide on goroutines. The
// options are values of go.uber.org/goleak, so that a list of exceptions which
// a project has built up keeps its meaning to the letter; they apply to goleak
// alone, as the options of leakcheck apply to what leakcheck looks for.
//
// goleak runs last, once in each check, and only it decides: what it does not
// find is no leak, whatever leakcheck has seen. A leak costs its 431 ms of
// retries in addition. The option goleak.Cleanup is an error in every check, as
// it is for goleak.Find.
//
// goleak looks at all goroutines of the process, so its verdict in a test that
// runs in parallel with others is about them too; and it does not know bubbles,
// so inside one it always finds a leak.
func Goleak(opts ...goleak.Option) leakcheck.Option {
	return leakcheck.Arbiter("goleak", func() error { return goleak.Find(opts...) })
}
