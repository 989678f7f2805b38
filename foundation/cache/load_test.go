package cache_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/foundation/cache"
	"github.com/sleepless-go/sleepless/foundation/clock"
	"github.com/sleepless-go/sleepless/foundation/telemetry"
)

// inBubble runs f in a bubble with a cache on its clock.
func inBubble(t *testing.T, o cache.Options[string, int], f func(*testing.T, fixture)) {
	synctest.Test(t, func(t *testing.T) {
		fx := fixture{t: t, bus: telemetry.NewBus()}
		fx.tape = listen(fx.bus)
		o.Events = fx.bus
		fx.Cache = must(cache.New(o))
		defer fx.Close()
		fx.tape.take()
		f(t, fx)
	})
}

type result struct {
	value int
	err   error
}

// load asks for a key in a goroutine of its own.
func (f fixture) load(ctx context.Context, key string, fn func(context.Context) (int, error)) <-chan result {
	c := make(chan result, 1)
	go func() {
		v, err := f.GetOrLoad(ctx, key, fn)
		c <- result{v, err}
	}()
	return c
}

// gate is a loader that runs until it is opened.
type gate struct {
	opened chan struct{}
	runs   atomic.Int32
	ctx    chan context.Context
}

func newGate() *gate { return &gate{opened: make(chan struct{}), ctx: make(chan context.Context, 10)} }

func (g *gate) returning(v int) func(context.Context) (int, error) {
	return func(ctx context.Context) (int, error) {
		g.runs.Add(1)
		g.ctx <- ctx
		<-g.opened
		return v, nil
	}
}

// untilCancelled is a loader that ends with its context.
func untilCancelled(ctx context.Context) (int, error) {
	<-ctx.Done()
	return 0, context.Cause(ctx)
}

func TestOneLoaderRunsForAllCallersOfAKey(t *testing.T) {
	inBubble(t, cache.Options[string, int]{}, func(t *testing.T, f fixture) {
		g := newGate()
		var callers []<-chan result
		for range 50 {
			callers = append(callers, f.load(t.Context(), "a", g.returning(7)))
		}
		other := f.load(t.Context(), "b", g.returning(8))
		synctest.Wait()
		if s := f.Stats(); s.Loads != 2 || s.Loading != 2 || s.Misses != 51 {
			t.Errorf("Stats = %+v, want 2 loads running and 51 misses", s)
		}
		if idle, why := f.Idle(); idle || why != `cache "default": loads running: 2, sweeps running: 0` {
			t.Errorf("Idle = %v, %q", idle, why)
		}
		close(g.opened)
		for _, c := range callers {
			if r := <-c; r.value != 7 || r.err != nil {
				t.Errorf("got %v, want 7", r)
			}
		}
		if r := <-other; r.value != 8 {
			t.Errorf("got %v, want 8", r)
		}
		f.wantHit("a", 7)
		synctest.Wait()
		if idle, why := f.Idle(); !idle || why != "" {
			t.Errorf("Idle = %v, %q after the loads", idle, why)
		}
	})
}

func TestLoadedValueIsStoredForTheDefaultLifetimeFromTheEndOfTheLoad(t *testing.T) {
	inBubble(t, cache.Options[string, int]{DefaultTTL: time.Minute, SweepInterval: cache.NoSweep}, func(t *testing.T, f fixture) {
		slow := func(context.Context) (int, error) { clock.Sleep(clock.System(), time.Hour); return 1, nil }
		if v, err := f.GetOrLoad(t.Context(), "a", slow); v != 1 || err != nil {
			t.Fatalf("GetOrLoad = %d, %v", v, err)
		}
		eventually.Advance(time.Minute - 1)
		f.wantHit("a", 1)
		f.wantEvents("miss a", "put a", "hit a")
		eventually.Advance(1)
		if v, err := f.GetOrLoad(t.Context(), "a", func(context.Context) (int, error) { return 2, nil }); v != 2 || err != nil {
			t.Errorf("GetOrLoad after expiry = %d, %v; want 2", v, err)
		}
		f.wantEvents("evicted a", "miss a", "put a")
	})
}

func TestSlowLoaderHoldsUpNobodyElse(t *testing.T) {
	inBubble(t, cache.Options[string, int]{}, func(t *testing.T, f fixture) {
		start := time.Now()
		slow := f.load(t.Context(), "slow", func(context.Context) (int, error) { clock.Sleep(clock.System(), time.Hour); return 1, nil })
		synctest.Wait()
		f.put("a", 1)
		f.wantHit("a", 1)
		if v, err := f.GetOrLoad(t.Context(), "b", func(context.Context) (int, error) { return 2, nil }); v != 2 || err != nil {
			t.Errorf("GetOrLoad = %d, %v", v, err)
		}
		if _, err := f.Clear(t.Context()); err != nil {
			t.Error(err)
		}
		if waited := time.Since(start); waited != 0 {
			t.Errorf("other calls took %v while a loader slept", waited)
		}
		<-slow
	})
}

