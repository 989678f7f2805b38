// Package benbclock joins the clocks of this module with those of
// github.com/benbjohnson/clock: [New] makes a fakeclock.Fake a clock of that
// package, which never sleeps, and [From] makes a clock of that package, real or
// mock, a clock.Clock.
//
//	f := fakeclock.New(fakeclock.WithT(t))
//	old := legacy.New(benbclock.New(f))          // wants a clock.Clock of benbjohnson/clock
//	cache := cache.New(cache.Options{Clock: f})  // takes ours
//	f.Advance(time.Minute)                       // both have had their minute, in one order
//
// # When to use it
//
// Use New where code that you do not want to change takes the old clock: its
// tests keep their Add and Set, lose the millisecond that the Mock sleeps for
// each timer, and gain what the Fake offers: AwaitTimers, traps, the lines that
// armed what is pending. Use From where a component of yours takes a clock.Clock
// and the program still makes the old one. New code needs neither.
//
// # What is guaranteed
//
// The guarantees of package fakeclock: order, completeness, no lock held while
// user code runs, and nothing sleeps. In particular, where the plain Mock does
// not: a timer that is Reset unread does not block the clock; after Stop nothing
// is sent; AfterFunc(0) runs; Ticker(0) panics; Add of a negative duration
// panics; a reader that works receives every tick, and ticks that one misses are
// counted; contexts are those of package clock; WaitForAllTimers ends although
// tickers run.
//
// # How, and what it does not do
//
// The types of the old package have no public way to be made or fired, so New
// writes into them through structs that mirror theirs. When the program starts
// every field is compared with the original, and Stop and Reset are tried out;
// if anything differs New falls back to the plain Mock and says so on standard
// error.
//
// Stop and Reset are methods of the old package and tell nobody. What they did is
// noticed when the clock is moved or asked next: AwaitTimers sees a Reset only
// then, and a value from before Reset can be received until then. Moving the
// clock looks at every timer that is armed, a few nanoseconds each.
package benbclock
