// Package testify holds the polling assertions of
// github.com/stretchr/testify, Eventually, EventuallyWithT and Never, over the
// waits of package eventually.
//
// It is for suites that are to be moved call by call. The signatures are
// testify's, so that a call is moved by its first word and nothing else:
//
//	assert.Eventually(       →  testify.Eventually(
//	require.Eventually(      →  testify.RequireEventually(
//	s.Eventually(            →  testify.Eventually(s.T(),
//	*assert.CollectT         →  *testify.CollectT
//
// and so for Eventuallyf, EventuallyWithT, EventuallyWithTf, Never and Neverf.
// Both flavours live in one package, since a file that has both imports one
// CollectT then, and no name collides with testify's assert and require, which
// stay for everything else. testify itself is not imported.
//
// A moved call can be made to wait for what happens, instead of looking again
// and again, by saying what that is (see [On]):
//
//	testify.On(&jobs).Eventually(t, allDone, time.Second, 10*time.Millisecond)
//
// # What is guaranteed
//
//   - The condition runs on the goroutine that calls, at least once, and once
//     more when waitFor is over. So it may read what the test writes, it may end
//     the test with FailNow, and nothing of it is left running.
//   - Without sources the pauses between two looks grow from none to 5 ms (in a
//     bubble of testing/synctest 10 ms of virtual time), and are never longer
//     than tick.
//   - The failure is the report of package eventually, with the message, what
//     the last look complained of, and how that changed, at the line of the call.
//
// # What is different from testify
//
//   - The condition ran on a goroutine of its own. There FailNow or SkipNow of
//     the test ended that goroutine: Eventually waited on in vain, and
//     EventuallyWithT took the look for a success. Here both end the test.
//     A panic ended the process; here it is one of the test, which it may recover.
//   - A condition still running at the end of waitFor was left behind, running on
//     into the tests after. Never passed, without a single answer. Here the call
//     waits for the condition, names its stack on standard error, and believes
//     its answer, so that it may return later than after waitFor.
//   - What became true between the last tick and the end of waitFor was missed,
//     and a waitFor of 0 looked once or not at all. Here the last look is at the
//     end, and a waitFor of 0 or less looks once. Never looks at the end too, and
//     may thereby see what testify missed.
//   - Looks were tick apart. Here there are more of them, sooner: a condition
//     that counts its calls counts more, one that is expensive wants
//     With(eventually.PollEvery(tick)).
//   - A tick of 0 panicked; here it is the back-off of up to 5 ms. One below 0
//     fails the assertion. A nil condition ended the process; it fails the
//     assertion.
//   - waitFor of Eventually is multiplied by EVENTUALLY_SCALE, and bounded by 90 %
//     of what is left to the deadline of the test.
//   - The failure is one Errorf with one report. testify's began with an error
//     trace and said "Condition never satisfied" or "Condition satisfied", after
//     one Errorf for each error of the last look.
//   - CollectT may be used from any goroutine. Its FailNow ends the look by a
//     panic, which a condition that recovers what its assertions throw swallows;
//     the look has failed nevertheless. The deprecated Reset and Copy, which
//     panicked, are left out.
//
// # What it does not do
//
// It has no assertion objects: for assert.New(t), require.New(t) and the methods
// of a suite pass the test itself. It cannot make a condition true for longer:
// what is so for a moment only is for the recorders of package eventually.
//
// # A complete example
//
//	func TestWorkersFinish(t *testing.T) {
//		var done eventually.Counter
//		for range 3 {
//			go func() { work(); done.Add(1) }()
//		}
//		testify.On(&done).RequireEventually(t, func() bool { return done.Load() == 3 },
//			time.Second, 10*time.Millisecond, "the workers hang")
//	}
package testify
