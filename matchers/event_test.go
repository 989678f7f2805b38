package matchers_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/fakeclock"
	"github.com/sleepless-go/sleepless/foundation/telemetry"
	"github.com/sleepless-go/sleepless/foundation/telemetry/telemetrytest"
	. "github.com/sleepless-go/sleepless/matchers"
)

func TestReceiveEventMatchesByKindAndPayload(t *testing.T) {
	rec := newRecorder(t)
	emitPut(rec, "a")
	emitEvicted(rec, "a", "ttl")
	emitEvicted(rec, "b", "size")
	start := rec.Mark()
	emitEvicted(rec, "c", "size")
	isB := func(e evictedData) bool { return e.Key == "b" }
	for _, c := range []struct {
		name    string
		matcher types.GomegaMatcher
		want    bool
	}{
		{"kind", ReceiveEvent(evicted), true},
		{"nested matcher", ReceiveEvent(evicted, HaveField("Key", "a")), true},
		{"nested matcher that fits none", ReceiveEvent(evicted, HaveField("Key", "z")), false},
		{"nested function", ReceiveEvent(evicted, isB), true},
		{"nested value", ReceiveEvent(evicted, evictedData{Key: "b", Reason: "size"}), true},
		{"nested value that fits none", ReceiveEvent(evicted, evictedData{Key: "b", Reason: "ttl"}), false},
		{"all nested, on one event", ReceiveEvent(evicted, HaveField("Reason", "size"), isB), true},
		{"all nested, on different events", ReceiveEvent(evicted, HaveField("Reason", "ttl"), isB), false},
		{"HaveEmitted", HaveEmitted(put, HaveField("Key", "a")), true},
		{"exactly as often", ReceiveEvent(evicted).Times(3), true},
		{"less often", ReceiveEvent(evicted).Times(2), false},
		{"more often", ReceiveEvent(evicted).Times(4), false},
		{"never, and it was", ReceiveEvent(evicted).Times(0), false},
		{"never, and it was not", ReceiveEvent(evicted, HaveField("Key", "z")).Times(0), true},
		{"after a mark", ReceiveEvent(evicted, HaveField("Key", "c")).After(start), true},
		{"before a mark", ReceiveEvent(evicted, HaveField("Key", "a")).After(start), false},
		{"times after a mark", ReceiveEvent(evicted).Times(1).After(start), true},
		{"in order", ReceiveEvent(put).InOrder(ReceiveEvent(evicted), ReceiveEvent(evicted, isB)), true},
		{"out of order", ReceiveEvent(evicted).InOrder(ReceiveEvent(put)), false},
		{"in order, one event for two steps", ReceiveEvent(put).InOrder(ReceiveEvent(put)), false},
		{"record", ReceiveRecord("an event of key c", func(r telemetry.Record) bool { v, _ := r.Value("key"); return v == "c" }), true},
		{"no record", ReceiveRecord("an event of key z", func(r telemetry.Record) bool { v, _ := r.Value("key"); return v == "z" }), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, actual := range []any{rec, rec.Recorder} {
				if got, err := c.matcher.Match(actual); got != c.want || err != nil {
					t.Errorf("Match(%T) = %t, %v; want %t", actual, got, err, c.want)
				}
				if got, err := Not(c.matcher).Match(actual); got == c.want || err != nil {
					t.Errorf("Not: Match(%T) = %t, %v; want %t", actual, got, err, !c.want)
				}
			}
		})
	}
}

func TestReceiveEventFindsWhatComesLaterWithTheSameMatcher(t *testing.T) {
	rec, m := newRecorder(t), ReceiveEvent(put, HaveField("Key", "b")).Times(2)
	for i, want := range []bool{false, false, true, false} {
		emitPut(rec, "ab"[min(i, 1):][:1])
		if got, err := m.Match(rec); got != want || err != nil {
			t.Errorf("after %d events: %t, %v; want %t", i+1, got, err, want)
		}
	}
	if m.MatchMayChangeInTheFuture(rec) {
		t.Error("three of two may still become two")
	}
}

func TestReceiveEventConsumesNothing(t *testing.T) {
	rec, g := newRecorder(t), NewWithT(t)
	emitPut(rec, "a")
	g.Expect(rec).To(ReceiveEvent(put))
	g.Expect(rec).To(And(ReceiveEvent(put), ReceiveEvent(put)))
	g.Expect(rec).NotTo(Or(ReceiveEvent(evicted), Not(ReceiveEvent(put))))
	if n := len(rec.Unconsumed()); n != 1 {
		t.Errorf("%d events unconsumed, want 1", n)
	}
	telemetrytest.Await(t, "the wait still finds it", rec, put, nil)
}

