// Package gleak has the names of github.com/onsi/gomega/gleak: a snapshot of
// goroutines, and a matcher that finds leaks in it. A leak is a goroutine that is
// in the snapshot and that nobody expects.
//
// Use it to move a suite: change the import from
// github.com/onsi/gomega/gleak to
// github.com/sleepless-go/sleepless/matchers/gleak and nothing else. Change it
// back and nothing is lost: names and signatures are the same, which a test
// checks, and Goroutine is the very type that Gomega has.
//
//	var before []Goroutine
//
//	BeforeEach(func() { before = Goroutines() })
//	AfterEach(func() { Eventually(Goroutines).ShouldNot(HaveLeaked(before)) })
//
// # The guarantee
//
// A verdict is about the snapshot and nothing else: Expect never waits. Under
// Eventually the matcher asks to be asked again after 20 µs, and then at doubled
// distances, until 10 ms have passed; so a goroutine that was about to end costs
// microseconds and not Gomega's polling interval. matchers.Await looks as often
// in every form of an assertion.
//
// # What differs
//
//   - Inside a testing/synctest bubble the goroutines of that bubble count and no
//     others, outside those that are in none.
//   - What runs tests is no leak: beside what Gomega's gleak knows these are the
//     main goroutine, those of other parallel tests, of fuzzing, of package
//     synctest, and all that Ginkgo starts.
//   - Where the toolchain has the goroutineleak profile, Eventually and Await end
//     at once when the garbage collector finds that nothing can wake a goroutine
//     (outside bubbles).
//   - The text groups goroutines that are in the same place and says what to do.
//   - An array of goroutines will do for a slice; a nil *Goroutine is an error, and
//     a goroutine without a stack no panic. Matchers may be made and used while
//     IgnoreGinkgoParallelClient runs, and never share their arguments.
//
// # What it does not do
//
// It does not know which test a goroutine belongs to; a snapshot taken before the
// test is what tells. In tests that run in parallel use leakcheck.Check. Asking
// to be asked soon needs the source of the assertion, so it does not happen in
// binaries built with -trimpath, or where the assertion is kept in a variable or
// wrapped in Not; the verdict is the same there.
package gleak
