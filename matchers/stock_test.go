package matchers_test

import (
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/fakeclock"
	"github.com/sleepless-go/sleepless/foundation/telemetry/telemetrytest"
	. "github.com/sleepless-go/sleepless/matchers"
)

// In a bubble the time that a call form takes tells exactly whether its matcher
// blocked: the event comes after 3 ms, and Gomega looks every 10 ms.
const (
	eventAt = 3 * time.Millisecond
	pollAt  = 10 * time.Millisecond
)

// Each form is one line of source, since that is where a form is looked up.
var callForms = []struct {
	name string
	took time.Duration
	call func(g Gomega, rec *telemetrytest.Recorder, m types.GomegaMatcher)
}{
	{"Eventually.Should", eventAt, func(g Gomega, rec *telemetrytest.Recorder, m types.GomegaMatcher) { g.Eventually(rec).Should(m) }},
	{"Eventually.To", eventAt, func(g Gomega, rec *telemetrytest.Recorder, m types.GomegaMatcher) { g.Eventually(rec).To(m) }},
	{"Eventually with options", eventAt, func(g Gomega, rec *telemetrytest.Recorder, m types.GomegaMatcher) {
		g.Eventually(rec).WithTimeout(time.Second).ProbeEvery(pollAt).Should(m)
	}},
	{"Eventually over lines", eventAt, func(g Gomega, rec *telemetrytest.Recorder, m types.GomegaMatcher) {
		g.Eventually(rec).
			WithTimeout(time.Second).
			Should(
				m,
			)
	}},
	{"EventuallyWithOffset", eventAt, func(g Gomega, rec *telemetrytest.Recorder, m types.GomegaMatcher) {
		g.EventuallyWithOffset(1, rec).Should(m)
	}},
	{"Eventually of a function", eventAt, func(g Gomega, rec *telemetrytest.Recorder, m types.GomegaMatcher) {
		g.Eventually(func() any { return rec }).Should(m)
	}},
	{"Eventually beside Expect", eventAt, func(g Gomega, rec *telemetrytest.Recorder, m types.GomegaMatcher) {
		both(g.Expect(1).To(Equal(1)), g.Eventually(rec).Should(m))
	}},

	{"Eventually.ShouldNot", 0, func(g Gomega, rec *telemetrytest.Recorder, m types.GomegaMatcher) { g.Eventually(rec).ShouldNot(m) }},
	{"Eventually.NotTo", 0, func(g Gomega, rec *telemetrytest.Recorder, m types.GomegaMatcher) { g.Eventually(rec).NotTo(m) }},
	{"Eventually.ToNot", 0, func(g Gomega, rec *telemetrytest.Recorder, m types.GomegaMatcher) { g.Eventually(rec).ToNot(m) }},
	{"Eventually Not", 0, func(g Gomega, rec *telemetrytest.Recorder, m types.GomegaMatcher) { g.Eventually(rec).Should(Not(m)) }},
	{"Eventually And", pollAt, func(g Gomega, rec *telemetrytest.Recorder, m types.GomegaMatcher) {
		g.Eventually(rec).Should(And(m, m))
	}},
	{"Eventually Or", pollAt, func(g Gomega, rec *telemetrytest.Recorder, m types.GomegaMatcher) {
		g.Eventually(rec).Should(Or(m, BeNil()))
	}},
	{"Eventually WithTransform", pollAt, func(g Gomega, rec *telemetrytest.Recorder, m types.GomegaMatcher) {
		g.Eventually(rec).Should(WithTransform(func(r *telemetrytest.Recorder) any { return r }, m))
	}},
	{"Eventually of func(Gomega)", pollAt, func(g Gomega, rec *telemetrytest.Recorder, m types.GomegaMatcher) {
		g.Eventually(func(g Gomega) { g.Expect(rec).To(m) }).Should(Succeed())
	}},
	{"Eventually kept in a variable", pollAt, func(g Gomega, rec *telemetrytest.Recorder, m types.GomegaMatcher) {
		a := g.Eventually(rec)
		a.Should(m)
	}},
	{"Eventually beside Consistently", pollAt, func(g Gomega, rec *telemetrytest.Recorder, m types.GomegaMatcher) {
		both(g.Eventually(rec).Should(m), g.Consistently(1, 0).Should(Equal(1)))
	}},

	{"Consistently.Should fails at once", 0, func(g Gomega, rec *telemetrytest.Recorder, m types.GomegaMatcher) { g.Consistently(rec).Should(m) }},
	{"Consistently.To fails at once", 0, func(g Gomega, rec *telemetrytest.Recorder, m types.GomegaMatcher) { g.Consistently(rec).To(m) }},
	{"Consistently.ShouldNot fails at its poll", pollAt, func(g Gomega, rec *telemetrytest.Recorder, m types.GomegaMatcher) { g.Consistently(rec).ShouldNot(m) }},
	{"Expect.To fails at once", 0, func(g Gomega, rec *telemetrytest.Recorder, m types.GomegaMatcher) { g.Expect(rec).To(m) }},
	{"Expect.NotTo", 0, func(g Gomega, rec *telemetrytest.Recorder, m types.GomegaMatcher) { g.Expect(rec).NotTo(m) }},
	{"Match called directly", 0, func(_ Gomega, rec *telemetrytest.Recorder, m types.GomegaMatcher) { m.Match(rec) }},

	{"Await.Should", eventAt, func(g Gomega, rec *telemetrytest.Recorder, m types.GomegaMatcher) { AwaitWith(g, rec).Should(m) }},
	{"Await.To", eventAt, func(g Gomega, rec *telemetrytest.Recorder, m types.GomegaMatcher) { AwaitWith(g, rec).To(m) }},
	{"Await And", eventAt, func(g Gomega, rec *telemetrytest.Recorder, m types.GomegaMatcher) {
		AwaitWith(g, rec).Should(And(m, m))
	}},
	{"Await Or", eventAt, func(g Gomega, rec *telemetrytest.Recorder, m types.GomegaMatcher) {
		AwaitWith(g, rec).Should(Or(m, BeNil()))
	}},
	{"Await WithTransform", eventAt, func(g Gomega, rec *telemetrytest.Recorder, m types.GomegaMatcher) {
		AwaitWith(g, rec).Should(WithTransform(func(r *telemetrytest.Recorder) any { return r }, m))
	}},
	{"Await of func(Gomega)", eventAt, func(g Gomega, rec *telemetrytest.Recorder, m types.GomegaMatcher) {
		AwaitWith(g, func(g Gomega) { g.Expect(rec).To(m) }, rec).Should(Succeed())
	}},
	{"Await Not", 0, func(g Gomega, rec *telemetrytest.Recorder, m types.GomegaMatcher) { AwaitWith(g, rec).Should(Not(m)) }},
	{"Await.ShouldNot", 0, func(g Gomega, rec *telemetrytest.Recorder, m types.GomegaMatcher) { AwaitWith(g, rec).ShouldNot(m) }},
}