func TestEachCallerLeavesByItsOwnContextAndTheLastOneCancelsTheLoad(t *testing.T) {
	inBubble(t, cache.Options[string, int]{}, func(t *testing.T, f fixture) {
		type key struct{}
		first, leaveFirst := context.WithCancel(context.WithValue(t.Context(), key{}, "first"))
		second, leaveSecond := context.WithTimeout(t.Context(), time.Minute)
		defer leaveSecond()
		var loader context.Context
		load := func(ctx context.Context) (int, error) { loader = ctx; return untilCancelled(ctx) }
		a, b := f.load(first, "a", load), make(chan result, 1)
		synctest.Wait()
		go func() { v, err := f.GetOrLoad(second, "a", nil2); b <- result{v, err} }()
		synctest.Wait()
		leaveFirst()
		if r := <-a; !errors.Is(r.err, context.Canceled) || !strings.Contains(r.err.Error(), `cache "default": get_or_load ended by its context`) {
			t.Errorf("first caller: %v, want it to leave with context.Canceled", r.err)
		}
		synctest.Wait()
		if loader.Err() != nil {
			t.Fatal("the load was cancelled although a caller waits")
		}
		if _, has := loader.Deadline(); has || loader.Value(key{}) != "first" {
			t.Errorf("the loader's context has a deadline: %v, value %v; want none, and the first caller's values", has, loader.Value(key{}))
		}
		if r := <-b; !errors.Is(r.err, context.DeadlineExceeded) {
			t.Errorf("second caller: %v, want DeadlineExceeded", r.err)
		}
		synctest.Wait()
		if context.Cause(loader) != cache.ErrAbandoned {
			t.Errorf("cause of the load's end = %v, want ErrAbandoned", context.Cause(loader))
		}
		var reasons []string
		for _, r := range f.tape.take() {
			if e, ok := r.Payload.(cache.ErrorData); ok {
				reasons = append(reasons, e.Operation+" "+e.Reason)
			}
		}
		if got := strings.Join(reasons, ", "); got != "get_or_load cancelled, get_or_load cancelled, load abandoned" {
			t.Errorf("errors: %s", got)
		}
	})
}

// nil2 is a loader that must not run.
func nil2(context.Context) (int, error) { panic("a second loader ran") }

func TestCallerWhoseContextHasEndedLoadsNothingButGetsWhatIsThere(t *testing.T) {
	f := open(t, cache.Options[string, int]{})
	why := errors.New("shutting down")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	if _, err := f.GetOrLoad(ctx, "a", nil2); !errors.Is(err, context.Canceled) || !errors.Is(err, why) {
		t.Errorf("error %v, want context.Canceled and its cause", err)
	}
	f.put("a", 1)
	if v, err := f.GetOrLoad(ctx, "a", nil2); v != 1 || err != nil {
		t.Errorf("GetOrLoad = %d, %v; want 1, nil", v, err)
	}
	f.wantEvents("miss a", "error a", "put a", "hit a")
}

func TestLoadThatAllHaveLeftIsOverBeforeTheNextBegins(t *testing.T) {
	inBubble(t, cache.Options[string, int]{}, func(t *testing.T, f fixture) {
		g := newGate() // ignores its context
		ctx, cancel := context.WithCancel(t.Context())
		gone := f.load(ctx, "a", g.returning(1))
		synctest.Wait()
		cancel()
		<-gone
		second := newGate()
		next := f.load(t.Context(), "a", second.returning(2))
		synctest.Wait()
		if second.runs.Load() != 0 {
			t.Error("two loaders of one key ran at the same time")
		}
		close(g.opened)
		close(second.opened)
		if r := <-next; r.value != 2 || r.err != nil {
			t.Errorf("got %v, want 2 from a load of its own", r)
		}
		f.wantHit("a", 2)
	})
}

// A caller that comes after an invalidation must not be served by a load that
// began before it.
func TestChangesOutdateALoadThatIsUnderWay(t *testing.T) {
	change := map[string]func(fixture){
		"put":    func(f fixture) { f.put("a", 5); f.Delete(f.t.Context(), "a") },
		"delete": func(f fixture) { f.Delete(f.t.Context(), "a") },
		"clear":  func(f fixture) { f.Clear(f.t.Context()) },
	}
	for name, act := range change {
		t.Run(name, func(t *testing.T) {
			inBubble(t, cache.Options[string, int]{}, func(t *testing.T, f fixture) {
				g := newGate()
				early := f.load(t.Context(), "a", g.returning(1))
				synctest.Wait()
				act(f)
				late := f.load(t.Context(), "a", func(context.Context) (int, error) { return 2, nil })
				synctest.Wait()
				close(g.opened)
				if r := <-early; r.value != 1 || r.err != nil {
					t.Errorf("early caller got %v, want the 1 it waited for", r)
				}
				if r := <-late; r.value != 2 || r.err != nil {
					t.Errorf("late caller got %v, want 2 from a load of its own", r)
				}
				f.wantHit("a", 2)
			})
		})
	}
}

