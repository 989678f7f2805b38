package leakcheck

import (
	"strings"
	"testing"
	"testing/synctest"
)

// playLeakingBubble is a test program whose one test leaks in a bubble.
func playLeakingBubble(*testing.M) int {
	testing.Main(func(string, string) (bool, error) { return true, nil }, []testing.InternalTest{{Name: "TestLeaking", F: func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			Check(t)
			started := make(chan struct{})
			go func() {
				close(started)
				select {}
			}()
			<-started
		})
	}}}, nil, nil)
	return 0 // testing.Main has ended the process
}

// synctest ends the process over a goroutine that is left in a bubble, with text
// in which the line that matters is far down. The check speaks before that.
func TestALeakInABubbleIsExplainedBeforeSynctestEndsTheProcess(t *testing.T) {
	text, code := play(t, "bubble")
	if code == 0 {
		t.Errorf("exit code 0:\n%s", text)
	}
	mustContain(t, text, "TestLeaking leaked 1 goroutine", "[select (no cases)]", "bubble_test.go", "select{} never ends", "deadlock: main bubble goroutine has exited")
	if ours, theirs := strings.Index(text, "leaked 1 goroutine"), strings.Index(text, "deadlock: "); ours > theirs {
		t.Errorf("the explanation comes last:\n%s", text)
	}
}

func TestAProofIsMadeWhereTheToolchainCan(t *testing.T) {
	place := garden(t) // reachable, through this variable
	s := &spy{name: "TestX"}
	session := newSession(s, []Option{Within(0)})
	place.leak()
	r := session.finish()
	if len(r.Goroutines) != 1 || r.Goroutines[0].Verdict != Blocked {
		t.Errorf("reachable, and yet:\n%s", r)
	}
	if can, did := leakProfile() != nil, r.GCs > 0; can != did {
		t.Errorf("the toolchain has the profile: %v; collections: %d", can, r.GCs)
	}
}
