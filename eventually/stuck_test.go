package eventually

import (
	"strings"
	"sync"
	"testing"
	"time"
)

func TestAStuckConditionIsNamedWithItsStack(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		release := make(chan struct{})
		var got Stuck
		Until(t, "the door is open", func() bool { <-release; return true }, Within(time.Second), OnStuck(func(s Stuck) {
			got = s
			close(release)
		}))
		if got.What != "the door is open" || got.Check != 1 || got.Limit != time.Second {
			t.Errorf("got %+v", got)
		}
		mustContain(t, got.Stack, "TestAStuckConditionIsNamedWithItsStack", "stuck_test.go:")
		if n := strings.Count(got.Stack, "\ngoroutine "); n != 0 {
			t.Errorf("the stack has %d other goroutines:\n%s", n, got.Stack)
		}
		mustContain(t, got.String(), `eventually: "the door is open": the condition itself is stuck: check 1 has not returned though the limit of 1s is over`, "a condition must only look, never block")
	})
}

func blockedInTheCellar(release <-chan struct{}) { <-release }
func blockedInTheAttic(release <-chan struct{})  { <-release }

func TestOfTwoWaitsTheStuckOneIsNamed(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var both sync.WaitGroup
		for _, w := range []struct {
			name    string
			limit   time.Duration
			blocked func(<-chan struct{})
		}{{"blockedInTheCellar", time.Second, blockedInTheCellar}, {"blockedInTheAttic", time.Minute, blockedInTheAttic}} {
			both.Go(func() {
				release := make(chan struct{})
				Until(t, w.name, func() bool { w.blocked(release); return true }, Within(w.limit), OnStuck(func(s Stuck) {
					mustContain(t, s.Stack, w.name)
					if s.What != w.name || strings.Contains(s.Stack, "Cellar") && strings.Contains(s.Stack, "Attic") {
						t.Errorf("%q is stuck in:\n%s", s.What, s.Stack)
					}
					close(release)
				}))
			})
		}
		both.Wait()
	})
}

func TestASlowConditionThatReturnsIsNotStuck(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		failure(func(s *spy) {
			Until(s, "x", func() bool { blockFor(450 * time.Millisecond); return false },
				Within(time.Second), OnStuck(func(s Stuck) { t.Errorf("called stuck: %v", s) }))
		})
	})
}

func TestTheLastCheckCanBeStuckToo(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		release := make(chan struct{})
		checks, stuck := 0, 0
		failure(func(s *spy) {
			Until(s, "x", func() bool {
				if checks++; checks == 2 {
					<-release
				}
				return false
			}, On(&Counter{}), Within(time.Second), OnStuck(func(s Stuck) {
				stuck = s.Check
				close(release)
			}))
		})
		if stuck != 2 || checks != 2 {
			t.Errorf("stuck in check %d of %d, want 2 of 2", stuck, checks)
		}
	})
}

func TestAStuckConditionIsReportedOnStandardErrorByDefault(t *testing.T) {
	cmd := play("stuck")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	p := StartProcess(t, cmd)
	contains := func(part string) func(string) bool {
		return func(line string) bool { return strings.Contains(line, part) }
	}
	InOrder(t, "the stack is printed", p.Output.Recorder, []func(string) bool{
		contains(`eventually: "the impossible": the condition itself is stuck: check 1`),
		contains("hint: a condition must only look"),
		contains("eventually.playStuck"),
	}, Within(time.Minute), FailFast(p.FailIfExited))
	in.Write([]byte("go on\n"))
	Event(t, "it ends well", p.Output.Recorder, func(line string) bool { return line == "over: <nil>" }, Within(time.Minute))
}
