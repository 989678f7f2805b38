package eventually

import (
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"
)

func TestAProcessIsASourceOfItsEnd(t *testing.T) {
	p := StartProcess(t, play("greet"))
	Until(t, "it ends", p.Exited, On(p), Within(time.Minute))
	var exit *exec.ExitError
	if p.ExitCode() != 3 || !errors.As(p.Err(), &exit) {
		t.Errorf("exit code %d, %v; want 3", p.ExitCode(), p.Err())
	}
	for _, line := range []string{"starting", "warning: cold", "bye"} {
		if p.Output.Seen(line) != 1 {
			t.Errorf("%q is not among %q", line, p.Output.History())
		}
	}
	mustBe(t, p.FailIfExited(), ErrExited)
	mustContain(t, p.FailIfExited().Error(), "exit status 3")
	mustContain(t, p.String(), "exit status 3")
	if idle, why := p.Idle(); !idle {
		t.Errorf("not idle: %s", why)
	}
	p.Kill() // does nothing
}

func TestAProcessThatEndsFailsTheWaitForItsOutput(t *testing.T) {
	text := failure(func(s *spy) {
		p := StartProcess(s, play("greet"))
		Event(s, "it listens", p.Output.Recorder, is("listening"), On(p), FailFast(p.FailIfExited), Within(time.Minute))
	})
	mustContain(t, text, "cannot happen any more: the program has ended: ", "exit status 3", "bye")
	text = failure(func(s *spy) {
		p := StartProcess(s, play("greet"))
		Event(s, "it listens", p.Output.Recorder, is("listening"), Within(time.Minute))
	})
	mustContain(t, text, "cannot happen any more: the recorder is closed, and of 3 events since the search began none matches")
}

func TestAProcessIsKilledWhenItsTestEnds(t *testing.T) {
	s := &spy{}
	cmd := play("serve")
	in, err := cmd.StdinPipe() // held open, so that only a signal ends it
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	p := StartProcess(s, cmd)
	Event(t, "it listens", p.Output.Recorder, is("listening"), FailFast(p.FailIfExited), Within(time.Minute))
	if p.Exited() || p.ExitCode() != -1 || p.Err() != nil || p.FailIfExited() != nil || p.Pid() <= 0 {
		t.Error("it seems to have ended")
	}
	mustContain(t, p.String(), "runs, pid")
	if idle, why := p.Idle(); idle || !strings.Contains(why, "runs (pid") {
		t.Errorf("idle %v: %s", idle, why)
	}
	s.finish()
	if !p.Exited() || p.ExitCode() != -1 || !p.Output.Closed() {
		t.Errorf("after its test: %s", p)
	}
}

func TestAProcessThatCannotStartFailsTheTest(t *testing.T) {
	text := failure(func(s *spy) { StartProcess(s, exec.Command("./no-such-program")) })
	mustContain(t, text, "eventually: cannot start ./no-such-program")
	mustPanic(t, "StartProcess needs a TB with a Cleanup method", func() { StartProcess(bare{&spy{}}, exec.Command("x")) })
}

func TestOutputThatGoesElsewhereIsNotRecorded(t *testing.T) {
	own := NewLines(t)
	cmd := play("greet")
	cmd.Stdout = own
	p := StartProcess(t, cmd)
	Until(t, "it ends", p.Exited, On(p), Within(time.Minute))
	if own.Seen("starting") != 1 || p.Output.Seen("starting") != 0 || p.Output.Seen("warning: cold") != 1 {
		t.Errorf("own %q, recorded %q", own.History(), p.Output.History())
	}
}
