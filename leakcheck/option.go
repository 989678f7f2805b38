package leakcheck

import (
	"fmt"
	"time"
)

// DefaultGrace is how long a goroutine that is not proven leaked may take to
// end, when Within is not given.
const DefaultGrace = 500 * time.Millisecond

// Option changes one check. Options that ignore something add up; of the others
// the later one counts.
type Option interface{ apply(*config) }

type config struct {
	grace    time.Duration
	noGC     bool
	only     bool // goroutines
	strict   bool
	ignore   []func(Goroutine) bool
	since    []*Baseline
	arbiters []arbiter
	memory   func() HeapSample
	err      error // the first misuse
}

type arbiter struct {
	name string
	find func() error
}

type optionFunc func(*config)

func (f optionFunc) apply(c *config) { f(c) }

func configure(opts []Option) config {
	c := config{grace: DefaultGrace}
	for _, o := range opts {
		if o != nil {
			o.apply(&c)
		}
	}
	return c
}

func (c *config) misuse(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf("leakcheck: "+format, args...)
	}
}

// Ignore leaves out the goroutines for which f returns true. f is called on the
// goroutine of the check, maybe several times for one goroutine.
func Ignore(f func(Goroutine) bool) Option {
	return optionFunc(func(c *config) {
		if f == nil {
			c.misuse("Ignore was given a nil function; pass one that tells which goroutines to leave out")
			return
		}
		c.ignore = append(c.ignore, f)
	})
}

// IgnoreFunc leaves out the goroutines that have the function anywhere on their
// stack. The name is the full one: "net/http.(*persistConn).readLoop".
func IgnoreFunc(name string) Option {
	return Ignore(func(g Goroutine) bool { return g.Calls(name) })
}

// IgnoreTop leaves out the goroutines of which the function is the innermost
// one.
func IgnoreTop(name string) Option {
	return Ignore(func(g Goroutine) bool { return g.Top() == name })
}

// IgnoreCreator leaves out the goroutines that were started by a go statement in
// the function.
func IgnoreCreator(name string) Option {
	return Ignore(func(g Goroutine) bool { return g.Creator.Function == name })
}

// IgnoreCurrent leaves out the goroutines that exist now, when the option is
// made. It goes by their identity, not by their number.
func IgnoreCurrent() Option { return Since(TakeBaseline()) }

// Since leaves out the goroutines that existed when the baseline was taken. A
// nil baseline is misuse.
func Since(b *Baseline) Option {
	return optionFunc(func(c *config) {
		if b == nil {
			c.misuse("Since was given a nil baseline; take one with TakeBaseline before the action")
			return
		}
		c.since = append(c.since, b)
	})
}

// Within is the grace: how long goroutines that are not proven leaked may take
// to end. The last look is made when it is over, so a goroutine that ends
// within d is never reported. 0 makes the check look once, after the goroutines
// that can run have run. Inside a bubble the grace is virtual time.
func Within(d time.Duration) Option {
	return optionFunc(func(c *config) {
		if d < 0 {
			c.misuse("Within(%v): a goroutine cannot end before the check; give a duration of 0 or more, or leave it out for %v", d, DefaultGrace)
			return
		}
		c.grace = d
	})
}

// NoGC forbids garbage collections: no goroutine is proven leaked, and tracked
// objects are not looked for.
func NoGC() Option { return optionFunc(func(c *config) { c.noGC = true }) }

// GoroutinesOnly leaves open resources and tracked objects alone: the check does
// not report them, and the check to which they belong still does.
func GoroutinesOnly() Option { return optionFunc(func(c *config) { c.only = true }) }

// Strict makes Check report also the goroutines that were started during the
// test and that neither label nor ancestry ties to any test: those of timers,
// for instance. It is right only while no other test runs in parallel. In
// Ginkgo, which runs one spec at a time in a process, it is always on.
func Strict() Option { return optionFunc(func(c *config) { c.strict = true }) }

// Arbiter leaves the decision whether there are leaks to find, for instance to
// goleak:
//
//	leakcheck.Main(m, leakcheck.Arbiter("goleak", func() error { return goleak.Find(opts...) }))
//
// If find returns nil there is no leak, else there is, and the report shows
// that error beside what this package knows about the goroutines. find is
// called once in each check, last, on the goroutine of the check. It decides
// on goroutines only. With several arbiters all must agree that there is none.
// What they let pass in a Check is still Main's to report, unless Main has them
// too.
func Arbiter(name string, find func() error) Option {
	return optionFunc(func(c *config) {
		if find == nil {
			c.misuse("Arbiter(%q) was given a nil function; pass one that returns an error if there are leaks", name)
			return
		}
		c.arbiters = append(c.arbiters, arbiter{name, find})
	})
}
