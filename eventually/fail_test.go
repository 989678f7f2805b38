package eventually

import "testing"

// A failed wait ends the test there and then: what follows relies on it.
func TestEveryFailedWaitEndsTheTest(t *testing.T) {
	type point struct{ X int }
	rec := NewRecorder[point](nil)
	never := func() bool { return false }
	for name, wait := range map[string]func(s *spy){
		"Until":     func(s *spy) { Until(s, "x", never, AtOnce()) },
		"Value":     func(s *spy) { Value(s, "x", func() int { return 1 }, func(int) bool { return false }, AtOnce()) },
		"Check":     func(s *spy) { Check(s, "x", func(c *C) { c.Errorf("no") }, AtOnce()) },
		"Never":     func(s *spy) { Never(s, "x", func() bool { return true }, AtOnce()) },
		"Settle":    func(s *spy) { Settle(s) },
		"Event":     func(s *spy) { Event(s, "x", rec, func(point) bool { return true }, AtOnce()) },
		"EventLike": func(s *spy) { EventLike(s, "x", rec, point{1}, AtOnce()) },
		"InOrder":   func(s *spy) { InOrder(s, "x", rec, []func(point) bool{func(point) bool { return true }}, AtOnce()) },
	} {
		t.Run(name, func(t *testing.T) {
			s := &spy{}
			if !leaving(s, func() { wait(s) }) {
				t.Errorf("the test went on after the failure %q", s.errors)
			}
			if len(s.errors) != 1 {
				t.Errorf("%d failures, want 1: %q", len(s.errors), s.errors)
			}
		})
	}
}
