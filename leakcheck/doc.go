// Package leakcheck finds leaks: goroutines, resources and objects that outlive
// the test which made them.
//
// Two lines check a package. Main looks when all its tests are over:
//
//	func TestMain(m *testing.M) { os.Exit(leakcheck.Main(m)) }
//
// and Check, first in a test, finds out which test it was:
//
//	func TestCache(t *testing.T) {
//		t.Parallel()
//		leakcheck.Check(t)
//		c := cache.New()
//		c.Put("a", 1)
//	} // forgets c.Close()
//
// fails with
//
//	leakcheck: TestCache leaked 1 goroutine
//	  1x proven leaked: nothing that is left can wake it [chan receive]
//	      at cache.(*Cache).janitor cache.go:118
//	      started by cache.New cache.go:41
//	      fix: close the channel it receives from, or let it select on a context that the test cancels
//	verdict took 4.1ms (2 looks, 1 garbage collection), no waiting
//
// # When to use what
//
//   - Main for every package, Check where tests run in parallel or where the
//     report should name the test, Find at a place of your own. The report of
//     Find is text, an error, and JSON.
//   - Resource accounts for what a test opens and must close: connections,
//     subscriptions, files of your own making.
//   - Track watches one object until the garbage collector takes it, and
//     HeapStable a function that may be called for ever.
//   - Baseline, Settling, Firing and Reborn are conditions for waits of package
//     eventually: the goroutines are back to what they were, the heap has come
//     to rest, a timer has fired, a name stands for somebody new.
//
// # Verdicts
//
// Proven means that the garbage collector found the goroutine to wait for
// something which nothing else can reach: it can never go on. That takes a few
// milliseconds and no patience. The runtime has to be able to, which Go 1.26 is
// when built with GOEXPERIMENT=goroutineleakprofile; without it nothing is
// proven and all else stays the same. Blocked and Running goroutines may still
// end: they have the grace to do so, DefaultGrace or that of the option Within.
//
// # What is guaranteed
//
//   - A goroutine that ends within the grace is never reported: the last look is
//     made after the grace is over.
//   - Goroutines are told apart by their identity, never by their number, so one
//     that ends does not make up for one that leaks.
//   - A goroutine is a test's if it, or what started it, was started by that
//     test after Check, with t.Parallel or without. Each is reported once: by
//     the Check of its test, else by Main.
//   - Checks run on the goroutine that calls them, start none, and look more
//     rarely the longer they wait: a dozen times within the default grace, and
//     once after each of at most four proofs. A test that starts no goroutine
//     costs a few microseconds.
//
// # How goroutines are tied to tests
//
// Check gives the test's goroutine a runtime/pprof label, beside those it has,
// which new goroutines inherit, and takes it off at the end. Code that replaces
// the labels, as pprof.Do with a context of its own does, hides what it starts
// from that; then the number of the parent, which the runtime notes, tells, as
// long as the parents live. To see labels the check sets GODEBUG to
// tracebacklabels=1 for the moment of each look (some microseconds to
// milliseconds) and then back; a test that changes GODEBUG at that moment from
// another goroutine would lose its change.
//
// # Bubbles and Ginkgo
//
// In a testing/synctest bubble Check and Find look at that bubble alone, after
// synctest.Wait, and the grace is virtual time. Call Check inside the bubble,
// with the t of the bubble, to have a leak explained before synctest ends the
// process for it. In Ginkgo call it in BeforeEach, with GinkgoT(): a spec runs
// alone in its process, so whatever is new and has not ended belongs to it.
//
// # What it does not do
//
// It does not end goroutines. It cannot see who a timer's function belongs to:
// such goroutines are Main's, or with the option Strict the test's. Goroutines
// that existed before Main, or before Check, are not looked at. Proof is sound
// but not complete: what waits for a channel in a package variable, a timer or
// the network is never proven leaked, nor what waits for a bare sync.Mutex,
// which shares its block of memory with others. Collected objects are only
// noticed after a garbage collection, which Await and the checks run.
package leakcheck
