package matchers_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/fakeclock"
	"github.com/sleepless-go/sleepless/foundation/telemetry/telemetrytest"
	. "github.com/sleepless-go/sleepless/matchers"
)

var update = flag.Bool("update", false, "write the failure texts to testdata instead of comparing them")

// failingCase is an assertion that fails.
type failingCase struct {
	name string
	fail func(g Gomega, rec *telemetrytest.Recorder)
}

var failingCases = []failingCase{
	{"no event of the kind", func(g Gomega, rec *telemetrytest.Recorder) {
		emitPut(rec, "a")
		emitPut(rec, "b")
		g.Expect(rec).To(ReceiveEvent(evicted, HaveField("Key", "a")))
	}},
	{"closest candidates by matcher", func(g Gomega, rec *telemetrytest.Recorder) {
		emitPut(rec, "a")
		emitEvicted(rec, "b", "ttl")
		emitEvicted(rec, "c", "size")
		g.Expect(rec).To(ReceiveEvent(evicted, HaveField("Key", "a"), HaveField("Reason", "ttl")))
	}},
	{"closest candidates by value", func(g Gomega, rec *telemetrytest.Recorder) {
		emitEvicted(rec, "b", "ttl")
		emitEvicted(rec, "c", "size")
		emitEvicted(rec, "a", "size")
		emitEvicted(rec, "d", "size")
		g.Expect(rec).To(ReceiveEvent(evicted, evictedData{Key: "a", Reason: "ttl"}))
	}},
	{"closest candidates by function", func(g Gomega, rec *telemetrytest.Recorder) {
		emitEvicted(rec, "b", "ttl")
		g.Expect(rec).To(ReceiveEvent(evicted, func(e evictedData) bool { return e.Key == "a" }))
	}},
	{"nothing recorded", func(g Gomega, rec *telemetrytest.Recorder) {
		g.Expect(rec).To(HaveEmitted(evicted), "after %s", "closing")
	}},
	{"too often", func(g Gomega, rec *telemetrytest.Recorder) {
		emitEvicted(rec, "a", "ttl")
		emitEvicted(rec, "b", "ttl")
		g.Expect(rec).To(ReceiveEvent(evicted).Times(1))
	}},
	{"before the mark", func(g Gomega, rec *telemetrytest.Recorder) {
		emitEvicted(rec, "a", "ttl")
		mark := rec.Mark()
		emitPut(rec, "b")
		g.Expect(rec).To(ReceiveEvent(evicted).After(mark))
	}},
	{"closed", func(g Gomega, rec *telemetrytest.Recorder) {
		emitPut(rec, "b")
		rec.Close()
		g.Expect(rec).To(ReceiveEvent(evicted))
	}},
	{"out of order", func(g Gomega, rec *telemetrytest.Recorder) {
		emitEvicted(rec, "a", "ttl")
		emitPut(rec, "a")
		emitPut(rec, "b")
		g.Expect(rec).To(ReceiveEvent(put).InOrder(ReceiveEvent(evicted, HaveField("Key", "a")), ReceiveEvent(put, HaveField("Key", "z"))))
	}},
	{"unwanted", func(g Gomega, rec *telemetrytest.Recorder) {
		for _, key := range []string{"a", "b", "c", "d"} {
			emitPut(rec, key)
			emitEvicted(rec, key, "ttl")
		}
		g.Expect(rec).NotTo(ReceiveEvent(evicted, HaveField("Reason", "ttl")))
	}},
	{"unwanted order", func(g Gomega, rec *telemetrytest.Recorder) {
		emitPut(rec, "a")
		emitEvicted(rec, "a", "ttl")
		g.Expect(rec).NotTo(ReceiveEvent(put).InOrder(ReceiveEvent(evicted)))
	}},
	{"Await an event", func(g Gomega, rec *telemetrytest.Recorder) {
		clock := fakeclock.New()
		time.AfterFunc(20*time.Millisecond, func() { emitPut(rec, "a") })
		time.AfterFunc(60*time.Millisecond, func() { emitEvicted(rec, "b", "ttl") })
		AwaitWith(g, rec, clock).WithTimeout(time.Second).Should(ReceiveEvent(evicted, HaveField("Key", "a")), "box %q", "attic")
	}},
	{"Await a value", func(g Gomega, rec *telemetrytest.Recorder) {
		for i := range 3 {
			time.AfterFunc(time.Duration(i+1)*time.Millisecond, func() { emitPut(rec, "abc"[i:][:1]) })
		}
		AwaitWith(g, rec.Len, rec).WithTimeout(time.Second).Should(Equal(2 + 2))
	}},
	{"Await without a source", func(g Gomega, rec *telemetrytest.Recorder) {
		AwaitWith(g, rec.Len).WithTimeout(time.Minute).WithPolling(7 * time.Second).ShouldNot(BeZero())
	}},
	{"Await a function that fails in between", func(g Gomega, rec *telemetrytest.Recorder) {
		time.AfterFunc(time.Millisecond, func() { emitPut(rec, "a") })
		AwaitWith(g, func() (int, error) {
			if rec.Len() > 0 {
				return 0, errors.New("connection refused")
			}
			return 3, nil
		}, rec).WithTimeout(time.Second).Should(Equal(4))
	}},
	{"Await a func(Gomega)", func(g Gomega, rec *telemetrytest.Recorder) {
		AwaitWith(g, func(g Gomega) { g.Expect(rec.Len()).To(Equal(1), "events") }, rec).WithTimeout(time.Second).Should(Succeed())
	}},
	{"Await told to stop", func(g Gomega, rec *telemetrytest.Recorder) {
		AwaitWith(g, func() (int, error) { return 0, StopTrying("the server has exited").Attach("exit code", 3) }, rec).Should(Equal(1))
	}},
	{"Await a matcher that cannot judge", func(g Gomega, rec *telemetrytest.Recorder) {
		AwaitWith(g, 1, rec).WithTimeout(time.Second).Should(HaveLen(2))
	}},
	{"Await cleaning up", func(g Gomega, _ *telemetrytest.Recorder) {
		w := whole{stopper(make(chan struct{})), &closer{}, &eventually.Counter{}}
		w.leases.Add(2)
		AwaitWith(g, w).WithTimeout(time.Second).Should(EventuallyCleanedUp())
	}},
}

// Every text is compared whole. Run the tests with -update to write them anew,
// and read what has changed.
func TestFailureTexts(t *testing.T) {
	for _, c := range failingCases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := newFailures()
				c.fail(g, newRecorder(t))
				golden(t, c.name, g.text(t))
			})
		})
	}
}

func golden(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join("testdata", strings.ReplaceAll(name, " ", "_")+".golden")
	got := normalize(text) + "\n"
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
