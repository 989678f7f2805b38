// Package clocktest holds what every clock.Clock must do, as tests.
//
// Who implements clock.Clock calls [Run] from a test of its own:
//
//	func TestClockConforms(t *testing.T) {
//		clocktest.Run(t, func(tb testing.TB) (clock.Clock, func(time.Duration)) {
//			c := simulated.NewClock()
//			return c, c.Advance
//		})
//	}
//
// The guarantees are those of package time since Go 1.23 and of package
// context. Clocks that only move in a synctest bubble are tested with [RunIn].
// The tests say nothing about speed, and nothing about the order of timers that
// are due at one instant, which package time leaves open.
package clocktest
