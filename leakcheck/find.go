package leakcheck

// Find looks for goroutines that are still there, resources that are not closed
// and tracked objects that are still reachable, of the whole process, whichever
// test they belong to. It waits for goroutines that may still end, at most for
// the grace. Inside a bubble it looks at the goroutines of that bubble, outside
// at those that are in none.
//
// It leaves out the calling goroutine, the machinery of tests, and what the
// options say. It is for checks at a place of your own; in TestMain use Main,
// in a test Check.
func Find(opts ...Option) *Report {
	c := configure(opts)
	r := newCheck(c, everything{}).run()
	r.collect(c, func(owner) bool { return true })
	return r
}
