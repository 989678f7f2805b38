package leakcheck

import (
	"context"
	"fmt"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sleepless-go/sleepless/internal/goid"
)

func TestACheckReportsWhatTheTestLeavesBehind(t *testing.T) {
	text := during("TestX", func(s *spy) {
		Check(s, Within(0))
		garden(t).leak()
	})
	mustContain(t, text, "TestX leaked 1 goroutine", "leakcheck.(*planted).linger harness_test.go", "started by leakcheck.(*planted).leak")
}

func TestACheckPassesWhenAllHasEnded(t *testing.T) {
	text := during("TestX", func(s *spy) {
		Check(s)
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {})
		}
		all.Wait()
	})
	if text != "" {
		t.Error(text)
	}
}

func TestACheckSparesWhatWasThereBefore(t *testing.T) {
	garden(t).leak()
	text := during("TestX", func(s *spy) {
		Check(s, Within(0))
		elsewhere(func() {})
	})
	if text != "" {
		t.Error(text)
	}
}

// One goroutine ends, another one leaks: their number stays the same.
func TestALeakIsNotMadeUpForByAGoroutineThatEnds(t *testing.T) {
	before, place := make(chan struct{}), garden(t)
	old := make(chan uint64, 1)
	go func() {
		old <- goid.ID()
		<-before
	}()
	id := <-old
	base := TakeBaseline()
	text := during("TestX", func(s *spy) {
		Check(s, Within(0))
		place.leak()
		close(before)
		awaitEnd(id)
	})
	mustContain(t, text, "TestX leaked 1 goroutine")
	if left := base.Since(); len(left) != 1 {
		t.Errorf("Since() = %v, want the one that leaked", left)
	}
}

func TestALeakUnderLabelsOfItsOwnIsKnownByItsAncestry(t *testing.T) {
	text := during("TestX", func(s *spy) {
		Check(s, Within(0))
		pprof.Do(context.Background(), pprof.Labels("user", "x"), func(context.Context) { garden(t).leak() })
	})
	mustContain(t, text, "TestX leaked 1 goroutine")
}

func TestAGrandchildOfAGoroutineThatHasEndedIsKnownByItsLabel(t *testing.T) {
	place := garden(t)
	text := during("TestX", func(s *spy) {
		Check(s, Within(0))
		elsewhere(place.leak)
	})
	mustContain(t, text, "TestX leaked 1 goroutine")
}

// Each of the parallel subtests leaks a number of goroutines of its own, through
// children and grandchildren, and is told exactly that number.
func TestALeakOfAParallelSubtestIsItsOwn(t *testing.T) {
	for _, when := range []string{"before", "after"} {
		t.Run("Check "+when+" Parallel", func(t *testing.T) {
			place := garden(t)
			t.Run("group", func(t *testing.T) {
				for leaks := range 6 {
					t.Run(fmt.Sprint(leaks), func(t *testing.T) {
						s := &spy{name: t.Name()}
						if when == "before" {
							Check(s, Within(0))
						}
						t.Parallel()
						if when == "after" {
							Check(s, Within(0))
						}
						for range leaks {
							elsewhere(place.leak)
						}
						text := s.finish()
						if leaks == 0 && text != "" || leaks > 0 && !strings.Contains(text, t.Name()+" leaked "+plural(leaks, "goroutine")) {
							t.Errorf("%d leaks, and it says:\n%s", leaks, text)
						}
					})
				}
			})
		})
	}
}

func TestASubtestWithoutACheckIsPartOfItsParent(t *testing.T) {
	place := garden(t)
	text := during(t.Name(), func(s *spy) {
		Check(s, Within(0))
		t.Run("sub", func(*testing.T) { place.leak() })
	})
	mustContain(t, text, "leaked 1 goroutine")
}

func TestASubtestWithACheckAccountsForItself(t *testing.T) {
	place, inner := garden(t), ""
	outer := during(t.Name(), func(s *spy) {
		Check(s, Within(0))
		t.Run("sub", func(t *testing.T) {
			inner = during(t.Name(), func(s *spy) {
				Check(s, Within(0))
				place.leak()
			})
		})
	})
	mustContain(t, inner, "/sub leaked 1 goroutine")
	if outer != "" {
		t.Errorf("the parent reports it as well:\n%s", outer)
	}
}