func TestLoadNeverOverwritesWhatWasPutMeanwhile(t *testing.T) {
	inBubble(t, cache.Options[string, int]{}, func(t *testing.T, f fixture) {
		g := newGate()
		caller := f.load(t.Context(), "a", g.returning(1))
		synctest.Wait()
		f.put("a", 2)
		late := f.load(t.Context(), "a", nil2) // a hit
		synctest.Wait()
		close(g.opened)
		if r := <-caller; r.value != 1 {
			t.Errorf("caller got %v, want the loaded 1", r)
		}
		if r := <-late; r.value != 2 || r.err != nil {
			t.Errorf("late caller got %v, want the 2 that was put", r)
		}
		f.wantHit("a", 2)
		f.wantEvents("miss a", "put a", "hit a", "hit a")
	})
}

func TestCallerWaitingForAnOutdatedLoadCanLeave(t *testing.T) {
	inBubble(t, cache.Options[string, int]{}, func(t *testing.T, f fixture) {
		g := newGate()
		caller := f.load(t.Context(), "a", g.returning(1))
		synctest.Wait()
		f.Delete(t.Context(), "a")
		ctx, cancel := context.WithCancel(t.Context())
		late := f.load(ctx, "a", nil2)
		synctest.Wait()
		cancel()
		if r := <-late; !errors.Is(r.err, context.Canceled) {
			t.Errorf("late caller: %v, want context.Canceled", r.err)
		}
		close(g.opened)
		<-caller
	})
}

func TestLoaderMayLoadOtherKeysAndUseTheCache(t *testing.T) {
	f := open(t, cache.Options[string, int]{})
	v, err := f.GetOrLoad(t.Context(), "sum", func(ctx context.Context) (int, error) {
		f.put("x", 1)
		y, err := f.GetOrLoad(ctx, "y", func(context.Context) (int, error) { return 2, nil })
		return 1 + y, err
	})
	if v != 3 || err != nil {
		t.Errorf("GetOrLoad = %d, %v; want 3", v, err)
	}
	f.wantHit("sum", 3)
	f.wantHit("y", 2)
}

func TestHandlerOfAMissMayStoreOrLoadTheKey(t *testing.T) {
	f := open(t, cache.Options[string, int]{})
	cache.Miss.Attach(f.bus, func(ctx context.Context, e cache.MissData) {
		if e.Key == "stored" {
			_ = f.Put(ctx, e.Key, 1)
		}
	})
	if v, err := f.GetOrLoad(t.Context(), "stored", nil2); v != 1 || err != nil {
		t.Errorf("GetOrLoad = %d, %v; want the value that the handler stored", v, err)
	}
	inside := false
	cache.Miss.Attach(f.bus, func(ctx context.Context, e cache.MissData) {
		if !inside && e.Key == "loaded" {
			inside = true
			if v, err := f.GetOrLoad(ctx, e.Key, func(context.Context) (int, error) { return 2, nil }); v != 2 || err != nil {
				t.Errorf("in the handler: %d, %v", v, err)
			}
		}
	})
	if v, err := f.GetOrLoad(t.Context(), "loaded", nil2); v != 2 || err != nil {
		t.Errorf("GetOrLoad = %d, %v; want what the handler loaded", v, err)
	}
	f.tape.take()
}

// Loads, changes and departures at random: every caller gets an answer, and no
// two loaders of a key run at a time.
func TestLoadsUnderPressureStaySingleAndAnswerEverybody(t *testing.T) {
	f := open(t, cache.Options[string, int]{MaxEntries: 3, Shards: 2})
	var running [4]atomic.Int32
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 300 {
				k := (g + i) % 4
				key := string(rune('a' + k))
				ctx, cancel := context.WithCancel(context.Background())
				if i%5 == 0 {
					go cancel()
				}
				v, err := f.GetOrLoad(ctx, key, func(context.Context) (int, error) {
					if running[k].Add(1) != 1 {
						t.Error("two loaders of a key at a time")
					}
					f.Get(context.Background(), "other") // takes a lock that others want
					running[k].Add(-1)
					return k, nil
				})
				if err != nil && !errors.Is(err, context.Canceled) || err == nil && v != k {
					t.Errorf("GetOrLoad(%s) = %d, %v", key, v, err)
				}
				cancel()
				if i%7 == 0 {
					_, _ = f.Delete(context.Background(), key)
				}
			}
		})
	}
	wg.Wait()
	f.Close()
	wantBooks(t, f.Cache)
	if s := f.Stats(); s.Loading != 0 {
		t.Errorf("%d loads left", s.Loading)
	}
}
