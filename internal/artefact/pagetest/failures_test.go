package pagetest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/fakeclock"
)

// failing is a test whose waits are to fail. It is at once what waits see of a
// test and what its failure leaves.
type failing struct {
	name string
	text string
}

type leave struct{}

func (f *failing) Helper()                           {}
func (f *failing) Name() string                      { return f.name }
func (f *failing) Errorf(format string, args ...any) { f.text = fmt.Sprintf(format, args...) }
func (f *failing) FailNow()                          { panic(leave{}) }

// fail runs a wait that fails in a bubble and returns the page it leaves.
func fail(t *testing.T, wait func(f *failing, to eventually.Option)) (page string) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(*testing.T) {
		defer func() {
			if p := recover(); p != nil && p != (leave{}) {
				panic(p)
			}
		}()
		wait(&failing{name: "TestEviction/when_full"}, eventually.Artefacts(dir))
	})
	pages, err := filepath.Glob(filepath.Join(dir, "*", "timeline.html"))
	if err != nil || len(pages) != 1 {
		entries, _ := os.ReadDir(dir)
		t.Fatalf("pages = %v, %v; want one in %v", pages, err, entries)
	}
	return pages[0]
}

type moved struct{ Kind, Key, Reason string }

// scene is a failure with something in every part of the page.
func scene(f *failing, to eventually.Option) {
	clock := fakeclock.New()
	cache := eventually.NewRecorder[moved](nil, eventually.Named("cache"))
	requests := eventually.NewRecorder[string](nil, eventually.Named("requests of the front end"))
	sweeps := eventually.NewRecorder[string](nil, eventually.Named("sweeper"), eventually.StampWith(clock))
	var size eventually.Counter
	stop, stopped := make(chan struct{}), make(chan struct{})
	defer func() { close(stop); <-stopped }()
	go janitor(clock, stop, stopped)
	if err := clock.AwaitTimers(context.Background(), 1); err != nil {
		panic(err)
	}
	cache.Emit(moved{"put", "a", "before the wait"})
	eventually.Advance(400 * time.Millisecond)
	for i := range 40 {
		time.AfterFunc(time.Duration(20+i*i)*time.Millisecond, func() {
			requests.Emit(fmt.Sprintf("GET /thing/%d from 10.0.0.%d", i, i%7))
			if i%4 == 0 {
				size.Add(1)
				cache.Emit(moved{"put", fmt.Sprint("key-", i), ""})
			}
			if i == 30 {
				sweeps.Emit("swept 0 entries: all pinned")
				cache.Emit(moved{"evict", "b", "ttl <script>document.title='owned'</script>"})
			}
		})
	}
	eventually.EventLike(f, `a is evicted because the cache is full`, cache, moved{Kind: "evict", Key: "a", Reason: "full"},
		eventually.On(requests, sweeps, clock, &size), eventually.Within(2*time.Second), to)
}

func janitor(clock *fakeclock.Fake, stop, stopped chan struct{}) {
	defer close(stopped)
	tick := clock.NewTicker(5 * time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-stop:
			return
		}
	}
}
