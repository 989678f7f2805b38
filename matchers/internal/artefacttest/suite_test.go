package artefacttest

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
	. "github.com/onsi/gomega"

	"github.com/sleepless-go/sleepless/eventually"
	. "github.com/sleepless-go/sleepless/matchers"
)

// The suite runs in a process of its own, since its specs are to fail and since
// Ginkgo runs one suite per process.
const inSuite = "SLEEPLESS_ARTEFACT_SUITE"

var (
	suiteT *testing.T
	never  eventually.Var[int]
)

func waitInVain(g Gomega) {
	AwaitWith(g, never.Load, &never).WithTimeout(time.Millisecond).Should(Equal(2), "the pool has two")
}

var _ = BeforeSuite(func() {
	if os.Getenv(inSuite) == "before" {
		Await(never.Load, &never).WithTimeout(time.Millisecond).Should(Equal(2))
	}
})

var _ = Describe("the pool", Ordered, ContinueOnFailure, func() {
	It("fails by Await", func() {
		Await(never.Load, &never).WithTimeout(time.Millisecond).Should(Equal(2), "the pool has two")
	})
	It("fails in a bubble", func() {
		InBubble(suiteT, func(*testing.T) {
			var v eventually.Var[int]
			Await(v.Load, &v).WithTimeout(time.Hour).Should(Equal(2))
		})
	})
	It("fails by AwaitWith", func() { waitInVain(NewWithT(GinkgoT())) })
	It("fails by Until", func() {
		eventually.Until(GinkgoT(), "it is two", func() bool { return false }, eventually.AtOnce())
	})
	It("fails by Expect", func() { Expect(1).To(Equal(2)) })
	It("passes", func() { Await(never.Load, &never).Should(BeZero()) })
})

// specs runs the suite in a process of its own and returns its specs by name,
// as its JSON report has them.
func specs(t *testing.T, role string, env ...string) map[string]types.SpecReport {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.json")
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-ginkgo.no-color", "-ginkgo.json-report="+file)
	cmd.Env = append(os.Environ(), append(env, inSuite+"="+role, "GORACE=atexit_sleep_ms=0")...)
	out, err := cmd.CombinedOutput()
	if err == nil {
		t.Errorf("go test passed though specs failed:\n%s", out)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var suites []types.Report
	if err := json.Unmarshal(content, &suites); err != nil || len(suites) != 1 {
		t.Fatalf("%v, %d suites", err, len(suites))
	}
	byName := map[string]types.SpecReport{}
	for _, s := range suites[0].SpecReports {
		name := s.LeafNodeText
		if name == "" {
			name = s.LeafNodeType.String()
		}
		byName[name] = s
	}
	return byName
}

// play runs the suite if this is the process made for it.
func play(t *testing.T) bool {
	if os.Getenv(inSuite) == "" {
		return false
	}
	suiteT = t
	RegisterFailHandler(Fail)
	RunSpecs(t, "artefacts")
	return true
}

// entry returns the directory and the text of the only report entry.
func entry(t *testing.T, s types.SpecReport) (directory, text string) {
	t.Helper()
	if len(s.ReportEntries) != 1 {
		t.Errorf("%s: %d report entries, want 1: %v", s.LeafNodeText, len(s.ReportEntries), s.ReportEntries)
		return "", ""
	}
	e := s.ReportEntries[0]
	var value struct{ Directory, Text string }
	if err := json.Unmarshal([]byte(e.Value.AsJSON), &value); err != nil {
		t.Errorf("%v: %s", err, e.Value.AsJSON)
	}
	if e.Name != "artefacts of a failed wait" || e.Visibility != types.ReportEntryVisibilityNever {
		t.Errorf("entry = %+v", e)
	}
	return value.Directory, value.Text
}

func TestAFailedAwaitIsInTheReportOfItsSpec(t *testing.T) {
	if play(t) {
		return
	}
	dir := t.TempDir()
	all := specs(t, "specs", eventually.ArtefactsVariable+"="+dir)
	for name, want := range map[string]struct{ directory, message string }{
		"fails by Await":     {"the-pool-fails-by-Await.Await-func-int-.Should-Equal", "the pool has two\nExpected\n    <int>: 0\nto equal\n    <int>: 2"},
		"fails in a bubble":  {"the-pool-fails-in-a-bubble.Await-func-int-.Should-Equal", "did not happen within 1h0m0s (virtual)"},
		"fails by AwaitWith": {"the-pool-fails-by-AwaitWith.Await-func-int-.Should-Equal", "the pool has two\nExpected"},
		"fails by Until":     {"the-pool-fails-by-Until.it-is-two", `"it is two" has not happened`},
	} {
		directory, text := entry(t, all[name])
		if directory != filepath.Join(dir, want.directory) {
			t.Errorf("%s: directory = %s, want %s", name, directory, want.directory)
		}
		message := all[name].Failure.Message
		for _, text := range []string{text, message} {
			if !strings.Contains(text, want.message) || !strings.Contains(text, "artefacts:  "+directory) {
				t.Errorf("%s: %q or the directory is not in\n%s", name, want.message, text)
			}
		}
		if page, err := os.ReadFile(filepath.Join(directory, "timeline.html")); err != nil || !strings.Contains(string(page), "flight.trace") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"fails by Expect", "passes"} {
		if n := len(all[name].ReportEntries); n != 0 {
			t.Errorf("%s: %d report entries", name, n)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 4 {
		t.Errorf("%v, %v; want one directory for each failed wait", entries, err)
	}
}

func TestAFailedAwaitOfASuiteNodeIsInItsReport(t *testing.T) {
	if play(t) {
		return
	}
	dir := t.TempDir()
	if directory, _ := entry(t, specs(t, "before", eventually.ArtefactsVariable+"="+dir)["BeforeSuite"]); filepath.Dir(directory) != dir {
		t.Errorf("directory = %s", directory)
	}
}

func TestNothingIsAddedUnlessAskedFor(t *testing.T) {
	if play(t) {
		return
	}
	for name, s := range specs(t, "specs", eventually.ArtefactsVariable+"=") {
		if len(s.ReportEntries) != 0 || strings.Contains(s.Failure.Message, "artefacts:") {
			t.Errorf("%s: %v\n%s", name, s.ReportEntries, s.Failure.Message)
		}
	}
}

// Ginkgo refuses report entries outside its runs with a panic.
func TestAwaitLeavesArtefactsWithoutGinkgo(t *testing.T) {
	if os.Getenv(inSuite) != "" {
		waitInVain(NewWithT(t))
		return
	}
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), inSuite+"=plain", eventually.ArtefactsVariable+"="+dir, "GORACE=atexit_sleep_ms=0")
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "artefacts:  "+filepath.Join(dir, "Await-func-int-.Should-Equal")) || strings.Contains(string(out), "panic") {
		t.Errorf("%v\n%s", err, out)
	}
}