func TestWhatCannotBeTiedToATestIsReportedOnceByMain(t *testing.T) {
	place := garden(t)
	before := TakeBaseline()
	text := during("TestX", func(s *spy) {
		Check(s, Within(0))
		inTimer(place.leak)
		elsewhere(func() {
			pprof.Do(context.Background(), pprof.Labels(), func(context.Context) { place.leak() })
		})
	})
	if text != "" {
		t.Errorf("the test is blamed:\n%s", text)
	}
	var out strings.Builder
	if code := mainTo(&out, passing(0), []Option{Within(0)}); code != 0 {
		t.Errorf("leaks from before the tests: exit code %d\n%s", code, &out)
	}
	again := newCheck(configure([]Option{Within(0), Since(before)}), unreported{}).run()
	if len(again.Goroutines) != 2 {
		t.Errorf("Main would report %d goroutines, want the 2 that no Check has", len(again.Goroutines))
	}
	noteReported(again.Goroutines)
	if twice := newCheck(configure([]Option{Within(0), Since(before)}), unreported{}).run(); len(twice.Goroutines) != 0 {
		t.Errorf("reported twice:\n%s", twice)
	}
}

func TestStrictGivesTheTestWhatCannotBeTiedToAnyTest(t *testing.T) {
	place := garden(t)
	text := during("TestX", func(s *spy) {
		Check(s, Within(0), Strict())
		inTimer(place.leak)
		place.leak()
	})
	mustContain(t, text, "TestX leaked 2 goroutines")
}

// Property tests call the test of a case on the goroutine of the test.
func TestACheckGoesOnAfterOneThatItCalls(t *testing.T) {
	place := garden(t)
	inner := ""
	outer := during("TestX", func(s *spy) {
		Check(s, Within(0))
		for range 2 {
			inner += during("TestX/case", func(s *spy) {
				Check(s, Within(0))
				place.leak()
			})
		}
		place.leak()
	})
	if n := strings.Count(inner, "TestX/case leaked 1 goroutine"); n != 2 {
		t.Errorf("%d of the 2 cases are told their leak:\n%s", n, inner)
	}
	mustContain(t, outer, "TestX leaked 1 goroutine")
	if labels := own().Labels; labels[labelKey] != "" {
		t.Errorf("labels after the test: %v", labels)
	}
}

func TestACheckThatEndsBeforeOneThatItCallsLeavesNoLabel(t *testing.T) {
	outer, inner := &spy{name: "TestX"}, &spy{name: "TestX/case"}
	Check(outer, Within(0))
	Check(inner, Within(0))
	garden(t).leak()
	if text := outer.finish(); text != "" {
		t.Errorf("the leak of the other:\n%s", text)
	}
	mustContain(t, inner.finish(), "TestX/case leaked 1 goroutine")
	if labels := own().Labels; labels[labelKey] != "" {
		t.Errorf("labels after the test: %v", labels)
	}
	ledger.Lock()
	defer ledger.Unlock()
	if ledger.tests[goid.ID()] != nil {
		t.Error("the goroutine is still that of a test")
	}
}

func TestWhatAStrictSubtestReportsIsNotReportedByItsParent(t *testing.T) {
	place := garden(t)
	outer := during("TestX", func(s *spy) {
		Check(s, Within(0), Strict())
		t.Run("sub", func(t *testing.T) {
			inner := during("TestX/sub", func(s *spy) {
				Check(s, Within(0), Strict())
				inTimer(place.leak)
			})
			mustContain(t, inner, "TestX/sub leaked 1 goroutine")
		})
	})
	if outer != "" {
		t.Errorf("reported twice:\n%s", outer)
	}
}

// Tests that share a list of options share its memory.
func TestTheOptionsOfASecondCheckAreNotThoseOfAnotherTest(t *testing.T) {
	shared := append(make([]Option, 0, 2), Within(0))
	text := during("TestX", func(s *spy) {
		Check(s, shared...)
		Check(s, NoGC())
		other := make(chan struct{})
		go func() { // tests have goroutines of their own
			defer close(other)
			during("TestY", func(s *spy) {
				Check(s, shared...)
				Check(s, Ignore(func(Goroutine) bool { return true }))
			})
		}()
		<-other
		garden(t).leak()
	})
	mustContain(t, text, "TestX leaked 1 goroutine")
}

