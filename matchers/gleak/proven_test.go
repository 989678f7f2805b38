package gleak

import (
	"runtime/pprof"
	"strings"
	"testing"
	"time"

	"github.com/onsi/gomega"

	"github.com/sleepless-go/sleepless/internal/leakcorpus"
	"github.com/sleepless-go/sleepless/matchers"
)

// lost plants a goroutine that nothing can wake.
func lost(t *testing.T) {
	t.Helper()
	for _, c := range leakcorpus.Leaks() {
		if c.Name == "forgotten channel" {
			c.Plant()
			return
		}
	}
	t.Fatal("the corpus has no such leak")
}

// Each of these waits would last an hour.
func TestAProvenLeakEndsTheWait(t *testing.T) {
	if pprof.Lookup("goroutineleak") == nil {
		if proven := prove(Goroutines()); proven != nil {
			t.Errorf("proven without the profile: %v", proven)
		}
		return // the rest is tested where the toolchain has the profile
	}
	for name, wait := range map[string]func(g *gomega.WithT, before []Goroutine){
		"Eventually": func(g *gomega.WithT, before []Goroutine) {
			g.Eventually(Goroutines).WithTimeout(time.Hour).ShouldNot(HaveLeaked(before))
		},
		"Await": func(g *gomega.WithT, before []Goroutine) {
			matchers.AwaitWith(g, Goroutines).WithTimeout(time.Hour).ShouldNot(HaveLeaked(before))
		},
		"Await NotTo": func(g *gomega.WithT, before []Goroutine) {
			matchers.AwaitWith(g, Goroutines).WithTimeout(time.Hour).NotTo(HaveLeaked(before))
		},
	} {
		before := Goroutines()
		lost(t)
		g, texts := failures()
		wait(g, before)
		if len(*texts) != 1 || !strings.Contains((*texts)[0], "1 proven leaked: nothing can wake it any more") {
			t.Errorf("%s: %v", name, *texts)
		}
	}
}

// A wait that wants the leak has it, proven or not.
func TestAWantedLeakIsNoReasonToStop(t *testing.T) {
	before := Goroutines()
	lost(t)
	g := gomega.NewWithT(t)
	matchers.AwaitWith(g, Goroutines).MustPassRepeatedly(12).ProbeEvery(1).Should(HaveLeaked(before))
	g.Eventually(Goroutines).MustPassRepeatedly(12).ProbeEvery(1).Should(HaveLeaked(before))
}
