package eventually

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"
)

func TestEventFindsThePastAndWaitsForTheFuture(t *testing.T) {
	r := NewRecorder[int](t)
	r.Emit(1)
	if got := Event(t, "1", r, is(1)); got != 1 {
		t.Errorf("got %d", got)
	}
	go r.Emit(2)
	if got := Event(t, "2", r, is(2)); got != 2 {
		t.Errorf("got %d", got)
	}
}

func TestTwoWaitsForTheSameKindFindTwoEvents(t *testing.T) {
	r := NewRecorder[moved](t)
	emit(r, moved{Kind: "put", Key: "a"}, moved{Kind: "get"}, moved{Kind: "put", Key: "b"})
	put := func(m moved) bool { return m.Kind == "put" }
	first, second := Event(t, "put", r, put), Event(t, "put", r, put)
	if first.Key != "a" || second.Key != "b" {
		t.Errorf("got %v, %v", first, second)
	}
	if got := r.Unconsumed(); len(got) != 1 || got[0].Kind != "get" {
		t.Errorf("unconsumed: %v", got)
	}
}

func TestAfterSearchesFromAMark(t *testing.T) {
	r := NewRecorder[int](t)
	mark := r.Mark()
	emit(r, 1, 2)
	Event(t, "2", r, is(2))
	if got := Event(t, "1", r, is(1), After(mark)); got != 1 { // behind the cursor
		t.Errorf("got %d", got)
	}
	inBubble(t, func(t *testing.T) {
		text := failure(func(s *spy) { Event(s, "2", r, is(2), After(mark)) })
		mustContain(t, text, "last check: 2 events, none matches") // what was consumed is not found again
	})
}

func TestMatchIsAskedOnceForEachEvent(t *testing.T) {
	r := NewRecorder[int](t)
	asked := map[int]int{}
	go emit(r, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9)
	Event(t, "9", r, func(n int) bool { asked[n]++; return n == 9 })
	for n := range 10 {
		if asked[n] != 1 {
			t.Errorf("asked %d times about %d", asked[n], n)
		}
	}
}

func TestConcurrentWaitsConsumeEachEventExactlyOnce(t *testing.T) {
	const waits, each = 8, 200
	r := NewRecorder[int](t)
	var mu sync.Mutex
	var got []int
	var all sync.WaitGroup
	for range waits {
		all.Go(func() {
			for range each {
				n := Event(t, "any", r, func(int) bool { return true }, Within(time.Hour))
				mu.Lock()
				got = append(got, n)
				mu.Unlock()
			}
		})
	}
	for w := range waits {
		all.Go(func() {
			for i := range each {
				r.Emit(w*each + i)
			}
		})
	}
	all.Wait()
	slices.Sort(got)
	for i, n := range got {
		if n != i {
			t.Fatalf("event %d was consumed more or less than once (%d in its place)", i, n)
		}
	}
	if left := r.Unconsumed(); len(got) != waits*each || len(left) != 0 {
		t.Errorf("%d consumed, %d left", len(got), len(left))
	}
}

func TestAClosedRecorderFailsAWaitForMoreAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := NewRecorder[int](t)
		start := time.Now()
		time.AfterFunc(time.Second, r.Close)
		s := &search[int]{r: r, match: is(1)}
		report := s.run(&spy{}, "1", nil)
		mustBe(t, report.Err, ErrFailFast, ErrClosed)
		if d := time.Since(start); d != time.Second {
			t.Errorf("took %v, want 1s", d)
		}
	})
	r := NewRecorder[int](t)
	r.Emit(1)
	r.Close()
	Event(t, "1", r, is(1)) // what was recorded before can still be found
}

func TestEventsThatWereForgottenUnseenFailTheWait(t *testing.T) {
	r := NewRecorder[int](t, Keep(2))
	emit(r, 1, 2, 3)
	report := (&search[int]{r: r, match: is(3)}).run(&spy{}, "3", nil)
	mustBe(t, report.Err, ErrFailFast, ErrForgotten)
	ordered := (&sequence[int]{r: r, steps: []func(int) bool{is(3)}}).run(&spy{}, "3", nil)
	mustBe(t, ordered.Err, ErrForgotten)
	r.Skip()
	r.Emit(4)
	Event(t, "4", r, is(4))
}

