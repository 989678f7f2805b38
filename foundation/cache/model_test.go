package cache_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/sleepless-go/sleepless/foundation/cache"
)

// model is a cache written to be obviously right: one slice, the least recently
// used entry first, searched from end to end.
type model struct {
	now     time.Duration
	limit   int
	ttl     time.Duration // default; 0 for none
	entries []modelEntry
	events  []string // expected, as names gives them
	order   int
}

type modelEntry struct {
	key     string
	value   int
	expires time.Duration // 0: never
	order   int           // of puts
}

func (m *model) say(format string, args ...any) {
	m.events = append(m.events, fmt.Sprintf(format, args...))
}

func (m *model) index(key string) int {
	return slices.IndexFunc(m.entries, func(e modelEntry) bool { return e.key == key })
}

func (m *model) remove(i int) { m.entries = slices.Delete(m.entries, i, i+1) }

func (m *model) expired(e modelEntry) bool { return e.expires != 0 && m.now >= e.expires }

// find returns the place of a live entry, or -1 after removing an expired one.
func (m *model) find(key string) int {
	i := m.index(key)
	if i >= 0 && m.expired(m.entries[i]) {
		m.say("evicted %s", key)
		m.remove(i)
		return -1
	}
	return i
}

func (m *model) get(key string) (int, bool) {
	i := m.find(key)
	if i < 0 {
		m.say("miss %s", key)
		return 0, false
	}
	m.say("hit %s", key)
	e := m.entries[i]
	m.remove(i)
	m.entries = append(m.entries, e)
	return e.value, true
}

// firstDue returns the place of the entry that expired first, or -1.
func (m *model) firstDue() int {
	first := -1
	for i, e := range m.entries {
		if !m.expired(e) {
			continue
		}
		if first < 0 || e.expires < m.entries[first].expires || e.expires == m.entries[first].expires && e.order < m.entries[first].order {
			first = i
		}
	}
	return first
}

func (m *model) put(key string, value int, ttl time.Duration) {
	if i := m.find(key); i >= 0 {
		m.remove(i)
	} else if m.limit > 0 && len(m.entries) == m.limit {
		victim := max(0, m.firstDue())
		m.say("evicted %s", m.entries[victim].key)
		m.remove(victim)
	}
	m.order++
	e := modelEntry{key: key, value: value, order: m.order}
	if ttl > 0 {
		e.expires = m.now + ttl
	}
	m.entries = append(m.entries, e)
	m.say("put %s", key)
}

func (m *model) delete(key string) bool {
	i := m.find(key)
	if i >= 0 {
		m.remove(i)
	}
	m.say("delete %s", key)
	return i >= 0
}

func (m *model) sweep() (expired int) {
	for i := m.firstDue(); i >= 0; i = m.firstDue() {
		m.say("evicted %s", m.entries[i].key)
		m.remove(i)
		expired++
	}
	m.say("cleanup")
	return expired
}

// advance sweeps every interval on its way.
func (m *model) advance(d, interval time.Duration) {
	for ; d > 0; d -= time.Second {
		m.now += time.Second
		if m.now%interval == 0 {
			m.sweep()
		}
	}
}

// script feeds decisions, from a fuzzer or from a random source.
type script struct{ bytes []byte }

func (s *script) next(n int) int {
	if len(s.bytes) == 0 {
		return 0
	}
	b := s.bytes[0]
	s.bytes = s.bytes[1:]
	return int(b) % n
}

// content replays events: what they add up to is what the cache holds.
type content map[string]bool

func (held content) replay(t *testing.T, events []string) {
	for _, e := range events {
		var name, key string
		fmt.Sscan(e, &name, &key)
		switch name {
		case "put":
			held[key] = true
		case "delete":
			delete(held, key)
		case "evicted":
			if !held[key] {
				t.Fatalf("%s was evicted, but the events before say that it was not there", key)
			}
			delete(held, key)
		case "cleared":
			clear(held)
		}
	}
}

