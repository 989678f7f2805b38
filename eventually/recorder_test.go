package eventually

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/sleepless-go/sleepless/foundation/clock"
)

func is[E comparable](want E) func(E) bool { return func(e E) bool { return e == want } }

func emit[E any](r *Recorder[E], events ...E) {
	for _, e := range events {
		r.Emit(e)
	}
}

func TestARecorderRemembersEverything(t *testing.T) {
	r := NewRecorder[int](t)
	emit(r, 1, 2)
	mark := r.Mark()
	emit(r, 3, 4, 3)
	if got := r.History(); !slices.Equal(got, []int{1, 2, 3, 4, 3}) {
		t.Errorf("History() = %v", got)
	}
	if got := r.Since(mark); !slices.Equal(got, []int{3, 4, 3}) {
		t.Errorf("Since(mark) = %v", got)
	}
	if got := r.Ordered(mark); !slices.Equal(got, []int{3, 4, 3}) {
		t.Errorf("Ordered(mark) = %v", got)
	}
	if n := r.Count(is(3)); n != 2 || r.Len() != 5 || r.Forgotten() != 0 {
		t.Errorf("Count = %d, Len = %d, Forgotten = %d", n, r.Len(), r.Forgotten())
	}
	if got := r.Since(99); len(got) != 0 {
		t.Errorf("Since(beyond) = %v", got)
	}
}

func TestKeepForgetsTheOldestAndKeepsPositions(t *testing.T) {
	r := NewRecorder[int](t, Keep(3))
	for i := range 10 {
		r.Emit(i)
		want := []int{}
		for j := max(0, i-2); j <= i; j++ {
			want = append(want, j)
		}
		if got := r.History(); !slices.Equal(got, want) {
			t.Fatalf("after %d: History() = %v, want %v", i, got, want)
		}
		if got := r.Since(Mark(i)); !slices.Equal(got, []int{i}) {
			t.Fatalf("after %d: Since(%d) = %v", i, i, got)
		}
	}
	if r.Len() != 10 || r.Forgotten() != 7 {
		t.Errorf("Len = %d, Forgotten = %d; want 10, 7", r.Len(), r.Forgotten())
	}
	if got := Event(t, "9", r, is(9), After(8)); got != 9 {
		t.Errorf("got %d", got)
	}
	moments, total := r.Timeline(2)
	if total != 10 || len(moments) != 2 || moments[1].Text != "9" {
		t.Errorf("Timeline = %v, %d", moments, total)
	}
	mustPanic(t, "must keep at least one event", func() { Keep(0) })
}

func TestAClosedRecorderRecordsNothingMore(t *testing.T) {
	r := NewRecorder[int](nil)
	r.Emit(1)
	r.Close()
	r.Close()
	r.Emit(2)
	if !r.Closed() || r.Late() != 1 || !slices.Equal(r.History(), []int{1}) {
		t.Errorf("Closed %v, Late %d, History %v", r.Closed(), r.Late(), r.History())
	}
	s := &spy{}
	owned := NewRecorder[int](s)
	s.finish()
	if !owned.Closed() {
		t.Error("the end of its test did not close the recorder")
	}
}

func TestStrictFailsForWhatNothingConsumed(t *testing.T) {
	if text := failure(func(s *spy) {
		r := NewRecorder[int](s).Strict()
		emit(r, 1, 2, 3, 4)
		Event(s, "2", r, is(2))
		InOrder(s, "3, 4", r, []func(int) bool{is(3), is(4)})
		if got := r.Unconsumed(); !slices.Equal(got, []int{1}) {
			t.Errorf("Unconsumed() = %v", got)
		}
		if n := r.Skip(); n != 1 {
			t.Errorf("Skip() = %d, want 1", n)
		}
	}); text != "" {
		t.Errorf("failed: %s", text)
	}
	mustContain(t, failure(func(s *spy) {
		r := NewRecorder[int](s, Named("numbers")).Strict()
		emit(r, 1, 2)
		Event(s, "1", r, is(1))
	}), "numbers: 1 event not consumed by any wait:", "2\n", "call Skip")
	mustPanic(t, "Strict needs a TB with a Cleanup method", func() { NewRecorder[int](bare{&spy{}}).Strict() })
}

func TestStrictCountsWhatWasForgottenUnconsumed(t *testing.T) {
	mustContain(t, failure(func(s *spy) {
		r := NewRecorder[int](s, Keep(1)).Strict()
		emit(r, 1, 2)
		Event(s, "2", r, is(2), After(1))
	}), "1 event not consumed by any wait:", "1 event that Keep made it forget")
	if text := failure(func(s *spy) {
		r := NewRecorder[int](s, Keep(1)).Strict()
		emit(r, 1, 2)
		if n := r.Skip(); n != 2 {
			t.Errorf("Skip() = %d, want 2", n)
		}
	}); text != "" {
		t.Errorf("failed: %s", text)
	}
}

func TestARecorderIsStampedByItsClock(t *testing.T) {
	c := &handClock{Clock: clock.System(), now: time.Unix(0, 0)}
	r := NewRecorder[int](nil, StampWith(c), nil)
	c.now = c.now.Add(42 * time.Second)
	r.Emit(1)
	if moments, _ := r.Timeline(1); moments[0].At != 42*time.Second {
		t.Errorf("stamped %v, want 42s", moments[0].At)
	}
	NewRecorder[int](nil, StampWith(nil)).Emit(1)
}

type handClock struct {
	clock.Clock
	now time.Time
}

func (c *handClock) Now() time.Time { return c.now }

func TestARecorderOfAnInterfaceHasAName(t *testing.T) {
	if got := NewRecorder[error](nil).String(); got != "recorder of error" {
		t.Errorf("String() = %q", got)
	}
}

func TestEmitIsSafeFromManyGoroutinesWhileOthersLookBack(t *testing.T) {
	r := NewRecorder[int](t, Keep(64)).DescribeWith(func(int) string { return "n" })
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for i := range 1000 {
				r.Emit(i)
			}
		})
		all.Go(func() {
			for range 100 {
				r.Timeline(8)
				r.History()
				r.Count(is(7))
			}
		})
	}
	all.Wait()
	if r.Len() != 4000 || r.Forgotten() != 3936 {
		t.Errorf("Len %d, Forgotten %d", r.Len(), r.Forgotten())
	}
}
