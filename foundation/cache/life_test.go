package cache_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/foundation/cache"
)

var _ eventually.Idler = (*cache.Cache[string, int])(nil)

// The original emitted cleanup only when something had expired, so that waiting
// for "a cycle ran" hung.
func TestEverySweepSaysThatItRan(t *testing.T) {
	f := open(t, cache.Options[string, int]{SweepInterval: time.Minute})
	f.putTTL("a", 1, 90*time.Second)
	f.putTTL("b", 2, 90*time.Second)
	f.put("c", 3)
	f.tape.take()
	f.clock.Advance(time.Minute)
	f.wantEvents("cleanup")
	f.clock.Advance(time.Minute)
	if e := payload[cache.CleanupData](t, f.wantEvents("evicted a", "evicted b", "cleanup")); e.ExpiredCount != 2 || e.Remaining != 1 {
		t.Errorf("Cleanup = %+v, want 2 expired and 1 remaining", e)
	}
	f.clock.Advance(10 * time.Minute)
	if got := len(f.tape.take()); got != 10 {
		t.Errorf("%d events in ten more minutes, want a cleanup each minute", got)
	}
	if s := f.Stats(); s.Sweeps != 12 || s.Expirations != 2 {
		t.Errorf("Stats = %+v, want 12 sweeps and 2 expirations", s)
	}
}

func TestSweepIntervalDefaultsToAMinuteAndCanBeTurnedOff(t *testing.T) {
	f := open(t, cache.Options[string, int]{})
	f.clock.Advance(time.Minute - 1)
	f.wantEvents()
	f.clock.Advance(1)
	f.wantEvents("cleanup")
	off := open(t, cache.Options[string, int]{SweepInterval: cache.NoSweep})
	if timers := off.clock.Timers(); len(timers) != 0 {
		t.Errorf("timers %v, want none with NoSweep", timers)
	}
}

func TestSweepByHandCountsWhatItRemoved(t *testing.T) {
	f := open(t, cache.Options[string, int]{SweepInterval: cache.NoSweep, Shards: 3})
	keys := benchKeys(1000)
	for i, k := range keys {
		f.putTTL(k, i, time.Duration(1+i)*time.Second)
	}
	f.clock.Advance(700 * time.Second)
	if n, err := f.Sweep(t.Context()); n != 700 || err != nil {
		t.Errorf("Sweep = %d, %v; want 700", n, err)
	}
	if f.Len() != 300 {
		t.Errorf("Len = %d, want 300", f.Len())
	}
	wantBooks(t, f.Cache)
}

func TestSweepStopsBetweenBatchesWhenItsContextEnds(t *testing.T) {
	f := open(t, cache.Options[string, int]{SweepInterval: cache.NoSweep})
	for i, k := range benchKeys(1000) {
		f.putTTL(k, i, time.Second)
	}
	f.clock.Advance(time.Second)
	ctx, cancel := context.WithCancel(t.Context())
	h := cache.Evicted.Attach(f.bus, func(context.Context, cache.EvictedData) { cancel() })
	n, err := f.Sweep(ctx)
	if !errors.Is(err, context.Canceled) || n == 0 || n == 1000 || f.Len() != 1000-n {
		t.Errorf("Sweep = %d, %v with %d left; want a part and context.Canceled", n, err, f.Len())
	}
	h.Close()
	f.tape.take()
	if rest, err := f.Sweep(t.Context()); rest != 1000-n || err != nil {
		t.Errorf("next Sweep = %d, %v; want the other %d", rest, err, 1000-n)
	}
}

func TestAdvanceReturnsAfterTheSweepsEventsAreOut(t *testing.T) {
	f := open(t, cache.Options[string, int]{SweepInterval: time.Second, DefaultTTL: time.Second})
	for i := range 50 {
		f.put("a", i)
		f.tape.take()
		f.clock.Advance(time.Second)
		f.wantEvents("evicted a", "cleanup")
	}
}

func TestSweepsRunOnABubblesClock(t *testing.T) {
	inBubble(t, cache.Options[string, int]{SweepInterval: time.Minute, DefaultTTL: time.Second}, func(t *testing.T, f fixture) {
		f.put("a", 1)
		eventually.Advance(time.Minute)
		f.wantEvents("put a", "evicted a", "cleanup")
	})
}

func TestCloseStopsTheTimerAndIsIdempotent(t *testing.T) {
	f := open(t, cache.Options[string, int]{})
	for range 3 {
		if err := f.Close(); err != nil {
			t.Errorf("Close = %v", err)
		}
	}
	if timers := f.clock.Timers(); len(timers) != 0 {
		t.Errorf("timers %v after Close", timers)
	}
	f.clock.Advance(time.Hour)
	f.wantEvents()
}

func TestCloseCancelsLoadsAndWaitsForThem(t *testing.T) {
	inBubble(t, cache.Options[string, int]{}, func(t *testing.T, f fixture) {
		released := make(chan struct{})
		caller := f.load(t.Context(), "a", func(ctx context.Context) (int, error) {
			<-ctx.Done()
			<-released // cleaning up takes a while
			return 0, ctx.Err()
		})
		stubborn := f.load(t.Context(), "b", func(context.Context) (int, error) { <-released; return 1, nil })
		synctest.Wait()
		closed := make(chan struct{})
		go func() { defer close(closed); f.Close() }()
		synctest.Wait()
		select {
		case <-closed:
			t.Error("Close returned while loaders run")
		default:
		}
		close(released)
		<-closed
		if r := <-caller; !errors.Is(r.err, cache.ErrClosed) || !errors.Is(r.err, context.Canceled) {
			t.Errorf("caller: %v, want ErrClosed and what the loader returned", r.err)
		}
		if r := <-stubborn; r.value != 1 || r.err != nil {
			t.Errorf("caller of the loader that succeeded: %v, want its value", r)
		}
		if f.Len() != 0 {
			t.Errorf("Len = %d: a load was stored after Close", f.Len())
		}
	})
}