func TestAnEventForgottenWhileItIsMatchedIsNotConsumed(t *testing.T) {
	r := NewRecorder[int](t, Keep(1))
	r.Emit(1)
	report := (&search[int]{r: r, match: func(int) bool { r.Emit(2); return true }}).run(&spy{}, "1", nil)
	mustBe(t, report.Err, ErrForgotten)
}

func TestTheHintKnowsPositionsAlsoAfterForgetting(t *testing.T) {
	r := NewRecorder[int](nil, Keep(4))
	emit(r, 1, 2, 3, 4, 5, 6)
	r.Skip()
	r.Emit(7)
	s := &search[int]{r: r, match: is(7), started: 6}
	if hint := s.hint(); hint != "" {
		t.Errorf("the event of this search was taken for an earlier one: %s", hint)
	}
	s.match = is(5)
	mustContain(t, s.hint(), "an earlier wait consumed it")
}

func TestEventLikeComparesTheFieldsThatAreSet(t *testing.T) {
	r := NewRecorder[moved](t)
	emit(r, moved{"put", "a", "", 1}, moved{"evict", "a", "ttl", 1}, moved{"evict", "a", "full", 2})
	if got := EventLike(t, "full", r, moved{Kind: "evict", Reason: "full"}); got.Size != 2 {
		t.Errorf("got %+v", got)
	}
}

func TestNearNamesAMatchThatAnotherWaitConsumed(t *testing.T) {
	r := NewRecorder[moved](nil)
	r.Emit(moved{Kind: "put"})
	r.Skip()
	p := newPattern(moved{Kind: "put"})
	s := &search[moved]{r: r, differences: p.differences}
	if near := s.near(); len(near) != 2 || near[1] != "    another wait consumed it" {
		t.Errorf("near = %q", near)
	}
}

func TestNearShowsFewDifferencesOfEach(t *testing.T) {
	r := NewRecorder[moved](nil)
	emit(r, moved{}, moved{})
	p := newPattern(moved{"put", "a", "why", 9})
	near := (&search[moved]{r: r, differences: p.differences}).near()
	if len(near) != 5 || near[4] != "    … 4 differences in all" {
		t.Errorf("near = %q", near)
	}
}

type pair struct {
	stream string
	seq    uint64
}

func byStream(p pair) (string, uint64, bool) { return p.stream, p.seq, p.stream != "" }