// needSource skips a test in a binary that does not know where its source is
// (-trimpath); matchers do not block there.
func needSource(t *testing.T) {
	t.Helper()
	if _, file, _, _ := runtime.Caller(0); !filepath.IsAbs(file) {
		t.Skip("this binary was built with -trimpath")
	}
}

// both lets two assertions stand in one line.
func both(...bool) {}

func TestAMatcherBlocksOnlyWhereTheCallSaysSo(t *testing.T) {
	needSource(t)
	for _, form := range callForms {
		t.Run(form.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rec := newRecorder(t)
				time.AfterFunc(eventAt, func() { emitPut(rec, "a") })
				began := time.Now()
				form.call(newFailures(), rec, ReceiveEvent(put))
				if took := time.Since(began); took != form.took {
					t.Errorf("took %v of virtual time, want %v", took, form.took)
				}
			})
		})
	}
}

func TestAPassingCheckNeverWaits(t *testing.T) {
	for _, form := range callForms {
		t.Run(form.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rec := newRecorder(t)
				emitPut(rec, "a")
				began, g := time.Now(), newFailures()
				form.call(g, rec, ReceiveEvent(put))
				if len(g.texts) > 0 {
					return // the form forbids the event
				}
				want := time.Duration(0)
				if strings.HasPrefix(form.name, "Consistently") {
					want = pollAt // its second look finds that the verdict is final
				}
				if took := time.Since(began); took != want {
					t.Errorf("took %v of virtual time, want %v", took, want)
				}
			})
		})
	}
}