func TestCloseWaitsForASweepThatIsRunning(t *testing.T) {
	inBubble(t, cache.Options[string, int]{SweepInterval: time.Minute, DefaultTTL: time.Second}, func(t *testing.T, f fixture) {
		hold := make(chan struct{})
		cache.Evicted.Attach(f.bus, func(context.Context, cache.EvictedData) { <-hold })
		f.put("a", 1)
		eventually.Advance(time.Minute)
		if idle, why := f.Idle(); idle || why != `cache "default": loads running: 0, sweeps running: 1` {
			t.Errorf("Idle = %v, %q", idle, why)
		}
		closed := make(chan struct{})
		go func() { defer close(closed); f.Close() }()
		synctest.Wait()
		select {
		case <-closed:
			t.Error("Close returned during a sweep")
		default:
		}
		f.tape.take()
		close(hold)
		<-closed
		f.wantEvents("cleanup") // delivered by the time Close returned
		eventually.Advance(time.Hour)
		f.wantEvents()
	})
}

func TestHandlersAndLoadersMayCloseTheCache(t *testing.T) {
	for name, act := range map[string]func(fixture){
		"put":   func(f fixture) { f.put("a", 1) },
		"sweep": func(f fixture) { f.Sweep(f.t.Context()) },
		"timer": func(f fixture) { f.clock.Advance(time.Minute) },
		"load": func(f fixture) {
			f.GetOrLoad(f.t.Context(), "b", func(context.Context) (int, error) { return 1, nil })
		},
		"loader": func(f fixture) {
			f.GetOrLoad(f.t.Context(), "b", func(context.Context) (int, error) { return 1, f.Close() })
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := open(t, cache.Options[string, int]{SweepInterval: time.Minute, DefaultTTL: 30 * time.Second})
			f.put("old", 1)
			close := func() { f.Close() }
			cache.Put.Attach(f.bus, func(context.Context, cache.PutData) { close() })
			cache.Cleanup.Attach(f.bus, func(context.Context, cache.CleanupData) { close() })
			cache.Evicted.Attach(f.bus, func(context.Context, cache.EvictedData) { close() })
			act(f)
			if _, err := f.Clear(t.Context()); !errors.Is(err, cache.ErrClosed) {
				t.Errorf("Clear = %v, want ErrClosed", err)
			}
			f.Close()
			if timers := f.clock.Timers(); len(timers) != 0 {
				t.Errorf("timers %v left", timers)
			}
			f.tape.take()
		})
	}
}

func TestCallersWaitingForAnOutdatedLoadLearnOfClose(t *testing.T) {
	inBubble(t, cache.Options[string, int]{}, func(t *testing.T, f fixture) {
		first := f.load(t.Context(), "a", untilCancelled)
		synctest.Wait()
		f.Delete(t.Context(), "a")
		late := f.load(t.Context(), "a", nil2)
		synctest.Wait()
		f.Close()
		for _, r := range []result{<-first, <-late} {
			if !errors.Is(r.err, cache.ErrClosed) {
				t.Errorf("error %v, want ErrClosed", r.err)
			}
		}
	})
}

func TestNotifyWakesWaitsOnAnyChange(t *testing.T) {
	f := open(t, cache.Options[string, int]{})
	for name, change := range map[string]func(){
		"put":    func() { f.put("a", 1) },
		"get":    func() { f.Get(t.Context(), "a") },
		"delete": func() { f.Delete(t.Context(), "a") },
		"clear":  func() { f.Clear(t.Context()) },
		"sweep":  func() { f.Sweep(t.Context()) },
		"error":  func() { _ = f.PutTTL(t.Context(), "a", 1, 0) },
	} {
		wake := make(chan struct{}, 1)
		stop := f.Notify(wake)
		change()
		select {
		case <-wake:
		default:
			t.Errorf("%s did not wake", name)
		}
		stop()
		stop()
	}
}

func TestWaitsTakeTheCacheAsTheirSource(t *testing.T) {
	inBubble(t, cache.Options[string, int]{}, func(t *testing.T, f fixture) {
		g := newGate()
		f.load(context.Background(), "a", g.returning(1))
		go close(g.opened)
		eventually.Until(t, "a is loaded", func() bool { return f.Len() == 1 }, eventually.On(f.Cache))
		eventually.Settle(t, f.Cache)
		f.tape.take()
	})
}

func TestClosedIsTrueOnlyWhenLoadsHaveEndedToo(t *testing.T) {
	c, err := cache.New(cache.Options[string, int]{})
	if err != nil {
		t.Fatal(err)
	}
	if c.Closed() {
		t.Error("a new cache says that it is closed")
	}
	loading, cancelled, release := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go c.GetOrLoad(context.Background(), "a", func(ctx context.Context) (int, error) {
		close(loading)
		<-ctx.Done() // Close has begun
		close(cancelled)
		<-release
		return 1, nil
	})
	<-loading
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		c.Close()
	}()
	<-cancelled
	if c.Closed() {
		t.Error("it says that it is closed while a load runs")
	}
	close(release)
	<-closed
	if !c.Closed() {
		t.Error("it does not say that it is closed")
	}
}
