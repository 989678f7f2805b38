// Package arbiter leaves the decision whether there are leaks to another
// detector, and the explanation to leakcheck. An arbiter is an option of
// leakcheck.Main, Check and Find:
//
//	func TestMain(m *testing.M) {
//		os.Exit(leakcheck.Main(m, arbiter.Goleak(
//			goleak.IgnoreTopFunction("example.com/cache.(*Cache).janitor"),
//		)))
//	}
//
// Use it where a project trusts the verdicts that it has, or has options of
// goleak whose meaning it does not want to translate, and wants the reports of
// leakcheck: grouped by place, with creators, verdicts and a cure.
//
// The arbiter's verdict is the verdict. It does not become faster by having
// leakcheck beside it, and it keeps its blind spots; package leakcheck/goleak,
// which has goleak's names on leakcheck's engine, is the other way round.
//
// It is a package of its own so that package leakcheck does not link goleak.
package arbiter
