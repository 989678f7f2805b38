package eventually

import (
	"errors"
	"fmt"
	"os/exec"
	"sync"
	"time"
)

// outputGrace is how long the end of a process waits for grandchildren that
// still hold its output open, unless cmd.WaitDelay says otherwise.
const outputGrace = 5 * time.Second

// Process is a program under test. It is a Source that reports the program's
// end, and its output is recorded line by line.
//
// It owns one goroutine, which waits for the program and ends with it. When the
// test ends, a program that still runs is killed and waited for.
type Process struct {
	Signal
	// Output holds the lines of standard output and standard error, as far as
	// cmd did not send them elsewhere. It is closed when the program has ended:
	// a wait for a line that did not come fails then, and not at its limit.
	Output *Lines

	cmd   *exec.Cmd
	ended chan struct{}

	mu   sync.Mutex
	done bool
	err  error
}

// StartProcess starts cmd for t, which must have a Cleanup method. It fails t
// if the program cannot be started.
//
//	p := eventually.StartProcess(t, exec.Command(binary, "serve"))
//	eventually.Event(t, "it is ready", p.Output.Recorder, func(line string) bool { return strings.Contains(line, "listening") },
//		eventually.On(p), eventually.FailFast(p.FailIfExited))
func StartProcess(t TB, cmd *exec.Cmd) *Process {
	t.Helper()
	owner, ok := t.(cleaner)
	if !ok {
		panic(fmt.Sprintf("eventually: StartProcess needs a TB with a Cleanup method to stop the program, and %T has none", t))
	}
	p := &Process{cmd: cmd, Output: NewLines(t, Named("output of "+cmd.Path)), ended: make(chan struct{})}
	if cmd.Stdout == nil {
		cmd.Stdout = p.Output
	}
	if cmd.Stderr == nil {
		cmd.Stderr = p.Output
	}
	if cmd.WaitDelay == 0 {
		cmd.WaitDelay = outputGrace
	}
	if err := cmd.Start(); err != nil {
		t.Errorf("eventually: cannot start %s: %v", cmd, err)
		t.FailNow()
		return nil
	}
	go p.wait()
	owner.Cleanup(func() {
		p.Kill()
		<-p.ended
	})
	return p
}

func (p *Process) wait() {
	defer close(p.ended)
	err := p.cmd.Wait()
	p.Output.Flush()
	p.mu.Lock()
	p.done, p.err = true, err
	p.mu.Unlock()
	p.Output.Close() // after done, so that who finds it closed can ask why
	p.Broadcast()
}

// Kill ends the program at once. It does nothing if it has ended, and does not
// wait for its end.
func (p *Process) Kill() {
	if !p.Exited() {
		p.cmd.Process.Kill() // an error means that it has just ended
	}
}

// Pid returns the program's process id.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Exited reports whether the program has ended; all its output is recorded by
// then.
func (p *Process) Exited() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.done
}

// ExitCode returns the exit code, or -1 while the program runs or if a signal
// ended it.
func (p *Process) ExitCode() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.done {
		return -1
	}
	return p.cmd.ProcessState.ExitCode()
}

// Err returns what exec.Cmd.Wait returned: nil for exit code 0 and while the
// program runs.
func (p *Process) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// ErrExited is what FailIfExited returns, wrapped with how the program ended.
var ErrExited = errors.New("the program has ended")

// FailIfExited returns an error once the program has ended. It is made for
// FailFast: a server that has died will not become ready.
func (p *Process) FailIfExited() error {
	if !p.Exited() {
		return nil
	}
	return fmt.Errorf("%w: %s: %v", ErrExited, p.cmd.Path, p.cmd.ProcessState)
}

// Idle implements Idler: a program that has ended does nothing more.
func (p *Process) Idle() (bool, string) {
	if p.Exited() {
		return true, ""
	}
	return false, fmt.Sprintf("%s runs (pid %d)", p.cmd.Path, p.Pid())
}

// String names the program in reports.
func (p *Process) String() string {
	if p.Exited() {
		return fmt.Sprintf("process %s (%v)", p.cmd.Path, p.cmd.ProcessState)
	}
	return fmt.Sprintf("process %s (runs, pid %d)", p.cmd.Path, p.Pid())
}