// runModel performs a script on a cache and on the model and compares answers,
// events and content after every step.
func runModel(t *testing.T, bytes []byte) {
	const interval = 7 * time.Second
	s := &script{bytes}
	m := &model{limit: s.next(5), ttl: time.Duration(s.next(4)) * time.Second}
	f := open(t, cache.Options[string, int]{MaxEntries: m.limit, DefaultTTL: m.ttl, SweepInterval: interval})
	defer f.Close()
	held := content{}
	for step := 0; len(s.bytes) > 0; step++ {
		what := f.step(s, m, step, interval)
		got := names(f.tape.take())
		if !slices.Equal(got, m.events) {
			t.Fatalf("step %d, %s: events\n got %q\nwant %q", step, what, got, m.events)
		}
		m.events = nil
		held.replay(t, got)
		if f.Len() != len(m.entries) || len(held) != len(m.entries) {
			t.Fatalf("step %d, %s: Len = %d and the events add up to %d, want %d", step, what, f.Len(), len(held), len(m.entries))
		}
		for _, e := range m.entries {
			if !held[e.key] {
				t.Fatalf("step %d, %s: the events say that %s is not there", step, what, e.key)
			}
		}
		wantBooks(t, f.Cache)
	}
}

// step performs one operation on both and returns its description.
func (f fixture) step(s *script, m *model, step int, interval time.Duration) string {
	ctx, key := context.Background(), string(rune('a'+s.next(7)))
	check := func(what string, got, want any) string {
		if got != want {
			f.t.Fatalf("step %d: %s = %v, want %v", step, what, got, want)
		}
		return what
	}
	switch s.next(9) {
	case 0, 1:
		v, ok := f.Get(ctx, key)
		wantV, want := m.get(key)
		return check("Get "+key, fmt.Sprint(v, ok), fmt.Sprint(wantV, want))
	case 2, 3:
		m.put(key, step, m.ttl)
		return check("Put "+key, f.Put(ctx, key, step), nil)
	case 4:
		ttl := time.Duration(1+s.next(9)) * time.Second
		m.put(key, step, ttl)
		return check("PutTTL "+key, f.PutTTL(ctx, key, step, ttl), nil)
	case 5:
		existed, err := f.Delete(ctx, key)
		return check("Delete "+key, fmt.Sprint(existed, err), fmt.Sprint(m.delete(key), nil))
	case 6:
		d := time.Duration(1+s.next(5)) * time.Second
		f.clock.Advance(d)
		m.advance(d, interval)
		return "Advance " + d.String()
	case 7:
		v, err := f.GetOrLoad(ctx, key, func(context.Context) (int, error) { return step, nil })
		want, hit := m.get(key)
		if !hit {
			want = step
			m.put(key, step, m.ttl)
		}
		return check("GetOrLoad "+key, fmt.Sprint(v, err), fmt.Sprint(want, nil))
	}
	switch s.next(4) {
	case 0:
		n, err := f.Clear(ctx)
		want := len(m.entries)
		m.entries = nil
		m.say("cleared")
		return check("Clear", fmt.Sprint(n, err), fmt.Sprint(want, nil))
	case 1:
		n, err := f.Sweep(ctx)
		return check("Sweep", fmt.Sprint(n, err), fmt.Sprint(m.sweep(), nil))
	case 2:
		m.say("error %s", key)
		return check("PutTTL of 0", errors.Is(f.PutTTL(ctx, key, 1, 0), cache.ErrInvalidTTL), true)
	}
	_, err := f.GetOrLoad(ctx, key, func(context.Context) (int, error) { return 0, errFromLoader })
	if _, hit := m.get(key); hit {
		return check("GetOrLoad of "+key, err, nil)
	}
	m.say("error %s", key)
	return check("failing GetOrLoad of "+key, errors.Is(err, errFromLoader), true)
}

var errFromLoader = errors.New("the loader fails on purpose")

func TestCacheDoesWhatTheModelDoes(t *testing.T) {
	for seed := range uint64(300) {
		t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1))
			bytes := make([]byte, 600)
			for i := range bytes {
				bytes[i] = byte(random.Uint32())
			}
			runModel(t, bytes)
		})
	}
}

func FuzzModel(f *testing.F) {
	f.Add([]byte("a bounded cache, some lifetimes, and a few sweeps on the way"))
	f.Add([]byte{1, 1, 0, 2, 1, 2, 0, 6, 4, 1, 0, 0, 8, 1})
	f.Fuzz(func(t *testing.T, bytes []byte) {
		runModel(t, bytes[:min(len(bytes), 2000)])
	})
}
