package eventually

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestAtOnceLooksOnceAndDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, looks := time.Now(), 0
		text := failure(func(s *spy) {
			Until(s, "it is so", func() bool { looks++; return false }, AtOnce())
		})
		if looks != 1 || time.Since(start) != 0 {
			t.Errorf("%d looks in %v, want 1 in no time", looks, time.Since(start))
		}
		if !strings.Contains(text, `"it is so" has not happened`) {
			t.Errorf("text = %s", text)
		}
		Until(t, "it is so", func() bool { return true }, AtOnce())
	})
}

func TestNeverAtOnceTellsWhatHasHappenedAlready(t *testing.T) {
	text := failure(func(s *spy) {
		Never(s, "the alarm rings", func() bool { return true }, AtOnce())
	})
	if !strings.Contains(text, `"the alarm rings" was not to happen, and it had happened already`) {
		t.Errorf("text = %s", text)
	}
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		Never(t, "the alarm rings", func() bool { return false }, AtOnce())
		if took := time.Since(start); took != 0 {
			t.Errorf("it watched for %v", took)
		}
	})
}

// A recorder among the sources shows its timeline; it must neither spoil the
// proof of idleness nor pass for one.
func TestAWitnessHasNoSayInIdleness(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var busy Var[bool]
		rec := NewRecorder[int](t)
		start := time.Now()
		Never(t, "it happens", func() bool { return rec.Len() > 0 }, On(rec, &busy, &alwaysIdle{}))
		if took := time.Since(start); took != 0 {
			t.Errorf("beside an idle source Never burnt %v of its window", took)
		}
		Never(t, "it happens", func() bool { return rec.Len() > 0 }, On(rec, &busy))
		if took := time.Since(start); took != DefaultWindow {
			t.Errorf("with witnesses only Never watched for %v, want the whole %v", took, DefaultWindow)
		}
	})
}

func TestNeverRemarksThatIdlenessWasNotProven(t *testing.T) {
	var c Counter
	s := &spy{}
	Never(s, "it happens", func() bool { return false }, On(&c), Within(time.Millisecond))
	if logs := strings.Join(s.logs, "\n"); !strings.Contains(logs, "was only watched for 1ms") || !strings.Contains(logs, "counter = 0") {
		t.Errorf("logs = %q", logs)
	}
}

func TestAwaitingNamesWhatIsLookedForAndWhatWasNotAccepted(t *testing.T) {
	rec := NewRecorder[int](nil)
	for _, n := range []int{1, 2, 3, 4} {
		rec.Emit(n)
	}
	text := failure(func(s *spy) {
		Event(s, "a big even number", rec, func(n int) bool { return n%2 == 0 && n > 10 }, AtOnce(),
			Awaiting("even numbers", func(e any) ([]string, bool) { return []string{"too small"}, e.(int)%2 == 0 }))
	})
	for _, want := range []string{"awaited:    even numbers (2 recorded since the search began)", " 4\n", " 2\n", "too small"} {
		if !strings.Contains(text, want) {
			t.Errorf("text lacks %q:\n%s", want, text)
		}
	}
	if near, _, _ := strings.Cut(text, "timeline"); strings.Contains(near, " 3\n") {
		t.Errorf("an odd number is called a candidate:\n%s", text)
	}
}

// noTimers is a clock on which nothing is armed.
type noTimers struct{ Signal }

func (*noTimers) Pending() []string { return nil }

func TestThatNoTimerIsArmedIsSaid(t *testing.T) {
	text := failure(func(s *spy) {
		Until(s, "it expires", func() bool { return false }, On(&noTimers{}), Within(time.Millisecond))
	})
	if !strings.Contains(text, "armed:      no timer") {
		t.Errorf("text = %s", text)
	}
}
