package artefact

import (
	"bytes"
	"errors"
	"fmt"
	"runtime/trace"
	"sync"
	"sync/atomic"
	"time"
)

// How much a recording holds, at least and about at most.
const (
	flightAge   = 10 * time.Second
	flightBytes = 16 << 20
)

// Flight is the use that this process makes of the runtime's flight recorder,
// of which only one can run. The zero value cannot be used; see NewFlight.
//
// Once started it runs until the process ends: to have recorded the seconds
// before a failure it must not stop. The runtime owns the goroutine that reads
// the trace.
type Flight struct {
	once  sync.Once
	state atomic.Pointer[flightState]
	turn  chan struct{} // held by whoever writes; of no bubble, so that bubbles can share it
}

type flightState struct {
	recorder *trace.FlightRecorder
	err      error
}

// NewFlight returns a Flight that is not started. Call it outside bubbles.
func NewFlight() *Flight { return &Flight{turn: make(chan struct{}, 1)} }

// ErrNotStarted is what Snapshot returns before Start.
var ErrNotStarted = errors.New("in a bubble it cannot start; set EVENTUALLY_ARTEFACTS to have it from the start")

// Start begins to record, if that was not done before. It must be called
// outside bubbles: the goroutine of the recorder would belong to the bubble and
// keep it from ending.
func (f *Flight) Start() {
	if f.state.Load() != nil {
		return
	}
	f.once.Do(func() {
		r := trace.NewFlightRecorder(trace.FlightRecorderConfig{MinAge: flightAge, MaxBytes: flightBytes})
		if err := r.Start(); err != nil {
			f.state.Store(&flightState{err: fmt.Errorf("somebody else's runs in this process, and there can be only one: %w", err)})
			return
		}
		f.state.Store(&flightState{recorder: r})
	})
}

// Snapshot returns what the recorder holds: an execution trace for
// "go tool trace". It may be called from any goroutine, in and out of bubbles.
func (f *Flight) Snapshot() ([]byte, error) {
	s := f.state.Load()
	switch {
	case s == nil:
		return nil, ErrNotStarted
	case s.err != nil:
		return nil, s.err
	}
	f.turn <- struct{}{} // the recorder refuses two at a time
	defer func() { <-f.turn }()
	var b bytes.Buffer
	if _, err := s.recorder.WriteTo(&b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
