package gleak

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/sleepless-go/sleepless/matchers"
)

// In a bubble the time that a form takes tells exactly when it looked.
const (
	endsAt = 100 * time.Microsecond
	seenAt = (20 + 40 + 80) * time.Microsecond
	pollAt = 10 * time.Millisecond
)

// Each form is one line of source, since that is where a form is looked up.
var forms = []struct {
	name string
	took time.Duration
	call func(g *gomega.WithT, m types.GomegaMatcher)
}{
	{"Eventually.ShouldNot", seenAt, func(g *gomega.WithT, m types.GomegaMatcher) { g.Eventually(Goroutines).ShouldNot(m) }},
	{"Eventually.NotTo", seenAt, func(g *gomega.WithT, m types.GomegaMatcher) { g.Eventually(Goroutines).NotTo(m) }},
	{"Eventually.ToNot", seenAt, func(g *gomega.WithT, m types.GomegaMatcher) { g.Eventually(Goroutines).ToNot(m) }},
	{"Eventually with options", seenAt, func(g *gomega.WithT, m types.GomegaMatcher) {
		g.Eventually(Goroutines).WithTimeout(time.Second).ProbeEvery(pollAt).ShouldNot(m)
	}},
	{"Eventually of a function of one's own", seenAt, func(g *gomega.WithT, m types.GomegaMatcher) {
		g.Eventually(func() []Goroutine { return Goroutines() }).ShouldNot(m)
	}},
	{"Eventually Not", pollAt, func(g *gomega.WithT, m types.GomegaMatcher) { g.Eventually(Goroutines).Should(gomega.Not(m)) }},
	{"Eventually kept in a variable", pollAt, func(g *gomega.WithT, m types.GomegaMatcher) {
		a := g.Eventually(Goroutines)
		a.ShouldNot(m)
	}},

	{"Eventually.Should holds at once", 0, func(g *gomega.WithT, m types.GomegaMatcher) { g.Eventually(Goroutines).Should(m) }},
	{"Consistently.ShouldNot fails at once", 0, func(g *gomega.WithT, m types.GomegaMatcher) { g.Consistently(Goroutines).ShouldNot(m) }},
	{"Expect.NotTo fails at once", 0, func(g *gomega.WithT, m types.GomegaMatcher) { g.Expect(Goroutines()).NotTo(m) }},
	{"Match called directly", 0, func(_ *gomega.WithT, m types.GomegaMatcher) { m.Match(Goroutines()) }},
}

// leakFor starts a goroutine that ends after d. A test ends after it.
func leakFor(t *testing.T, d time.Duration) {
	timer, ended := time.NewTimer(d), make(chan struct{})
	go func() {
		defer close(ended)
		<-timer.C
	}()
	t.Cleanup(func() { <-ended })
}

func TestOnlyAnEventuallyThatWillAskAgainIsToldToAskSoon(t *testing.T) {
	needSource(t)
	for _, form := range forms {
		t.Run(form.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				before := Goroutines()
				leakFor(t, endsAt)
				synctest.Wait()
				g, _ := failures()
				began := time.Now()
				form.call(g, HaveLeaked(before))
				if took := time.Since(began); took != form.took {
					t.Errorf("took %v of virtual time, want %v", took, form.took)
				}
			})
		})
	}
}

func TestAfterTenMillisecondsTheStockIntervalCounts(t *testing.T) {
	needSource(t)
	const short = firstPause * (1<<shortLooks - 1)
	for ends, seen := range map[time.Duration]time.Duration{
		5 * time.Millisecond:   firstPause * (1<<8 - 1),
		9 * time.Millisecond:   short,
		10 * time.Millisecond:  short,
		11 * time.Millisecond:  short + pollAt,
		500 * time.Millisecond: short + 49*pollAt,
	} {
		synctest.Test(t, func(t *testing.T) {
			leakFor(t, ends)
			began := time.Now()
			gomega.NewWithT(t).Eventually(Goroutines).ShouldNot(HaveLeaked())
			if took := time.Since(began); took != seen {
				t.Errorf("one that ends after %v was seen to after %v, want %v", ends, took, seen)
			}
		})
	}
}

func TestAwaitIsSoonTooAndInAnyForm(t *testing.T) {
	for name, call := range map[string]func(g *gomega.WithT, before []Goroutine){
		"ShouldNot": func(g *gomega.WithT, before []Goroutine) {
			matchers.AwaitWith(g, Goroutines).ShouldNot(HaveLeaked(before))
		},
		"Should Not": func(g *gomega.WithT, before []Goroutine) {
			matchers.AwaitWith(g, Goroutines).Should(gomega.Not(HaveLeaked(before)))
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			before := Goroutines()
			leakFor(t, endsAt)
			g, texts := failures()
			began := time.Now()
			call(g, before)
			if took := time.Since(began); took < endsAt || took > 2*endsAt || len(*texts) > 0 {
				t.Errorf("%s took %v of virtual time, failures %v", name, took, *texts)
			}
		})
	}
}

// Gomega does not begin to count anew when a matcher wants to be asked again.
func TestALeakInBetweenBreaksMustPassRepeatedly(t *testing.T) {
	needSource(t)
	synctest.Test(t, func(t *testing.T) {
		leak := []Goroutine{{ID: 1 << 40, TopFunction: "a.b", State: stateHere()}}
		looks := 0
		seen := func() []Goroutine {
			looks++
			if looks == 3 || looks == 5 {
				return leak
			}
			return nil
		}
		gomega.NewWithT(t).Eventually(seen).MustPassRepeatedly(3).ShouldNot(HaveLeaked())
		if looks != 8 {
			t.Errorf("%d looks, want 8: two, one, and then three in a row", looks)
		}
	})
}

// stateHere is that of a goroutine blocked in the caller's bubble.
func stateHere() string {
	return "chan receive, " + Goroutines()[0].State[len("running, "):]
}

func TestATimeOutBetweenShortLooksStillDescribesTheLeak(t *testing.T) {
	needSource(t)
	synctest.Test(t, func(t *testing.T) {
		leakFor(t, time.Hour)
		synctest.Wait()
		g, texts := failures()
		g.Eventually(Goroutines).WithTimeout(time.Millisecond).ShouldNot(HaveLeaked())
		if len(*texts) != 1 {
			t.Fatalf("failures %v", *texts)
		}
		golden(t, "time-out-between-short-looks", number.ReplaceAllString((*texts)[0], "goroutine ID"))
	})
}

func TestThePaceIsAFunctionOfTheVerdicts(t *testing.T) {
	var p patience
	var sum time.Duration
	for range shortLooks {
		pause, ok := p.next()
		if !ok || p.last() != (p.looks == shortLooks) {
			t.Errorf("look %d: %v %v", p.looks, pause, ok)
		}
		sum += pause
	}
	if pause, ok := p.next(); ok || p.last() || sum < 10*time.Millisecond || sum > 11*time.Millisecond {
		t.Errorf("after %v: %v %v", sum, pause, ok)
	}
	p.clean()
	if _, ok := p.next(); ok {
		t.Error("the first leak after a clean verdict is not told plainly")
	}
	if pause, ok := p.next(); !ok || pause != firstPause {
		t.Errorf("the next one: %v %v", pause, ok)
	}
}
