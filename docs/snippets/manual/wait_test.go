package manual

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sleepless-go/sleepless/eventually"
)

func TestUntil(t *testing.T) {
	// snippet:begin until
	var workers eventually.Counter // counts, and wakes whoever waits for the count
	for range 3 {
		go workers.Add(1)
	}
	eventually.Until(t, "all workers have started", func() bool { return workers.Load() == 3 },
		eventually.On(&workers))
	// snippet:end until
}

func TestValue(t *testing.T) {
	// snippet:begin value
	var state eventually.Var[string]
	go func() {
		state.Set("starting")
		state.Set("ready")
	}()
	eventually.Value(t, "the server's state", state.Load, func(s string) bool { return s == "ready" },
		eventually.On(&state)) // a failure shows "" → "starting"
	// snippet:end value
}

func TestCheck(t *testing.T) {
	var users eventually.Var[[]string]
	go users.Set([]string{"ann", "bob"})
	// snippet:begin check
	eventually.Check(t, "ann and bob are there", func(c *eventually.C) {
		require.Len(c, users.Load(), 2) // ends this look, not the test
		require.Contains(c, users.Load(), "bob")
	}, eventually.On(&users))
	// snippet:end check
}

func TestOptions(t *testing.T) {
	var ready, crashed atomic.Bool
	var changed eventually.Signal
	go func() {
		ready.Store(true)
		changed.Broadcast()
	}()
	// snippet:begin options
	step := eventually.NewBudget(10 * time.Second) // for all the waits of this step
	eventually.Until(t, "the server is ready", ready.Load,
		eventually.On(&changed),
		eventually.Within(2*time.Second), // instead of 5 s
		eventually.WithinBudget(step),
		eventually.FailFast(func() error { // it will not become ready any more
			if crashed.Load() {
				return errors.New("the server has crashed")
			}
			return nil
		}),
		eventually.OnCheck(func(a eventually.Attempt) {
			t.Logf("check %d, woken by %v: %v", a.Number, a.Woken, a.Done)
		}))
	// snippet:end options
}

func TestHoldFor(t *testing.T) {
	// snippet:begin hold
	synctest.Test(t, func(t *testing.T) {
		var load eventually.Var[int]
		load.Set(90)
		for i := range 5 { // 90, 70, 50, 30, 10 at 0 s, 1 s, …
			time.AfterFunc(time.Duration(i)*time.Second, func() { load.Set(90 - 20*i) })
		}
		eventually.Until(t, "the load is low for ten seconds", func() bool { return load.Load() < 40 },
			eventually.On(&load), eventually.HoldFor(10*time.Second), eventually.Within(time.Minute))
	})
	// snippet:end hold
}

func TestPolled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config")
	written := make(chan error, 1)
	go func() { written <- os.WriteFile(path, []byte("answer = 42\n"), 0o600) }()
	defer func() {
		if err := <-written; err != nil {
			t.Error(err)
		}
	}()
	// snippet:begin polled
	config := eventually.File(path)
	eventually.Until(t, "the config is written", config.Exists, eventually.On(config))
	// snippet:end polled
}

func TestProcess(t *testing.T) {
	// snippet:begin process
	p := eventually.StartProcess(t, exec.Command("go", "version"))
	eventually.Event(t, "it prints its version", p.Output.Recorder,
		func(line string) bool { return strings.Contains(line, "go1.") })
	eventually.Until(t, "it ends", p.Exited, eventually.On(p))
	if p.ExitCode() != 0 {
		t.Errorf("exit code %d", p.ExitCode())
	}
	// snippet:end process
}

func TestLines(t *testing.T) {
	// snippet:begin lines
	log := eventually.NewLines(t) // an io.Writer: give it to the component as its log
	go func() {
		for range 3 {
			log.Write([]byte("level=INFO msg=reconnected\n"))
		}
	}()
	eventually.Until(t, "it has reconnected three times", func() bool { return log.Seen("reconnected") == 3 },
		eventually.On(log))
	// snippet:end lines
}

func TestChannel(t *testing.T) {
	results := make(chan int)
	go func() {
		defer close(results)
		for i := range 3 {
			results <- i
		}
	}()
	// snippet:begin channel
	got := eventually.Chan(results)
	eventually.Until(t, "all results are in", got.Closed, eventually.On(got))
	if n := len(got.Received()); n != 3 {
		t.Errorf("%d results, want 3", n)
	}
	// snippet:end channel
}