func TestInOrderGoesBySequenceWhateverTheOrderOfArrival(t *testing.T) {
	r := NewRecorder[pair](t).OrderBy(byStream)
	emit(r, pair{"a", 3}, pair{"", 9}, pair{"a", 1}, pair{"b", 5}, pair{"a", 2})
	if got, want := r.Ordered(0), []pair{{"a", 1}, {"", 9}, {"a", 2}, {"b", 5}, {"a", 3}}; !slices.Equal(got, want) {
		t.Errorf("Ordered = %v, want %v", got, want)
	}
	got := InOrder(t, "1, 2, 3", r, []func(pair) bool{is(pair{"a", 1}), is(pair{"a", 2}), is(pair{"a", 3})})
	if want := []pair{{"a", 1}, {"a", 2}, {"a", 3}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	inBubble(t, func(t *testing.T) {
		r := NewRecorder[pair](nil).OrderBy(byStream)
		emit(r, pair{"a", 2}, pair{"a", 1})
		text := failure(func(s *spy) { InOrder(s, "2, 1", r, []func(pair) bool{is(pair{"a", 2}), is(pair{"a", 1})}) })
		mustContain(t, text, "step 1: +0s {stream:a seq:2}", "step 2: missing after step 1", "too early: +0s {stream:a seq:1}")
	})
}

// Whatever the interleaving of streams and the delay of deliveries, each stream
// comes out in its own order, and no event is lost or doubled.
func FuzzOrderedSortsEachStreamAndLosesNothing(f *testing.F) {
	f.Add([]byte{3, 1, 2, 130, 129, 0, 128, 77})
	f.Add([]byte{255, 254, 1, 0})
	f.Fuzz(func(t *testing.T, arrivals []byte) {
		r := NewRecorder[pair](nil).OrderBy(byStream)
		want := map[pair]int{}
		for _, b := range arrivals {
			p := pair{[]string{"", "a", "b", "c"}[b>>6], uint64(b & 63)}
			r.Emit(p)
			want[p]++
		}
		ordered := r.Ordered(0)
		last := map[string]uint64{}
		for i, p := range ordered {
			if p.stream == "" && r.History()[i] != p {
				t.Errorf("%v has no order and was moved to %d", p, i)
			}
			if p.stream != "" && p.seq < last[p.stream] {
				t.Errorf("%v comes after %d", p, last[p.stream])
			}
			last[p.stream] = p.seq
			want[p]--
		}
		for p, n := range want {
			if n != 0 {
				t.Errorf("%v occurs %d times too seldom", p, n)
			}
		}
	})
}

func TestInOrderWaitsForAnEarlierEventThatArrivesLater(t *testing.T) {
	r := NewRecorder[pair](t).OrderBy(byStream)
	r.Emit(pair{"a", 2})
	looked := make(chan struct{})
	go func() {
		<-looked
		r.Emit(pair{"a", 1})
	}()
	var once sync.Once
	InOrder(t, "1, 2", r, []func(pair) bool{is(pair{"a", 1}), is(pair{"a", 2})}, OnCheck(func(Attempt) { once.Do(func() { close(looked) }) }))
}

func TestInOrderLeavesOutWhatOtherWaitsConsumedUnlessAskedToLookBack(t *testing.T) {
	r := NewRecorder[int](t)
	mark := r.Mark()
	emit(r, 1, 2, 3)
	Event(t, "2", r, is(2))
	if got := InOrder(t, "1, 2, 3", r, []func(int) bool{is(1), is(2), is(3)}, After(mark)); !slices.Equal(got, []int{1, 2, 3}) {
		t.Errorf("got %v", got)
	}
	inBubble(t, func(t *testing.T) {
		r := NewRecorder[int](nil)
		r.Emit(1)
		for i := range r.kept {
			r.kept[i].consumed = true // by a wait that runs beside
		}
		text := failure(func(s *spy) { InOrder(s, "1", r, []func(int) bool{is(1)}) })
		mustContain(t, text, "step 1: missing\n", "consumed by another wait: +0s 1")
	})
}

func TestInOrderNeedsAnEventForEachStep(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := NewRecorder[int](nil)
		r.Emit(1)
		text := failure(func(s *spy) { InOrder(s, "1 twice", r, []func(int) bool{is(1), is(1)}) })
		mustContain(t, text, "step 2 of 2 has not happened (1 event)", "step 1: +0s 1", "step 2: missing after step 1\n")
		r.Close()
		_, _, err := (&sequence[int]{r: r, steps: []func(int) bool{is(2)}}).look()
		mustBe(t, err, ErrClosed)
	})
}

func TestConcurrentSequencesShareNoEvent(t *testing.T) {
	r := NewRecorder[int](t)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 50 {
				InOrder(t, "any two", r, []func(int) bool{func(int) bool { return true }, func(int) bool { return true }}, Within(time.Hour))
			}
		})
	}
	all.Go(func() {
		for i := range 4 * 50 * 2 {
			r.Emit(i)
		}
	})
	all.Wait()
	if left := r.Unconsumed(); len(left) != 0 {
		t.Errorf("%d left of 400: some were taken twice", len(left))
	}
}

func TestARecorderIsASourceOfAnyWait(t *testing.T) {
	r := NewRecorder[int](t)
	go emit(r, 1, 2, 3)
	report, err := Wait(context.Background(), "three", func() (bool, string, error) { return r.Len() == 3, "", nil }, On(r))
	if err != nil || report.Wakes[WokenByPoll] != 0 {
		t.Errorf("%v, %+v", err, report)
	}
}
