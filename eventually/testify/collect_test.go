package testify

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEachLookStartsWithANewCollectT(t *testing.T) {
	looks := 0
	if !EventuallyWithT(t, func(c *CollectT) {
		looks++
		assert.GreaterOrEqual(c, looks, 3)
	}, time.Minute, time.Millisecond) || looks != 3 {
		t.Errorf("%d looks", looks)
	}
}

func TestRequireEndsTheLookAndAssertDoesNot(t *testing.T) {
	var reached []string
	s := &spy{}
	EventuallyWithT(s, func(c *CollectT) {
		defer func() { reached = append(reached, "deferred") }()
		assert.Fail(c, "first")
		reached = append(reached, "after assert")
		require.Fail(c, "second")
		reached = append(reached, "after require")
	}, 0, tick)
	if got := strings.Join(reached, ", "); got != "after assert, deferred" {
		t.Errorf("reached: %s", got)
	}
	mustContain(t, s.text(), "last check: first; second")
}

func TestFailNowWithoutAMessageFailsTheLook(t *testing.T) {
	s := &spy{}
	if EventuallyWithT(s, func(c *CollectT) { c.FailNow() }, 0, tick) {
		t.Error("it passed")
	}
	mustContain(t, s.text(), "FailNow was called, without a message")
}

func TestALookThatRecoversFromFailNowHasFailedNevertheless(t *testing.T) {
	s := &spy{}
	if EventuallyWithT(s, func(c *CollectT) {
		defer func() { recover() }()
		require.Fail(c, "no")
	}, 0, tick) {
		t.Error("it passed")
	}
}

func TestTheGoroutinesOfALookMayUseItsCollectT(t *testing.T) {
	s := &spy{}
	passed := EventuallyWithT(s, func(c *CollectT) {
		var parts sync.WaitGroup
		for range 4 {
			parts.Go(func() {
				assert.Fail(c, "part")
				require.Fail(c, "end of part") // ends this goroutine, not the process
				t.Error("it went on")
			})
		}
		parts.Wait()
	}, 0, tick)
	if passed || strings.Count(s.text(), "end of part") != 4 {
		t.Errorf("passed %v: %s", passed, s.text())
	}
}

// FailNow of one look inside another belongs to its own.
func TestLooksMayBeNested(t *testing.T) {
	outer := &spy{}
	inner := &spy{}
	passed := EventuallyWithT(outer, func(c *CollectT) {
		EventuallyWithT(inner, func(*CollectT) { require.Fail(c, "through two looks") }, 0, tick)
		t.Error("the outer look went on")
	}, 0, tick)
	if passed || inner.text() != "" {
		t.Errorf("passed %v, inner: %s", passed, inner.text())
	}
	mustContain(t, outer.text(), "through two looks")
}

// deep calls f from a depth at which a short look at the stack sees no look.
func deep(n int, f func()) {
	if n > 0 {
		deep(n-1, f)
		return
	}
	f()
}

func TestFailNowFindsItsLookFromAnyDepth(t *testing.T) {
	s := &spy{}
	for _, depth := range []int{0, 40, 58, 59, 60, 61, 62, 63, 64, 65, 500} {
		if EventuallyWithT(s, func(c *CollectT) {
			deep(depth, c.FailNow) // ends the test, if it is taken for another goroutine
		}, 0, tick) {
			t.Errorf("depth %d: it passed", depth)
		}
	}
}
