package testify

import "time"

// RequireT is what the assertions that end a test need of it, as in testify's
// require: *testing.T is one.
type RequireT interface {
	TestingT
	FailNow()
}

// RequireEventually is Eventually that ends the test if it fails. It is
// require.Eventually of testify.
func RequireEventually(t RequireT, condition func() bool, waitFor, tick time.Duration, msgAndArgs ...any) {
	helperOf(t).Helper()
	Waits{}.RequireEventually(t, condition, waitFor, tick, msgAndArgs...)
}

// RequireEventuallyf is RequireEventually with a format for its message.
func RequireEventuallyf(t RequireT, condition func() bool, waitFor, tick time.Duration, msg string, args ...any) {
	helperOf(t).Helper()
	Waits{}.RequireEventually(t, condition, waitFor, tick, formatted(msg, args)...)
}

// RequireEventuallyWithT is EventuallyWithT that ends the test if it fails. It
// is require.EventuallyWithT of testify.
func RequireEventuallyWithT(t RequireT, condition func(collect *CollectT), waitFor, tick time.Duration, msgAndArgs ...any) {
	helperOf(t).Helper()
	Waits{}.RequireEventuallyWithT(t, condition, waitFor, tick, msgAndArgs...)
}

// RequireEventuallyWithTf is RequireEventuallyWithT with a format for its
// message.
func RequireEventuallyWithTf(t RequireT, condition func(collect *CollectT), waitFor, tick time.Duration, msg string, args ...any) {
	helperOf(t).Helper()
	Waits{}.RequireEventuallyWithT(t, condition, waitFor, tick, formatted(msg, args)...)
}

// RequireNever is Never that ends the test if it fails. It is require.Never of
// testify.
func RequireNever(t RequireT, condition func() bool, waitFor, tick time.Duration, msgAndArgs ...any) {
	helperOf(t).Helper()
	Waits{}.RequireNever(t, condition, waitFor, tick, msgAndArgs...)
}

// RequireNeverf is RequireNever with a format for its message.
func RequireNeverf(t RequireT, condition func() bool, waitFor, tick time.Duration, msg string, args ...any) {
	helperOf(t).Helper()
	Waits{}.RequireNever(t, condition, waitFor, tick, formatted(msg, args)...)
}
