package eventually

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"
)

func TestChanReceivesWhileAWaitIsOnAndRemembers(t *testing.T) {
	inBubble(t, func(t *testing.T) { // which fails if the receiving goroutine is left
		c := make(chan int)
		s := Chan(c)
		if _, ok := s.Last(); ok || s.Closed() {
			t.Error("something was received before any wait")
		}
		go func() {
			defer close(c)
			for i := range 3 {
				c <- i
			}
		}()
		Until(t, "one was received", func() bool { return len(s.Received()) >= 1 }, On(s))
		Until(t, "it is closed", s.Closed, On(s))
		if last, ok := s.Last(); !ok || last != 2 || !slices.Equal(s.Received(), []int{0, 1, 2}) {
			t.Errorf("Last = %d, Received = %v", last, s.Received())
		}
		if got := s.String(); got != "<-chan int (3 received, closed)" {
			t.Errorf("String() = %q", got)
		}
	})
}

func TestChanSeesWhatIsInTheChannelAlreadyInTheFirstCheck(t *testing.T) {
	c := make(chan int, 3)
	c <- 1
	c <- 2
	close(c)
	s := Chan(c)
	r, err := Wait(context.Background(), "two", func() (bool, string, error) { return len(s.Received()) == 2, "", nil }, On(s))
	if err != nil || r.Checks != 1 {
		t.Errorf("%v, %d checks", err, r.Checks)
	}
}

// Each wait has a goroutine that receives; whichever gets a value, all waits
// must be woken.
func TestWaitsThatShareAChanAreAllWoken(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := make(chan int)
		s := Chan(c)
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				r, err := Wait(t.Context(), "three", func() (bool, string, error) { return len(s.Received()) == 3, "", nil }, On(s))
				if err != nil || r.Wakes[WokenByLimit] != 0 {
					t.Errorf("%v, %+v", err, r)
				}
			})
		}
		for i := range 3 {
			Advance(time.Millisecond)
			c <- i
		}
		all.Wait()
	})
}

func TestRecordChanRecordsAllTheTime(t *testing.T) {
	for _, test := range []struct {
		close bool
		want  []int
	}{{true, []int{1, 2, 3}}, {false, []int{1, 2, 3}}} {
		inBubble(t, func(t *testing.T) {
			c := make(chan int, 3)
			s := &spy{}
			r := RecordChan(s, c)
			for i := range 3 {
				select {
				case c <- i + 1: // as a sender does that does not block
				default:
					t.Error("nobody receives")
				}
			}
			if test.close {
				close(c)
				Until(t, "closed", r.Closed, On(r))
			}
			s.finish() // waits for the goroutine, and for what is buffered
			if got := r.History(); !slices.Equal(got, test.want) || !r.Closed() {
				t.Errorf("History() = %v, closed %v", got, r.Closed())
			}
		})
	}
	mustPanic(t, "RecordChan needs a TB with a Cleanup method", func() { RecordChan(bare{&spy{}}, make(chan int)) })
}

func TestCtxWakesWhenTheContextEnds(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		s := Ctx(ctx)
		if idle, why := s.(Idler).Idle(); idle || why != "the context has not ended" || nameOf(s) != "context (not ended)" {
			t.Errorf("idle %v, %q, %s", idle, why, nameOf(s))
		}
		start := time.Now()
		time.AfterFunc(time.Second, func() { cancel(errors.New("closing time")) })
		Until(t, "ended", func() bool { return ctx.Err() != nil }, On(s))
		if d := time.Since(start); d != time.Second {
			t.Errorf("took %v", d)
		}
		if idle, _ := s.(Idler).Idle(); !idle || nameOf(s) != "context (closing time)" {
			t.Errorf("idle %v, %s", idle, nameOf(s))
		}
		Never(t, "x", func() bool { return false }, On(s), Within(time.Hour)) // at once
		if d := time.Since(start); d != time.Second {
			t.Errorf("Never took %v", d-time.Second)
		}
		stop := s.Notify(make(chan struct{}, 1))
		stop()
		stop() // idempotent, also after the end
	})
}

// The end comes from a goroutine outside, which must not touch what was made in
// the bubble.
func TestTheEndOfAContextFromOutsideTheBubbleIsNamedAndEndsNoProcess(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	ctx.Done() // made here: one made in the bubble could not be closed from outside
	s := Ctx(ctx)
	ask, answered := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(answered)
		<-ask
		reported := make(chan struct{}, 1)
		defer s.Notify(reported)()
		cancel()
		<-reported // to all waiters in one go
	}()
	inBubble(t, func(t *testing.T) {
		first := true
		text := failure(func(spy *spy) {
			Until(spy, "two contexts end", func() bool {
				if first {
					first = false
					close(ask)
					<-answered
				}
				return false
			}, On(s))
		})
		mustContain(t, text, "held up:    context (context canceled): ", " from outside this bubble, the last by", "must be started inside its bubble")
	})
}
