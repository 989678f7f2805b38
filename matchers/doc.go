// Package matchers lets Gomega assertions wait for events: Await is Eventually
// woken by what happened, and the matchers ask about events, fake clocks and the
// end of components. It is made to be dot-imported beside Gomega and Ginkgo; no
// name of it collides with theirs, nor with those of gbytes, gleak, gstruct and
// ghttp.
//
//	rec := telemetrytest.Record(t, bus)        // before the action
//	c := cache.New(cache.Options{Events: bus})
//	…
//	Await(rec).Should(ReceiveEvent(cache.Evicted, HaveField("Key", "a")))
//	Await(c.Len, rec).Should(Equal(2))         // any actual, any matcher: looked at when rec changes
//	Expect(rec).NotTo(ReceiveEvent(cache.Expired))
//
// # Which assertion waits, and when
//
//	assertion                               looks again                   until
//	Await(x, sources…).Should(m)            when a source reports         m matches, or the limit
//	Await(x, sources…).ShouldNot(m)         when a source reports         m does not match, or the limit
//	Await(x).Should(m), x no Source         50 µs … 5 ms later (polled)   m matches, or the limit
//	Expect(x).To(m), NotTo(m)               never                         –
//	Expect(x).To(EventuallyCleanedUp())     when x reports                it is, or eventually.DefaultLimit
//	Eventually(x).Should(ours)              when x reports, in slices     ours matches, or the timeout
//	Eventually(x).Should(And(ours, …))      every 10 ms, as Gomega does   it matches, or the timeout
//	Eventually(x).ShouldNot(ours)           every 10 ms, as Gomega does   it does not match, or the timeout
//	Consistently(x).Should(m), ShouldNot(m) every 10 ms, as Gomega does   it fails, or the verdict is final
//
// "ours" is ReceiveEvent, BeIdle, HaveArmedTimer, BecomeTrue or
// EventuallyCleanedUp. Directly under Gomega's own Eventually such a matcher
// blocks until its source reports, for a slice of at most 50 ms. Then Gomega
// checks its timeout, which can so be overrun by a slice, and sleeps for its
// polling interval. What happens in that gap is not lost, since matchers look at
// history, but it is seen at the end of it, up to 10 ms late. Await has no gaps.
//
// A matcher cannot be told how it is used. It blocks only if the call stack
// shows Gomega's loop directly above it and the source of the calling line reads
// Eventually(…).Should or To; that is how it tells Eventually from Consistently,
// which run the same loop. Under Not, And, Or, WithTransform, in a variable, and
// where the source cannot be read (a binary that was built with -trimpath or
// runs on another machine), it answers at once, and Gomega polls.
//
// # What does not happen
//
// To state that something does not happen, use Consistently(rec).ShouldNot(
// ReceiveEvent(x).From(sources…)): it ends as soon as the recorder is closed or
// all of the sources are idle, and otherwise observes for its window.
// eventually.Never does the same for any condition. Await(x).ShouldNot(m) is
// something else: like Eventually(x).ShouldNot(m) it waits until m does not
// match any more.
//
// # What the matchers guarantee
//
// Matchers are pure. They look at history, consume nothing, and mean the same
// under Not, And and Or, with one exception that says so in its name:
// EventuallyCleanedUp waits. A check that passes never waits. A failure speaks
// of what the last check saw: what was expected, the closest candidates with
// what is wrong with each, what else was recorded, and a hint.
//
// # What they do not do
//
// They do not count events as consumed, so a Strict recorder does not learn of
// them. They do not see events from before the recorder was made, and Await does
// not see a change that no source reports until the last check, at the limit.
// Await knows no *testing.T, so it does not shorten its limit towards the
// deadline of go test.
//
// # Bubbles
//
// Everything works inside a testing/synctest bubble, with NewWithT(t) as well as
// with a registered handler, and limits are virtual time there. InBubble runs
// the body of a Ginkgo spec in a bubble.
package matchers
