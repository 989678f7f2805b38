package fakeclock_test

import (
	"testing"
	"time"

	"github.com/benbjohnson/clock"

	"github.com/sleepless-go/sleepless/fakeclock"
)

// The tests here hold a Fake beside the mock that it was made to replace, on
// points where both answers can be had without a race: they show that the
// regression tests named for that mock test something real.

func TestAdvanceRefusesToGoBackWhereBenbjohnsonDoesSoSilently(t *testing.T) {
	peer := clock.NewMock()
	before := peer.Now()
	peer.Add(-time.Hour)
	if !peer.Now().Before(before) {
		t.Error("the peer does not go back any more; this contrast can go")
	}

	f := fakeclock.New()
	defer func() {
		if recover() == nil {
			t.Error("Advance(-1h) did not panic")
		}
		if !f.Now().Equal(fakeclock.New().Now()) {
			t.Errorf("the clock moved to %v", f.Now())
		}
	}()
	f.Advance(-time.Hour)
}

func TestAfterFuncOfZeroRunsAtOnceWhereBenbjohnsonWaitsForTheNextAdd(t *testing.T) {
	peer := clock.NewMock()
	ran := make(chan struct{}, 1)
	peer.AfterFunc(0, func() { ran <- struct{}{} })
	if len(ran) != 0 {
		t.Error("the peer runs it at once; this contrast can go")
	}
	peer.Add(0)

	f := fakeclock.New()
	done := make(chan struct{})
	f.AfterFunc(0, func() { close(done) })
	<-done // without moving the clock
}

func TestResetOfAnUnreadTimerLeavesNoStaleValueWhereBenbjohnsonKeepsIt(t *testing.T) {
	peer := clock.NewMock()
	stale := peer.Timer(time.Second)
	peer.Add(time.Second)
	stale.Reset(time.Hour)
	if len(stale.C) != 1 {
		t.Error("the peer keeps no stale value any more; this contrast can go")
	}

	f := fakeclock.New()
	timer := f.NewTimer(time.Second)
	f.Advance(time.Second)
	timer.Reset(time.Hour)
	if len(timer.C) != 0 {
		t.Error("a value from before Reset can still be received")
	}
}
