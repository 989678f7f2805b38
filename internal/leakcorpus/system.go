package leakcorpus

import (
	"context"
	"io"
	"os"
	"os/exec"
	"os/signal"
)

// roleVariable makes a test binary that imports this package a program that
// waits until its input ends.
const roleVariable = "LEAKCORPUS_WAITS"

func init() {
	if os.Getenv(roleVariable) != "" {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}
}

// systemLeaks wait for the operating system.
var systemLeaks = []Case{
	{Name: "reader of a pipe that nobody closes", Leaks: 1, Plant: func() func() {
		r, w, err := os.Pipe()
		if err != nil {
			panic(err)
		}
		return held(func() { io.Copy(io.Discard, r) }, func() {
			w.Close()
			r.Close()
		})
	}},
	{Name: "system call that blocks", Leaks: 1, Plant: func() func() {
		r, w, err := os.Pipe()
		if err != nil {
			panic(err)
		}
		r.Fd() // takes the pipe from the poller: a read of it blocks its thread
		release := held(func() { r.Read(make([]byte, 1)) }, func() { w.Close() })
		return func() {
			release()
			r.Close()
		}
	}},
	// One that waits for the process, and one that copies its output.
	{Name: "process that is not ended", Leaks: 2, Plant: func() func() {
		cmd, stdin := child()
		return held(func() { cmd.Wait() }, func() { stdin.Close() })
	}},
	{Name: "loop over signals", Leaks: 1, Plant: func() func() {
		signals := make(chan os.Signal, 1)
		signal.Notify(signals, os.Interrupt)
		return held(func() {
			for range signals {
			}
		}, func() {
			signal.Stop(signals)
			close(signals)
		})
	}},
	// Package os/signal starts it, as it does the loop of the process.
	{Name: "NotifyContext that is not stopped", Leaks: 1, Plant: func() func() {
		_, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		return stop
	}},
}

// child starts a process that ends with its standard input.
func child() (*exec.Cmd, io.Closer) {
	program, err := os.Executable()
	if err != nil {
		panic(err)
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), roleVariable+"=1", "GORACE=atexit_sleep_ms=0")
	cmd.Stdout = new(discarded)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		panic(err)
	}
	if err := cmd.Start(); err != nil {
		panic(err)
	}
	return cmd, stdin
}

// discarded is no file, so that os/exec copies to it on a goroutine.
type discarded struct{}

func (*discarded) Write(b []byte) (int, error) { return len(b), nil }
