package bridgetest

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/sleepless-go/sleepless/eventually"
	. "github.com/sleepless-go/sleepless/matchers"
)

// The suite runs in a process of its own, since its specs are to fail and since
// Ginkgo runs one suite per process.
const inSuite = "SLEEPLESS_BRIDGE_SUITE"

var suiteT *testing.T

// runSpecs is what the tests here do in the process made for the suite.
func runSpecs(t *testing.T) {
	suiteT = t
	RegisterFailHandler(Fail)
	RunSpecs(t, "bridge")
}

var _ = Describe("InBubble", Ordered, ContinueOnFailure, func() {
	It("passes", func() {
		began := time.Now()
		InBubble(suiteT, func(t *testing.T) {
			eventually.Advance(24 * time.Hour)
			Expect(t.Context().Err()).NotTo(HaveOccurred())
		})
		fmt.Println("VERDICT a day took less than a minute:", time.Since(began) < time.Minute)
	})
	It("fails by Expect", func() {
		InBubble(suiteT, func(*testing.T) { Expect(1).To(Equal(2), "by Expect") })
		fmt.Println("VERDICT went on after a failure")
	})
	It("fails by NewWithT", func() {
		InBubble(suiteT, func(t *testing.T) { NewWithT(t).Expect(3).To(Equal(4), "by NewWithT") })
		fmt.Println("VERDICT went on after a failure")
	})
	It("fails by t.Errorf", func() {
		InBubble(suiteT, func(t *testing.T) { t.Errorf("by Errorf") })
		fmt.Println("VERDICT went on after a failure")
	})
	It("deadlocks", func() {
		InBubble(suiteT, func(*testing.T) { go func() { select {} }() })
		fmt.Println("VERDICT went on after a failure")
	})
	It("is given an option", func() {
		InBubble(suiteT, func(*testing.T) { go eventually.Advance(time.Second) }, eventually.Drain())
	})
	It("is given a bad option", func() {
		InBubble(suiteT, func(*testing.T) {}, eventually.Repeat(0))
	})
	It("panics", func() {
		InBubble(suiteT, func(*testing.T) { panic("out of the bubble") })
		fmt.Println("VERDICT went on after a failure")
	})
	It("fails by Await", func() {
		InBubble(suiteT, func(*testing.T) {
			var v eventually.Var[bool]
			Await(&v).WithTimeout(time.Hour).Should(BecomeTrue(), "by Await")
		})
	})
	It("skips", func() {
		InBubble(suiteT, func(t *testing.T) { t.Skip("not today") })
	})
	It("skips by Ginkgo", func() {
		InBubble(suiteT, func(*testing.T) { Skip("by Ginkgo") })
	})
	It("refuses a SpecContext", func(ctx SpecContext) {
		InBubble(suiteT, func(*testing.T) {
			var v eventually.Var[bool]
			Await(&v).WithContext(ctx).Should(BecomeTrue())
		})
	})
	It("refuses a nil T", func() { InBubble(nil, func(*testing.T) {}) })
	It("refuses a nil body", func() { InBubble(suiteT, nil) })
	It("reports progress to a SpecContext", func(ctx SpecContext) {
		var v eventually.Var[bool]
		go v.Set(true)
		Await(&v).WithContext(ctx).Should(BecomeTrue())
	})
	It("passes at last", func() {
		InBubble(suiteT, func(*testing.T) { eventually.Advance(time.Second) })
	})
})

var _ = ReportAfterEach(func(r SpecReport) {
	location := r.Failure.Location.FileName
	fmt.Printf("\nSPEC %s: %s at %s:%d: %s %s\n", r.LeafNodeText, r.State, location[strings.LastIndexByte(location, '/')+1:], r.Failure.Location.LineNumber,
		strings.ReplaceAll(r.Failure.Message, "\n", "|"), r.Failure.ForwardedPanic)
})

// suite runs the specs in a process of their own and returns what it printed.
func suite(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], append([]string{"-test.run=^TestInBubbleTurnsEveryKindOfFailureIntoOneOfTheSpec$", "-ginkgo.no-color"}, args...)...)
	cmd.Env = append(os.Environ(), inSuite+"=1")
	out, err := cmd.CombinedOutput()
	if err == nil {
		t.Errorf("go test passed though specs failed:\n%s", out)
	}
	return string(out)
}

func TestInBubbleTurnsEveryKindOfFailureIntoOneOfTheSpec(t *testing.T) {
	if os.Getenv(inSuite) != "" {
		runSpecs(t)
		return
	}
	out := suite(t)
	for _, want := range []string{
		`passes: passed`,
		`fails by Expect: failed at suite_test\.go:\d+: by Expect\|Expected\|    <int>: 1\|to equal\|    <int>: 2`,
		`fails by NewWithT: failed at suite_test\.go:\d+: The bubble failed its \*testing\.T:\|.*by NewWithT.*<int>: 3`,
		`fails by t\.Errorf: failed at suite_test\.go:\d+: The bubble failed its \*testing\.T:\|    suite_test\.go:\d+: by Errorf`,
		`deadlocks: failed at suite_test\.go:\d+: The bubble failed its \*testing\.T:\|.*1 goroutine that it started has not.*select \(no cases\).*suite_test\.go:\d+.*cure: end what the test starts`,
		`is given an option: passed`,
		`is given a bad option: failed at suite_test\.go:\d+: .*Repeat\(0\) would run nothing`,
		`panics: panicked at panic\.go:\d+: Test Panicked out of the bubble`,
		`fails by Await: failed at suite_test\.go:\d+: by Await\|.*did not happen within 1h0m0s \(virtual\)`,
		`skips: skipped`,
		`skips by Ginkgo: skipped`,
		`refuses a SpecContext: failed .*use t\.Context\(\) of the bubble`,
		`refuses a nil T: failed .*nil \*testing\.T`,
		`refuses a nil body: failed .*nil body`,
		`reports progress to a SpecContext: passed`,
		`passes at last: passed`,
	} {
		if !regexp.MustCompile(`(?m)^SPEC ` + want).MatchString(out) {
			t.Errorf("no report like %s in\n%s", want, out)
		}
	}
	if strings.Contains(out, "VERDICT went on") {
		t.Errorf("a spec went on after InBubble had failed it:\n%s", out)
	}
	if !strings.Contains(out, "VERDICT a day took less than a minute: true") {
		t.Errorf("time in the bubble was not virtual:\n%s", out)
	}
}

func TestInBubbleWithVerboseOutputStillFailsTheSpec(t *testing.T) {
	if out := suite(t, "-test.v"); !regexp.MustCompile(`(?m)^SPEC fails by t\.Errorf: failed`).MatchString(out) {
		t.Errorf("the failure was lost:\n%s", out)
	}
}

func TestInBubbleSaysWhenTheRunFlagLeavesItOut(t *testing.T) {
	out := suite(t, "-test.run=^TestInBubbleTurnsEveryKindOfFailureIntoOneOfTheSpec$/^none$")
	if !regexp.MustCompile(`(?m)^SPEC passes: failed .*-run flag`).MatchString(out) {
		t.Errorf("a body that did not run passed:\n%s", out)
	}
}
