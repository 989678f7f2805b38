package cache_test

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sleepless-go/sleepless/fakeclock"
	"github.com/sleepless-go/sleepless/foundation/cache"
	"github.com/sleepless-go/sleepless/foundation/telemetry"
)

// The bound holds at every observation: by readers of Len and Stats that take
// part in nothing, and by handlers in the middle of everything.
func TestBoundHoldsAtEveryObservation(t *testing.T) {
	for _, shards := range []int{1, 3} {
		t.Run(fmt.Sprint("shards=", shards), func(t *testing.T) {
			const limit = 10
			f := open(t, cache.Options[string, int]{MaxEntries: limit, Shards: shards, DefaultTTL: time.Second})
			look := func() {
				if n := f.Len(); n > limit {
					t.Errorf("Len = %d with MaxEntries %d", n, limit)
				}
			}
			f.bus.AttachAll(func(context.Context, telemetry.Record) { look() })
			var stop atomic.Bool
			var readers, writers sync.WaitGroup
			for range 2 {
				readers.Go(func() {
					for !stop.Load() {
						look()
						if s := f.Stats(); s.Entries > limit {
							t.Errorf("Stats.Entries = %d with MaxEntries %d", s.Entries, limit)
						}
					}
				})
			}
			for g := range 4 {
				writers.Go(func() {
					for i := range 500 {
						_ = f.Put(context.Background(), fmt.Sprint(g, i%37), i)
						if i%100 == 0 {
							f.clock.Advance(time.Second)
						}
					}
				})
			}
			writers.Wait()
			stop.Store(true)
			readers.Wait()
			wantBooks(t, f.Cache)
		})
	}
}

// Many goroutines, all operations, a clock that moves: put in the order of their
// commit numbers, the events tell one consistent history, in which every hit
// had a value and every miss had none, and which ends with what the cache holds.
func TestEventsInCommitOrderAreOneConsistentHistory(t *testing.T) {
	for _, shards := range []int{1, 4} {
		t.Run(fmt.Sprint("shards=", shards), func(t *testing.T) {
			f := open(t, cache.Options[string, int]{MaxEntries: 8, Shards: shards, DefaultTTL: 3 * time.Second, SweepInterval: 5 * time.Second})
			var wg sync.WaitGroup
			for g := range 6 {
				random := rand.New(rand.NewPCG(uint64(g), 7))
				wg.Go(func() { f.anything(random, 400) })
			}
			wg.Wait()
			held := map[string]bool{}
			var last uint64
			for _, r := range bySeq(f.tape.take()) {
				if seq, _ := r.Commit(); seq.Seq == last {
					t.Fatalf("two events have the commit number %d", last)
				} else {
					last = seq.Seq
				}
				checkHistory(t, held, r)
			}
			if len(held) != f.Len() {
				t.Errorf("the events add up to %d entries, Len = %d", len(held), f.Len())
			}
			wantBooks(t, f.Cache)
		})
	}
}

// anything performs n random operations.
func (f fixture) anything(random *rand.Rand, n int) {
	ctx := context.Background()
	for i := range n {
		key := string(rune('a' + random.IntN(12)))
		switch random.IntN(20) {
		case 0:
			_, _ = f.Clear(ctx)
		case 1:
			f.clock.Advance(time.Second)
		case 2:
			_, _ = f.Sweep(ctx)
		case 3, 4:
			_, _ = f.Delete(ctx, key)
		case 5, 6, 7, 8, 9, 10:
			_ = f.Put(ctx, key, i)
		case 11, 12:
			_, _ = f.GetOrLoad(ctx, key, func(context.Context) (int, error) { return i, nil })
		default:
			f.Get(ctx, key)
		}
	}
}

// checkHistory applies one event to what is held and checks that it is legal.
func checkHistory(t *testing.T, held map[string]bool, r telemetry.Record) {
	t.Helper()
	legal := true
	switch e := r.Payload.(type) {
	case cache.PutData:
		legal = held[e.Key] == e.Replaced
		held[e.Key] = true
	case cache.HitData:
		legal = held[e.Key]
	case cache.MissData:
		legal = !held[e.Key]
	case cache.DeleteData:
		legal = held[e.Key] == e.Existed
		delete(held, e.Key)
	case cache.EvictedData:
		legal = held[e.Key]
		delete(held, e.Key)
	case cache.ClearedData:
		legal = e.Count == len(held)
		clear(held)
	}
	if !legal {
		t.Fatalf("%v contradicts the events committed before it; held: %v", r, held)
	}
}

// span is one completed call on one key: when it began and ended, and its value.
type span struct {
	begin, end int64
	value      int // 0: a read that found nothing
	read       bool
}

// Per key the cache is a register: a read returns a value whose write had begun
// before the read ended, and which no other write overwrote for good before the
// read began. Each writer writes values of its own.
func TestReadsAreLinearizablePerKey(t *testing.T) {
	c := must(cache.New(cache.Options[int, int]{Shards: 2, Clock: fakeclock.New()}))
	defer c.Close()
	var tick atomic.Int64
	var mu sync.Mutex
	spans := map[int][]span{}
	var wg sync.WaitGroup
	for g := range 6 {
		random := rand.New(rand.NewPCG(uint64(g), 3))
		wg.Go(func() {
			for i := range 300 {
				key := random.IntN(3)
				s := span{read: random.IntN(2) == 0, begin: tick.Add(1)}
				if s.read {
					s.value, _ = c.Get(context.Background(), key)
				} else {
					s.value = 1 + g*1000 + i
					_ = c.Put(context.Background(), key, s.value)
				}
				s.end = tick.Add(1)
				mu.Lock()
				spans[key] = append(spans[key], s)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	for key, all := range spans {
		checkRegister(t, key, all)
	}
}

func checkRegister(t *testing.T, key int, all []span) {
	t.Helper()
	slices.SortFunc(all, func(a, b span) int { return cmp.Compare(a.begin, b.begin) })
	writes := map[int]span{0: {}} // nothing there, from the beginning on
	for _, s := range all {
		if !s.read {
			writes[s.value] = s
		}
	}
	for _, r := range all {
		if !r.read {
			continue
		}
		w, known := writes[r.value]
		if !known || w.begin > r.end {
			t.Fatalf("key %d: read %+v returned a value that nobody had begun to write", key, r)
		}
		for _, other := range writes {
			if other.begin > w.end && other.end < r.begin && other.value != 0 {
				t.Fatalf("key %d: read %+v returned %+v, which %+v had overwritten before", key, r, w, other)
			}
		}
	}
}
