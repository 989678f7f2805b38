package leakcheck

import (
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sleepless-go/sleepless/eventually"
)

// memory returns a source that yields these samples of bytes, the last one for
// ever, with one object for 100 bytes.
func memory(bytes ...uint64) Option {
	i := 0
	return Memory(func() HeapSample {
		b := bytes[min(i, len(bytes)-1)]
		i++
		return HeapSample{Objects: b / 100, Bytes: b}
	})
}

// rising yields samples that grow by so much for ever.
func rising(from, by int) Option {
	at := from - by
	return Memory(func() HeapSample {
		at += by
		return HeapSample{Objects: uint64(at / 100), Bytes: uint64(at)}
	})
}

// Row 3 of the claims that the original did not keep: its helper compared with
// the memory before the collection, and so returned at once or never.
func TestTheHeapSettlesOnAFakeMemory(t *testing.T) {
	const mega = 1 << 20
	noise := func(percent int) []uint64 {
		var out []uint64
		for i := range maxSettling {
			out = append(out, uint64(100*mega+(i%2)*percent*mega))
		}
		return out
	}
	for name, c := range map[string]struct {
		memory  Option
		samples int // 0: it never settles
		why     string
	}{
		"flat":               {memory(mega), 3, ""},
		"falling, then flat": {memory(10*mega, 8*mega, 6*mega, 4*mega, 2*mega), 7, ""},
		"falling for ever":   {rising(100*mega, -4*mega), 0, "falling from"},
		"rising, then flat":  {memory(mega, 2*mega, 3*mega), 5, ""},
		"rising for ever":    {rising(mega, mega), 0, "rising from"},
		"noisy by 0 %":       {memory(noise(0)...), 3, ""},
		"noisy by 1 %":       {memory(noise(1)...), 3, ""},
		"noisy by 5 %":       {memory(noise(5)...), 0, "up and down"},
		"tiny, and noisy":    {memory(1000, 4000, 1000, 4000), 3, ""},
	} {
		s := &spy{name: "TestX"}
		taken := 0
		AwaitSettled(s, c.memory, counting(&taken))
		text := s.finish()
		if c.samples > 0 && (text != "" || taken != c.samples) || c.samples == 0 && taken != maxSettling {
			t.Errorf("%s: %d samples, want %d; %s", name, taken, c.samples, text)
		}
		if c.samples == 0 {
			mustContain(t, text, "has not settled after 20 garbage collections", c.why)
		}
	}
}

// counting counts the samples of the memory given before it.
func counting(n *int) Option {
	return optionFunc(func(c *config) {
		read := c.memory
		c.memory = func() HeapSample { *n++; return read() }
	})
}

func TestSettlingIsAConditionOfAWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewSettling(memory(5000000, 3000000, 1000000))
		if _, err := eventually.Wait(t.Context(), "the heap has settled", s.Settled); err != nil {
			t.Error(err)
		}
		if got := s.Samples(); len(got) != 5 || got[4].Bytes != 1000000 {
			t.Errorf("samples %v", got)
		}
	})
	if _, err := eventually.Wait(t.Context(), "misuse", NewSettling(Memory(nil)).Settled); err == nil {
		t.Error("misuse of an option is not noticed")
	}
}

func TestTheRealHeapSettles(t *testing.T) {
	got := AwaitSettled(t)
	if got.Objects == 0 || got.Bytes == 0 {
		t.Errorf("%+v", got)
	}
}

var keep []*entry

func TestHeapStableNoticesWhatIsKept(t *testing.T) {
	defer func() { keep = nil }()
	text := during("TestX", func(s *spy) {
		HeapStable(s, 500, func() { keep = append(keep, &entry{key: "x"}) })
	})
	mustContain(t, text, "leakcheck: the heap grows by 1.0 objects and")
}

func TestHeapStableSparesWhatIsDropped(t *testing.T) {
	HeapStable(t, 500, func() { runtime.KeepAlive(&entry{key: strings.Repeat("x", 100)}) })
}