func TestASecondCheckAddsItsOptions(t *testing.T) {
	text := during("TestX", func(s *spy) {
		Check(s, Within(0))
		Check(s, IgnoreFunc("github.com/sleepless-go/sleepless/leakcheck.(*planted).linger"))
		garden(t).leak()
	})
	if text != "" {
		t.Error(text)
	}
}

func TestACheckSaysThatTheTestHasFailedAnyway(t *testing.T) {
	text := during("TestX", func(s *spy) {
		Check(s, Within(0))
		s.failed = true
		garden(t).leak()
	})
	mustContain(t, text, "tests failed")
}

func TestLabelsOfTheTestAreKeptAndRestored(t *testing.T) {
	setLabels(map[string]string{"user": "x"})
	defer setLabels(nil)
	s := &spy{name: "TestX"}
	Check(s, Within(0))
	if labels := own().Labels; labels["user"] != "x" || testOf(labels[labelKey]) != "TestX" {
		t.Errorf("labels during the test: %v", labels)
	}
	garden(t).leak()
	r := s.finish()
	mustContain(t, r, "leaked 1 goroutine")
	if labels := own().Labels; len(labels) != 1 || labels["user"] != "x" {
		t.Errorf("labels after the test: %v, want user=x alone", labels)
	}
}

func TestLabelsThatTheTestSetsAreLeftAlone(t *testing.T) {
	s := &spy{name: "TestX"}
	Check(s)
	setLabels(map[string]string{"user": "y"})
	defer setLabels(nil)
	s.finish()
	if labels := own().Labels; len(labels) != 1 || labels["user"] != "y" {
		t.Errorf("labels after the test: %v, want user=y alone", labels)
	}
}

func TestACheckInABubbleSeesThatBubbleOnly(t *testing.T) {
	garden(t).leak()
	synctest.Test(t, func(t *testing.T) {
		text := during("TestX", func(s *spy) {
			Check(s)
			garden(t).leak()
		})
		mustContain(t, text, "TestX leaked 1 goroutine")
	})
}

func TestACheckInABubbleSparesWhatWasThereBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		garden(t).leak()
		if text := during(t.Name(), func(s *spy) { Check(s) }); text != "" {
			t.Error(text)
		}
	})
}

// Label and ancestry lead to the test around the bubble.
func TestACheckInABubbleHasLeaksThatBearTheLabelOfAnOuterCheck(t *testing.T) {
	outer := during(t.Name(), func(s *spy) {
		Check(s)
		synctest.Test(t, func(t *testing.T) {
			inner := during(t.Name(), func(s *spy) {
				Check(s)
				garden(t).leak()
			})
			mustContain(t, inner, "leaked 1 goroutine")
		})
	})
	if outer != "" {
		t.Error(outer)
	}
}

// The test of a bubble has the name of the test around it.
func TestACheckInABubbleSparesWhatTheTestAroundItHasOpen(t *testing.T) {
	outer := Resource(t, "outer")
	defer outer.Close()
	synctest.Test(t, func(t *testing.T) {
		text := during(t.Name(), func(s *spy) {
			Check(s)
			Resource(s, "inner")
		})
		mustContain(t, text, `leaked 1 resource`, `resource "inner"`)
	})
}

func TestACheckOutsideHasWhatIsOpenInABubble(t *testing.T) {
	text := during(t.Name(), func(s *spy) {
		Check(s)
		synctest.Test(t, func(t *testing.T) { Resource(t, "inner") })
	})
	mustContain(t, text, `leaked 1 resource`, `resource "inner"`)
}

// Its end comes outside, where nothing tells which goroutines it is about.
func TestACheckInABubbleOfATestOutsideItIsMisuse(t *testing.T) {
	text := during(t.Name(), func(s *spy) {
		garden(t).leak()
		synctest.Test(t, func(*testing.T) { Check(s, Within(0)) })
	})
	if want := "leakcheck: Check was called in a bubble with the t of a test that goes on after it"; !strings.HasPrefix(text, want) {
		t.Errorf("want %s…, got:\n%s", want, text)
	}
}