func TestIntoStoresTheFirstMatchingPayloadAndOnlyOnAMatch(t *testing.T) {
	rec := newRecorder(t)
	for _, key := range []string{"a", "b", "c"} {
		emitEvicted(rec, key, "ttl")
	}
	got := evictedData{Key: "before"}
	m := ReceiveEvent(evicted, HaveField("Key", Not(Equal("a")))).Times(3).Into(&got)
	if ok, _ := m.Match(rec); ok || got.Key != "before" {
		t.Errorf("matched %t, and stored %q", ok, got.Key)
	}
	var second evictedData
	NewWithT(t).Expect(rec).To(ReceiveEvent(evicted, HaveField("Key", Not(Equal("a")))).Times(2).Into(&got).InOrder())
	NewWithT(t).Expect(rec).To(ReceiveEvent(evicted, HaveField("Key", "a")).InOrder(ReceiveEvent(evicted, HaveField("Key", "c")).Into(&second)))
	if got.Key != "b" || second.Key != "c" {
		t.Errorf("stored %q and %q, want b and c", got.Key, second.Key)
	}
}

func TestInOrderGoesByCommitSequenceNotByArrival(t *testing.T) {
	rec, g := newRecorder(t), NewWithT(t)
	evicted.Bind(rec).Emit(t.Context(), evictedData{Commit: telemetry.Commit{Instance: "box", Seq: 2}})
	put.Bind(rec).Emit(t.Context(), putData{Commit: telemetry.Commit{Instance: "box", Seq: 1}})
	g.Expect(rec).To(ReceiveEvent(put).InOrder(ReceiveEvent(evicted)))
	g.Expect(rec).NotTo(ReceiveEvent(evicted).InOrder(ReceiveEvent(put)))
}

func TestAMisusedMatcherSaysSoUnderNotToo(t *testing.T) {
	rec := newRecorder(t)
	emitEvicted(rec, "a", "ttl")
	for _, c := range []struct {
		name    string
		matcher types.GomegaMatcher
		actual  any
		want    string
	}{
		{"nil event", ReceiveEvent[putData](nil), rec, "nil event"},
		{"nested of a wrong type", ReceiveEvent(put, "a"), rec, "nested argument 1 is a string; give a Gomega matcher, a func(matchers_test.putData) bool or a matchers_test.putData"},
		{"nested nil function", ReceiveEvent(put, (func(putData) bool)(nil)), rec, "nil function"},
		{"nested matcher that cannot judge", ReceiveEvent(evicted, HaveField("Kee", "a")), rec, "could not judge"},
		{"negative times", ReceiveEvent(put).Times(-1), rec, "must not be negative"},
		{"times in order", ReceiveEvent(put).Times(1).InOrder(ReceiveEvent(put)), rec, "cannot be combined"},
		{"nil step", ReceiveEvent(put).InOrder(nil), rec, "step 1 is nil"},
		{"misused step", ReceiveEvent(put).InOrder(ReceiveEvent(put, 1)), rec, "nested argument 1"},
		{"nested error in order", ReceiveEvent(evicted, HaveField("Kee", "a")).InOrder(ReceiveEvent(put)), rec, "could not judge"},
		{"nil record function", ReceiveRecord("x", nil), rec, "nil function"},
		{"no recorder", ReceiveEvent(put), 3, "was given int"},
		{"nil recorder", ReceiveEvent(put), (*telemetrytest.Recorder)(nil), "not nil"},
		{"recorder of something else", HaveEmitted(put), eventually.NewRecorder[int](t), "needs a recorder"},
		{"BeIdle", BeIdle(), 3, "was given int"},
		{"BecomeTrue", BecomeTrue(), "yes", "was given string"},
		{"BecomeTrue of nil", BecomeTrue(), (func() bool)(nil), "not nil"},
		{"HaveArmedTimer", HaveArmedTimer(), 3, "was given int"},
		{"HaveArmedTimer of nil", HaveArmedTimer(), (*fakeclock.Fake)(nil), "not nil"},
		{"HaveArmedTimer of what", HaveArmedTimer(3), fakeclock.New(), "argument 1 is a int; give a time.Duration"},
		{"EventuallyCleanedUp", EventuallyCleanedUp(), 3, "cannot tell when a int is cleaned up; it needs one of the methods Stopped()"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, m := range []types.GomegaMatcher{c.matcher, Not(c.matcher)} {
				if ok, err := m.Match(c.actual); ok || err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("Match = %t, %v; want an error with %q", ok, err, c.want)
				}
			}
			if _, ours := c.matcher.(types.OracleMatcher); ours {
				mustContain(t, c.matcher.FailureMessage(c.actual)+c.matcher.NegatedFailureMessage(c.actual), c.want)
			}
		})
	}
}

