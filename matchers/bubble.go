package matchers

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/onsi/ginkgo/v2"

	"github.com/sleepless-go/sleepless/eventually"
)

// InBubble runs body in an [eventually.Bubble] from inside a Ginkgo spec: time
// is virtual there, and passes only when everything is blocked; opts are that
// function's. t is the suite's, kept by the function that runs the specs:
//
//	var suiteT *testing.T
//
//	func TestSuite(t *testing.T) {
//		suiteT = t
//		RegisterFailHandler(Fail)
//		RunSpecs(t, "suite")
//	}
//
//	It("expires after an hour", func() {
//		InBubble(suiteT, func(t *testing.T) {
//			c := cache.New(…)             // made inside, so that its timers are virtual
//			eventually.Advance(time.Hour) // takes no time
//			Expect(c.Len()).To(BeZero())
//		})
//	})
//
// The body may fail in any way: through Gomega's registered handler, through
// NewWithT(t), through t, by a panic, or by leaving goroutines blocked for ever,
// which the bubble finds and lists. Each fails the spec, and the next specs go
// on. A bubble that hangs ends the process, with the reason on standard error.
// Skip works too. What the body needs must be made inside it, and SpecContext must
// stay outside: Ginkgo ends it from outside the bubble, which would crash the
// process. Take t.Context() instead; Await refuses a SpecContext in a bubble.
// Goroutines of the body need defer GinkgoRecover(), as everywhere in Ginkgo.
//
// The body runs as a subtest of t, named after the spec. Only failures reported
// through t fail the subtest, and with it the go test, for good: a spec that
// passes on a later of several flake attempts then passes in Ginkgo and fails
// in go test. All other failures are Ginkgo's alone, whose RunSpecs fails t when
// the suite has ended.
func InBubble(t *testing.T, body func(t *testing.T), opts ...eventually.BubbleOption) {
	ginkgo.GinkgoHelper()
	switch {
	case t == nil:
		ginkgo.Fail("InBubble was given a nil *testing.T: store the one of the Test function that calls RunSpecs in a variable of the package, before RunSpecs, and give that", 1)
	case body == nil:
		ginkgo.Fail("InBubble was given a nil body", 1)
	}
	t.Helper()
	r := &bubbleRun{body: body, options: opts}
	t.Run(specName(), r.run)
	if text := r.failure(t.Name()); text != "" {
		ginkgo.Fail(text, 1) // the first failure of a spec counts, so this adds to no other
	}
}

func specName() string {
	name := ginkgo.CurrentSpecReport().LeafNodeText
	if name == "" {
		return "bubble"
	}
	return name
}

// bubbleRun is one run of a body, and what became of it.
type bubbleRun struct {
	body     func(*testing.T)
	options  []eventually.BubbleOption
	began    bool
	returned bool   // the body did
	failed   bool   // by way of its T
	skipped  bool   // by way of its T
	log      string // of its T
}

// run is the subtest. Its deferred function is the last to run, when the bubble
// is over and nothing writes to the log any more.
func (r *bubbleRun) run(t *testing.T) {
	t.Helper()
	defer func() {
		r.failed = t.Failed()
		r.log = logOf(t)
	}()
	eventually.Bubble(t, func(t *testing.T) {
		r.began = true
		defer ginkgo.GinkgoRecover() // tells Ginkgo of a panic, with its stack
		defer func() { r.skipped = t.Skipped() }()
		r.body(t)
		r.returned = true
	}, r.options...)
}

func (r *bubbleRun) failure(test string) string {
	switch {
	case !r.began && !r.failed:
		return fmt.Sprintf("InBubble did not run its body: the -run flag of go test leaves out subtests of %s; give -run without a slash and select specs with -ginkgo.focus", test)
	case r.failed && r.log != "":
		return "The bubble failed its *testing.T:\n" + r.log
	case r.failed:
		return "The bubble failed its *testing.T; what it said stands above, in the output of go test -v"
	case !r.returned && r.skipped:
		ginkgo.Skip("the body of InBubble skipped its *testing.T", 2)
		return ""
	case !r.returned:
		return "The body of InBubble did not return"
	default:
		return ""
	}
}

// logOf returns what a finished test has logged and has not passed on yet. The
// testing package has no way to ask, so this reads the field by its name; where
// there is none, or -v has printed the log already, it returns "".
func logOf(t *testing.T) string {
	f := reflect.ValueOf(t).Elem().FieldByName("output")
	if !f.IsValid() || f.Kind() != reflect.Slice || f.Type().Elem().Kind() != reflect.Uint8 {
		return ""
	}
	const margin = "    " // of the testing package
	var lines []string
	for line := range strings.SplitSeq(string(f.Bytes()), "\n") {
		if text := strings.TrimSpace(line); text != "" && !strings.HasPrefix(text, "--- ") && !strings.HasPrefix(text, "=== ") {
			lines = append(lines, "    "+strings.TrimPrefix(strings.TrimRight(line, " \t"), margin))
		}
	}
	return strings.Join(lines, "\n")
}
