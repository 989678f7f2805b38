package cache_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/sleepless-go/sleepless/foundation/cache"
)

func TestLoaderErrorsReachEveryCallerAndAreNotStored(t *testing.T) {
	inBubble(t, cache.Options[string, int]{Name: "users"}, func(t *testing.T, f fixture) {
		down := errors.New("database is down")
		var open = make(chan struct{})
		fail := func(context.Context) (int, error) { <-open; return 99, down }
		a, b := f.load(t.Context(), "a", fail), f.load(t.Context(), "a", fail)
		synctest.Wait()
		close(open)
		for _, r := range []result{<-a, <-b} {
			if r.value != 0 || !errors.Is(r.err, down) || r.err.Error() != `cache "users": load of key a: database is down` {
				t.Errorf("got %v, want 0 and the wrapped error", r)
			}
		}
		records := f.wantEvents("miss a", "miss a", "error a")
		if e := payload[cache.ErrorData](t, records); e.Operation != cache.OpLoad || e.Reason != cache.ReasonLoaderError {
			t.Errorf("Error = %+v, want load, loader_error", e)
		}
		if v, err := f.GetOrLoad(t.Context(), "a", func(context.Context) (int, error) { return 1, nil }); v != 1 || err != nil {
			t.Errorf("next GetOrLoad = %d, %v; want a fresh load", v, err)
		}
		if s := f.Stats(); s.Loads != 2 || s.LoadErrors != 1 {
			t.Errorf("Stats = %+v, want 2 loads and 1 error", s)
		}
	})
}

func TestPanicOfALoaderIsAnErrorForEveryCaller(t *testing.T) {
	inBubble(t, cache.Options[string, int]{}, func(t *testing.T, f fixture) {
		var open = make(chan struct{})
		boom := errors.New("boom")
		explode := func(context.Context) (int, error) { <-open; panic(boom) }
		a, b := f.load(t.Context(), "a", explode), f.load(t.Context(), "a", explode)
		synctest.Wait()
		close(open)
		for _, r := range []result{<-a, <-b} {
			var p *cache.PanicError
			if !errors.As(r.err, &p) || p.Value != boom || !errors.Is(r.err, boom) {
				t.Fatalf("error %v, want a PanicError with boom", r.err)
			}
			if !strings.Contains(string(p.Stack), "TestPanicOfALoader") || !strings.Contains(p.Error(), "loader panicked: boom") {
				t.Errorf("%v\nwant the value and the stack of the panic", p)
			}
		}
		if e := payload[cache.ErrorData](t, f.tape.take()); e.Reason != cache.ReasonLoaderPanic {
			t.Errorf("Error = %+v, want loader_panic", e)
		}
	})
}

func TestPanicValueThatIsNoErrorUnwrapsToNothing(t *testing.T) {
	if err := (&cache.PanicError{Value: "text"}).Unwrap(); err != nil {
		t.Errorf("Unwrap = %v, want nil", err)
	}
}

func TestGoexitOfALoaderIsAnError(t *testing.T) {
	f := open(t, cache.Options[string, int]{})
	_, err := f.GetOrLoad(t.Context(), "a", func(context.Context) (int, error) { runtime.Goexit(); return 1, nil })
	if !errors.Is(err, cache.ErrLoaderExit) {
		t.Errorf("error %v, want ErrLoaderExit", err)
	}
	if e := payload[cache.ErrorData](t, f.wantEvents("miss a", "error a")); e.Reason != cache.ReasonLoaderExit {
		t.Errorf("Error = %+v, want loader_exit", e)
	}
	if v, err := f.GetOrLoad(t.Context(), "a", func(context.Context) (int, error) { return 1, nil }); v != 1 || err != nil {
		t.Errorf("next GetOrLoad = %d, %v", v, err)
	}
	f.tape.take()
}

func TestLoaderThatAsksForItsOwnKeyIsRefused(t *testing.T) {
	f := open(t, cache.Options[string, int]{})
	var load func(ctx context.Context) (int, error)
	load = func(ctx context.Context) (int, error) { // a asks for b, b for a
		return f.GetOrLoad(ctx, "b", func(ctx context.Context) (int, error) { return f.GetOrLoad(ctx, "a", load) })
	}
	_, err := f.GetOrLoad(t.Context(), "a", load)
	if !errors.Is(err, cache.ErrRecursiveLoad) || !strings.Contains(err.Error(), "the loader of key a") {
		t.Errorf("error %v, want ErrRecursiveLoad for key a", err)
	}
	f.tape.take()
	f.wantMiss("a")
}