func TestACheckOutsideDoesNotSeeBubbles(t *testing.T) {
	text := during("TestX", func(s *spy) {
		Check(s)
		synctest.Test(t, func(t *testing.T) {
			var all sync.WaitGroup
			all.Go(func() {})
			all.Wait()
		})
	})
	if text != "" {
		t.Error(text)
	}
}

// In a bubble the grace is virtual: nobody waits for it, and what ends within it
// is no leak.
func TestTheGraceOfABubbleIsVirtual(t *testing.T) {
	for life, leaks := range map[time.Duration]bool{59 * time.Minute: false, time.Hour: false, 61 * time.Minute: true} {
		synctest.Test(t, func(t *testing.T) {
			text := during("TestX", func(s *spy) {
				Check(s, Within(time.Hour))
				ended := make(chan struct{})
				t.Cleanup(func() { <-ended })
				time.AfterFunc(life, func() { close(ended) })
				go func() { <-ended }()
			})
			if leaks != (text != "") {
				t.Errorf("a goroutine that lives for %v: %q", life, text)
			}
		})
	}
}

func TestBenchmarksAndFuzzTestsAreChecked(t *testing.T) {
	place := garden(t)
	text := ""
	testing.Benchmark(func(b *testing.B) {
		s := &spy{name: b.Name()}
		Check(s, Within(0))
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
			}
		})
		if b.N == 1 {
			place.leak()
			text = s.finish()
			return
		}
		if text := s.finish(); text != "" {
			t.Errorf("N = %d: %s", b.N, text)
		}
		b.SkipNow() // two rounds will do
	})
	mustContain(t, text, "leaked 1 goroutine")
}

func FuzzTheWorkersOfAFuzzTestAreNoLeak(f *testing.F) {
	Check(f)
	f.Add(3)
	f.Add(0)
	f.Fuzz(func(t *testing.T, n int) {
		Check(t)
		var all sync.WaitGroup
		for range n & 7 {
			all.Go(func() {})
		}
		all.Wait()
	})
}

// passing is a TestingM.
type passing int

func (p passing) Run() int { return int(p) }

// plantingM is a TestingM whose tests leak.
type plantingM struct {
	place *planted
	code  int
}

func (m plantingM) Run() int {
	m.place.leak()
	return m.code
}

func TestMainFailsForALeakOfTestsThatPass(t *testing.T) {
	var out strings.Builder
	if code := mainTo(&out, plantingM{garden(t), 0}, []Option{Within(0)}); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	mustContain(t, out.String(), "the process leaked 1 goroutine", "linger")
}

// goleak looks only after tests that passed.
func TestMainSpeaksAlsoWhenTestsFailed(t *testing.T) {
	var out strings.Builder
	if code := mainTo(&out, plantingM{garden(t), 3}, []Option{Within(0)}); code != 3 {
		t.Errorf("exit code %d, want that of the tests, 3", code)
	}
	mustContain(t, out.String(), "the process leaked 1 goroutine", "tests failed")
}

func TestMainSaysHowToLearnWhichTestItWas(t *testing.T) {
	const hint = "leakcheck.Check(t), first in each test"
	set := func(n uint64) (old uint64) {
		ledger.Lock()
		defer ledger.Unlock()
		old, ledger.next = ledger.next, n
		return old
	}
	defer set(set(0)) // as if no test had called Check
	var out strings.Builder
	mainTo(&out, plantingM{garden(t), 0}, []Option{Within(0)})
	mustContain(t, out.String(), hint)

	set(1)
	out.Reset()
	mainTo(&out, plantingM{garden(t), 0}, []Option{Within(0)})
	if strings.Contains(out.String(), hint) {
		t.Errorf("with a Check: %s", &out)
	}
}

func TestMainIsSilentWithoutLeaks(t *testing.T) {
	var out strings.Builder
	garden(t).leak() // before Main
	if code := mainTo(&out, passing(0), nil); code != 0 || out.String() != "" {
		t.Errorf("exit code %d: %s", code, &out)
	}
}
