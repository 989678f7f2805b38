package testify

import "time"

// TestingT is what the assertions need of a test, as in testify's assert:
// *testing.T is one. Where it offers Helper, Logf or Deadline too, these are
// used.
type TestingT interface {
	Errorf(format string, args ...any)
}

// Eventually asserts that condition becomes true within waitFor, and returns
// whether it did. It is assert.Eventually of testify. The condition runs on the
// goroutine that calls, at least once and once more at the end of waitFor.
//
// waitFor is multiplied by EVENTUALLY_SCALE and bounded by the deadline of the
// test; 0 or less looks once. Without sources (see On) the condition is looked
// at in growing pauses, never longer than tick; a tick of 0 leaves them at up to
// 5 ms, one below 0 fails.
//
// The message and its arguments are formatted if the assertion fails, and then.
func Eventually(t TestingT, condition func() bool, waitFor, tick time.Duration, msgAndArgs ...any) bool {
	helperOf(t).Helper()
	return Waits{}.Eventually(t, condition, waitFor, tick, msgAndArgs...)
}

// Eventuallyf is Eventually with a format for its message.
func Eventuallyf(t TestingT, condition func() bool, waitFor, tick time.Duration, msg string, args ...any) bool {
	helperOf(t).Helper()
	return Waits{}.Eventually(t, condition, waitFor, tick, formatted(msg, args)...)
}

// EventuallyWithT asserts that condition, run again and again with a new
// CollectT, returns within waitFor without having failed it. It is
// assert.EventuallyWithT of testify; times and the message are as for
// Eventually.
func EventuallyWithT(t TestingT, condition func(collect *CollectT), waitFor, tick time.Duration, msgAndArgs ...any) bool {
	helperOf(t).Helper()
	return Waits{}.EventuallyWithT(t, condition, waitFor, tick, msgAndArgs...)
}

// EventuallyWithTf is EventuallyWithT with a format for its message.
func EventuallyWithTf(t TestingT, condition func(collect *CollectT), waitFor, tick time.Duration, msg string, args ...any) bool {
	helperOf(t).Helper()
	return Waits{}.EventuallyWithT(t, condition, waitFor, tick, formatted(msg, args)...)
}

// Never asserts that condition stays false for waitFor, and fails as soon as it
// does not. It is assert.Never of testify, with one more look at the end of
// waitFor, which is not multiplied by EVENTUALLY_SCALE. With sources that can
// prove that nothing will happen any more it returns before (see On).
func Never(t TestingT, condition func() bool, waitFor, tick time.Duration, msgAndArgs ...any) bool {
	helperOf(t).Helper()
	return Waits{}.Never(t, condition, waitFor, tick, msgAndArgs...)
}

// Neverf is Never with a format for its message.
func Neverf(t TestingT, condition func() bool, waitFor, tick time.Duration, msg string, args ...any) bool {
	helperOf(t).Helper()
	return Waits{}.Never(t, condition, waitFor, tick, formatted(msg, args)...)
}
