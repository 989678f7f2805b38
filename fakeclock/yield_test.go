package fakeclock

import (
	"sync/atomic"
	"testing"
	"time"
)

func TestPatienceFallsOnlyWithReadersThatUseItUp(t *testing.T) {
	for _, c := range []struct {
		name         string
		outcome      outcome
		before, want time.Duration
	}{
		{"used up", exhausted, patience, patience / impatience},
		{"used up to the end", exhausted, minPatience + 1, minPatience},
		{"blocked elsewhere", impossible, time.Second, time.Second},
		{"has read", happened, minPatience, minPatience * impatience},
		{"has read again", happened, patience, patience},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.outcome.after(c.before); got != c.want {
				t.Fatalf("patience = %v, want %v", got, c.want)
			}
		})
	}
}

// TestYieldEndsWhenNothingElseRuns would take an hour if it did not.
func TestYieldEndsWhenNothingElseRuns(t *testing.T) {
	if got := yield(time.Hour, func() bool { return false }); got == happened {
		t.Fatalf("outcome = %v, want impossible, or exhausted beside a system call", got)
	}
}

func TestYieldEndsWithItsLimitWhereOthersCompute(t *testing.T) {
	var quit atomic.Bool
	done := make(chan struct{}, 2)
	for range 2 {
		go func() {
			for !quit.Load() { // never blocks
			}
			done <- struct{}{}
		}()
	}
	if got := yield(time.Millisecond, func() bool { return false }); got != exhausted {
		t.Errorf("outcome = %v, want exhausted", got)
	}
	quit.Store(true)
	<-done
	<-done
}

func TestYieldEndsWhenItHappened(t *testing.T) {
	var happens atomic.Bool
	go happens.Store(true)
	if got := yield(time.Hour, happens.Load); got != happened {
		t.Fatalf("outcome = %v, want happened", got)
	}
	if got := unless(func() bool { return true }, exhausted); got != happened {
		t.Fatalf("outcome of the last look = %v, want happened", got)
	}
}

// TestGoroutineMissedByTheCountersIsSeenInTheDump: counters that show nothing,
// here because they do not exist, used to be believed, and Run said that no
// timer was left while a goroutine was on its way to arm one.
func TestGoroutineMissedByTheCountersIsSeenInTheDump(t *testing.T) {
	blind := newActivity()
	for i := range blind {
		blind[i].Name = "/no/such/metric"
	}
	var quit atomic.Bool
	done := make(chan struct{})
	go func() {
		defer close(done)
		for !quit.Load() { // never blocks
		}
	}()
	if got := blind.look(); got != active {
		t.Errorf("state beside a running goroutine = %v, want active", got)
	}
	quit.Store(true)
	<-done
}

func TestStateOfADump(t *testing.T) {
	for _, c := range []struct {
		name, others string
		want         state
	}{
		{"alone", "", blocked},
		{"blocked", "\n\ngoroutine 1 [chan receive, 2 minutes]:\nmain.main()\n\ngoroutine 9 [select (no cases), locked to thread]:\nx()", blocked},
		{"runnable", "\n\ngoroutine 1 [chan receive]:\nmain.main()\n\ngoroutine 9 [runnable]:\nx()", active},
		{"running", "\n\ngoroutine 9 [running]:\n\tgoroutine running on other thread; stack unavailable", active},
		{"system call", "\n\ngoroutine 1 [chan receive]:\nmain.main()\n\ngoroutine 9 [syscall, 3 minutes]:\nx()", inCalls},
		{"system call and runnable", "\n\ngoroutine 8 [syscall]:\nx()\n\ngoroutine 9 [runnable]:\nx()", active},
		{"helping the collector", "\n\ngoroutine 9 [GC assist wait]:\nx()", active},
		{"bubbled", "\n\ngoroutine 9 [chan receive (durable), synctest bubble 7]:\nx()", blocked},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := stateOf([]byte("goroutine 5 [running]:\nme()" + c.others)); got != c.want {
				t.Fatalf("state = %v, want %v", got, c.want)
			}
		})
	}
}
