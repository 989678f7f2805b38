package bubble

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestInsideIsFalseOutsideAndTrueInEveryGoroutineOfABubble(t *testing.T) {
	if Inside() || ID() != 0 {
		t.Fatalf("outside: Inside() = %v, ID() = %d; want false, 0", Inside(), ID())
	}
	synctest.Test(t, func(t *testing.T) {
		own := ID()
		if !Inside() || own == 0 {
			t.Errorf("inside: Inside() = %v, ID() = %d; want true and a number", Inside(), own)
		}
		for name, start := range map[string]func(f func()){
			"goroutine": func(f func()) { go f() },
			"AfterFunc": func(f func()) { time.AfterFunc(time.Second, f) },
		} {
			type seen struct {
				inside bool
				id     uint64
			}
			got := make(chan seen)
			start(func() { got <- seen{Inside(), ID()} })
			if s := <-got; !s.inside || s.id != own {
				t.Errorf("%s: Inside() = %v, ID() = %d; want true, %d", name, s.inside, s.id, own)
			}
		}
	})
	if Inside() || ID() != 0 {
		t.Fatalf("after the bubble: Inside() = %v, ID() = %d; want false, 0", Inside(), ID())
	}
}

func TestBubblesHaveDifferentIDs(t *testing.T) {
	var ids [2]uint64
	for i := range ids {
		synctest.Test(t, func(*testing.T) { ids[i] = ID() })
	}
	if ids[0] == ids[1] {
		t.Errorf("two bubbles share the id %d", ids[0])
	}
}

func TestParseID(t *testing.T) {
	for header, want := range map[string]uint64{
		"goroutine 8 [running, synctest bubble 7]:\nmain.f()":            7,
		"goroutine 8 [sleep (durable), synctest bubble 12]:\n":           12,
		"goroutine 1 [running]:\nmain.main()":                            0,
		"goroutine 1 [running]:\nmain.f(synctest bubble 3)":              0,
		"goroutine 1 [running, synctest bubble ]:":                       0,
		"goroutine 1 [running, synctest bubble 99999999999999999999999]": 0,
		"": 0,
	} {
		if got := parseID([]byte(header)); got != want {
			t.Errorf("parseID(%q) = %d, want %d", header, got, want)
		}
	}
}
