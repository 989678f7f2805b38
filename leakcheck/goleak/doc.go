// Package goleak has the names of go.uber.org/goleak on the engine of package
// leakcheck. A leak is a goroutine that is still there when its test is over and
// that nobody will miss; this package finds it and fails the test.
//
// Use it to move a suite: change the import from go.uber.org/goleak to
// github.com/sleepless-go/sleepless/leakcheck/goleak and nothing else. Change it
// back and nothing is lost: names, signatures and what is documented of them are
// the same, and a test compares them. New tests are better off with leakcheck
// itself, whose Check knows which test a goroutine belongs to.
//
//	func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
//
//	func TestCache(t *testing.T) {
//		defer goleak.VerifyNone(t)
//		c := cache.New()
//		defer c.Close()
//		…
//	}
//
// # The guarantee
//
// A goroutine that ends within 431 ms, which is what goleak sleeps in its
// retries, is no leak. A goroutine that is still there after them, and that no
// option and no machinery of tests explains, is one.
//
// # What differs
//
//   - A proven leak is told at once. Where the toolchain has the goroutineleak
//     profile and the garbage collector finds that nothing can wake a goroutine,
//     no time is given to it.
//   - The text: after the first line ("found unexpected goroutines:") comes the
//     report of leakcheck, grouped by place, and the option that would ignore
//     each function. Find's error wraps leakcheck.ErrLeak.
//   - It works inside a testing/synctest bubble, on the goroutines of that bubble
//     and in virtual time; goleak always finds a leak there.
//   - The goroutines of other tests that run in parallel, of fuzzing and of
//     Ginkgo are machinery here. What these tests have started still counts, so
//     VerifyNone is as wrong in a parallel test as goleak's.
//   - A nil Option is none; goleak panics.
//
// # What it does not do
//
// It says nothing when tests fail, as goleak does; leakcheck.Main speaks then
// too. It does not look at resources and objects. It does not take options of
// go.uber.org/goleak, which are of another type: package leakcheck/arbiter does,
// and leaves the verdict to goleak.
package goleak
