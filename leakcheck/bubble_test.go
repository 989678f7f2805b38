package leakcheck

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
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

// playProof leaks a goroutine for ever and prints what is found out about it.
func playProof(*testing.M) int {
	base := TakeBaseline()
	begun := make(chan struct{})
	go func() {
		close(begun)
		<-make(chan struct{})
	}()
	<-begun
	for range 2 { // it stays proven for later checks
		r := Find(Since(base), Within(30*time.Millisecond))
		for _, g := range r.Goroutines {
			fmt.Println(g.Verdict)
		}
	}
	return 0
}

func TestALeakIsProvenWithTheProfileAndBlockedWithoutIt(t *testing.T) {
	want := "blocked\nblocked\n"
	if leakProfile() != nil {
		want = "proven\nproven\n"
	}
	if got, code := play(t, "proof"); !strings.HasSuffix(got, want) || code != 0 {
		t.Errorf("exit code %d:\n%s\nwant %s", code, got, want)
	}
}