func TestASliceEndsAndEventuallyFindsLaterEventsAtItsNextLook(t *testing.T) {
	needSource(t)
	for _, c := range []struct {
		name    string
		at      time.Duration
		matcher types.GomegaMatcher
		took    time.Duration
	}{
		{"in the first slice", 49 * time.Millisecond, ReceiveEvent(put), 49 * time.Millisecond},
		{"between slices", 53 * time.Millisecond, ReceiveEvent(put), 60 * time.Millisecond},
		{"in the second slice", 71 * time.Millisecond, ReceiveEvent(put), 71 * time.Millisecond},
		{"in a longer slice", 300 * time.Millisecond, ReceiveEvent(put).BlockFor(time.Second), 300 * time.Millisecond},
		{"without slices", 12 * time.Millisecond, ReceiveEvent(put).BlockFor(0), 20 * time.Millisecond},
		{"HaveEmitted", 12 * time.Millisecond, HaveEmitted(put), 20 * time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rec := newRecorder(t)
				time.AfterFunc(c.at, func() { emitPut(rec, "a") })
				began := time.Now()
				NewWithT(t).Eventually(rec).Should(c.matcher)
				if took := time.Since(began); took != c.took {
					t.Errorf("took %v, want %v", took, c.took)
				}
			})
		})
	}
}

func TestABlockedMatcherEndsWithTheSourceAndNotWithTheSlice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := newRecorder(t)
		time.AfterFunc(eventAt, rec.Close)
		began, g := time.Now(), newFailures()
		g.Eventually(rec).Should(ReceiveEvent(put))
		mustContain(t, g.text(t), "the recorder is closed")
		if took := time.Since(began); took > pollAt+eventAt {
			t.Errorf("took %v, want no more than one poll after the close", took)
		}
	})
}

func TestTheOtherMatchersBlockUnderEventuallyToo(t *testing.T) {
	needSource(t)
	for _, c := range []struct {
		name string
		make func() (actual any, m types.GomegaMatcher, change func())
	}{
		{"BeIdle", func() (any, types.GomegaMatcher, func()) {
			f := fakeclock.New()
			timer := f.NewTimer(time.Hour)
			return f, BeIdle(), func() { timer.Stop() }
		}},
		{"HaveArmedTimer", func() (any, types.GomegaMatcher, func()) {
			f := fakeclock.New()
			return f, HaveArmedTimer(time.Hour), func() { f.NewTimer(time.Hour) }
		}},
		{"BecomeTrue", func() (any, types.GomegaMatcher, func()) {
			var v eventually.Var[bool]
			return &v, BecomeTrue(), func() { v.Set(true) }
		}},
		{"EventuallyCleanedUp", func() (any, types.GomegaMatcher, func()) {
			s := stopper(make(chan struct{}))
			return s, EventuallyCleanedUp(), func() { close(s) }
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				actual, m, change := c.make()
				time.AfterFunc(eventAt, change)
				began := time.Now()
				NewWithT(t).Eventually(actual).Should(m)
				if took := time.Since(began); took != eventAt {
					t.Errorf("took %v, want %v", took, eventAt)
				}
			})
		})
	}
}

type stopper chan struct{}

func (s stopper) Stopped() <-chan struct{} { return s }