func TestAForgetfulRecorderIsReadFromWhatItKeeps(t *testing.T) {
	rec := telemetrytest.NewRecorder(t, eventually.Keep(3))
	m, late := ReceiveEvent(put, HaveField("Key", "k0")), ReceiveEvent(put, HaveField("Key", "k8"))
	emitPut(rec, "k0")
	if ok, _ := m.Match(rec); !ok {
		t.Error("k0 was not found")
	}
	late.Match(rec)
	for i := range 9 {
		emitPut(rec, fmt.Sprint("k", i))
	}
	for range 2 {
		if ok, err := late.Match(rec); !ok || err != nil {
			t.Errorf("k8 is kept and was not found: %v", err)
		}
	}
	if ok, _ := m.Match(rec); !ok {
		t.Error("k0 was found once, and then not")
	}
	fresh := ReceiveEvent(put, HaveField("Key", "k0"))
	if ok, _ := fresh.Match(rec); ok {
		t.Error("k0 was found after it was forgotten")
	}
	mustContain(t, fresh.FailureMessage(rec), "forgotten its 7 oldest")
}

func TestConsistentlyEndsEarlyWhenNothingMoreCanCome(t *testing.T) {
	clock := fakeclock.New()
	for _, c := range []struct {
		name string
		make func(*telemetrytest.Recorder) types.GomegaMatcher
	}{
		{"closed recorder", func(r *telemetrytest.Recorder) types.GomegaMatcher { r.Close(); return ReceiveEvent(put) }},
		{"idle sources", func(*telemetrytest.Recorder) types.GomegaMatcher { return ReceiveEvent(put).From(clock) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rec := newRecorder(t)
				began := time.Now()
				NewWithT(t).Consistently(rec).WithTimeout(time.Hour).ShouldNot(c.make(rec))
				if took := time.Since(began); took != 0 {
					t.Errorf("took %v, want none", took)
				}
			})
		})
	}
}

func TestConsistentlyGoesOnWhileASourceIsBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec, clock := newRecorder(t), fakeclock.New()
		clock.AfterFunc(time.Minute, func() { emitPut(rec, "a") })
		time.AfterFunc(time.Second, func() { clock.Advance(time.Minute) })
		g := newFailures()
		g.Consistently(rec).WithTimeout(time.Hour).ShouldNot(ReceiveEvent(put).From(clock))
		mustContain(t, g.text(t), "not to have recorded", "matcherstest.box.put")
	})
}

func TestAwaitFailsAtOnceWhenNothingMoreCanCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec, clock, g := newRecorder(t), fakeclock.New(), newFailures()
		timer := clock.NewTimer(time.Hour)
		time.AfterFunc(eventAt, func() { timer.Stop() })
		began := time.Now()
		AwaitWith(g, rec).Should(ReceiveEvent(put).From(clock))
		if took := time.Since(began); took != eventAt {
			t.Errorf("took %v, want %v: until the clock was idle", took, eventAt)
		}
		mustContain(t, g.text(t), "no future change is possible")
	})
}

func TestDescriptionsOfNestedMatchers(t *testing.T) {
	rec := newRecorder(t)
	for want, nested := range map[string]any{
		`HaveField("Key", Not(Equal("a")))`:               HaveField("Key", Not(Equal("a"))),
		`And(HaveField("Key", "a"), HaveField("Reason", `: And(HaveField("Key", "a"), HaveField("Reason", "b")),
		`with named`: named{},
		`with fixed`: fixed(false),
	} {
		mustContain(t, ReceiveEvent(evicted, nested).FailureMessage(rec), want)
	}
}

// named is a matcher that names itself.
type named struct{ fixed }

func (named) String() string { return "named" }

// nestedPayload has fields of every kind that a difference can be in.
type nestedPayload struct {
	telemetry.Commit
	Key string `telemetry:"attr" doc:"The key."`
	N   int64  `telemetry:"attr" doc:"A number."`
}

var counted = telemetry.NewEvent[nestedPayload]("matcherstest.box.counted", "Something was counted.")

func TestDifferencesNameTheFieldsOfEmbeddedStructsToo(t *testing.T) {
	rec := newRecorder(t)
	counted.Bind(rec).Emit(t.Context(), nestedPayload{Commit: telemetry.Commit{Instance: "box", Seq: 3}, Key: "a", N: 1})
	m := ReceiveEvent(counted, nestedPayload{Commit: telemetry.Commit{Instance: "box", Seq: 4}, Key: "a", N: 2})
	mustContain(t, m.FailureMessage(rec), "Seq: 3 is not 4\n        N: 1 is not 2")
}