func TestHeapStableOnAFakeMemory(t *testing.T) {
	for name, c := range map[string]struct {
		samples []HeapSample
		leaks   bool
	}{
		"flat":                           {[]HeapSample{{100, 1000}, {100, 1000}, {100, 1000}, {100, 1000}}, false},
		"falling":                        {[]HeapSample{{900, 900000}, {600, 600000}, {300, 300000}, {100, 1000}}, false},
		"rising, one object a call":      {[]HeapSample{{100, 1000}, {200, 2000}, {300, 3000}, {400, 4000}}, true},
		"rising, half an object a call":  {[]HeapSample{{100, 1000}, {150, 2000}, {200, 3000}, {250, 4000}}, true},
		"rising, less than half":         {[]HeapSample{{100, 1000}, {149, 2000}, {198, 3000}, {247, 4000}}, false},
		"one step up, as a cache fills":  {[]HeapSample{{100, 1000}, {900, 900000}, {900, 900000}, {900, 900000}}, false},
		"noisy":                          {[]HeapSample{{100, 10000}, {900, 90000}, {120, 12000}, {950, 95000}}, false},
		"noisy and rising in all":        {[]HeapSample{{100, 1000}, {250, 2500}, {240, 2400}, {500, 5000}}, false},
		"few objects, ever more bytes":   {[]HeapSample{{100, 1 << 20}, {100, 2 << 20}, {100, 2 << 20}, {100, 4 << 20}}, true},
		"few objects, a few bytes":       {[]HeapSample{{100, 1000}, {100, 2000}, {100, 3000}, {100, 4000}}, false},
		"bytes that fall and rise again": {[]HeapSample{{100, 1 << 20}, {100, 3 << 20}, {100, 2 << 20}, {100, 4 << 20}}, false},
	} {
		next := 0
		text := during("TestX", func(s *spy) {
			HeapStable(s, 100, func() {}, Memory(func() HeapSample {
				next++
				return c.samples[next-1]
			}))
		})
		if c.leaks != (text != "") {
			t.Errorf("%s: %q", name, text)
		}
	}
}

func TestHeapStableRefusesNonsense(t *testing.T) {
	mustContain(t, during("TestX", func(s *spy) { HeapStable(s, 0, func() {}) }), "got n = 0")
	mustContain(t, during("TestX", func(s *spy) { HeapStable(s, 1, nil) }), "HeapStable needs a function")
}

func TestTheTextOfAGrowingHeap(t *testing.T) {
	next := uint64(0)
	golden(t, "heap", during("TestX", func(s *spy) {
		HeapStable(s, 200, func() {}, Memory(func() HeapSample {
			next++
			return HeapSample{1000 + 400*next, 64000 + 9600*next}
		}))
	}))
}

func TestATimerThatHasFiredIsSeenBeforeAndDuringAWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f Firing
		done := false
		time.AfterFunc(time.Hour, f.Func(func() { done = true }))
		if fired, why, _ := f.Fired(); fired || why == "" {
			t.Errorf("fired = %v (%q) before its time", fired, why)
		}
		begin := time.Now()
		for range 2 { // the second finds it done
			if _, err := eventually.Wait(t.Context(), "the timer has fired", f.Fired, eventually.On(&f), eventually.Within(2*time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
		if !done || f.Times() != 1 || time.Since(begin) != time.Hour {
			t.Errorf("done %v, %d times, after %v", done, f.Times(), time.Since(begin))
		}
	})
}

func TestATimerWhoseFunctionPanicsHasFired(t *testing.T) {
	var f Firing
	func() {
		defer func() { _ = recover() }()
		f.Func(func() { panic("boom") })()
	}()
	f.Func(nil)()
	if f.Times() != 2 {
		t.Errorf("fired %d times, want 2", f.Times())
	}
	mustContain(t, f.String(), "fired 2 times")
}

func TestANameIsRebornOnlyWithANewIdentity(t *testing.T) {
	var now *entry
	lookup := func() (*entry, bool) { return now, now != nil }
	now = &entry{key: "old"}
	old := now
	reborn := Reborn(lookup)
	for _, step := range []struct {
		now  *entry
		want bool
		why  string
	}{
		{old, false, "for the old"}, {nil, false, "not registered"}, {old, false, "for the old"}, {&entry{key: "new"}, true, ""},
	} {
		now = step.now
		done, why, err := reborn()
		if done != step.want || !strings.Contains(why, step.why) || err != nil {
			t.Errorf("%v: done %v, %q, %v", step.now, done, why, err)
		}
	}
	now = nil
	reborn = Reborn(lookup) // of a name that nobody had
	now = old
	if done, _, _ := reborn(); !done {
		t.Error("the first one with a name counts as new")
	}
}
