package component

import (
	"context"
	"sync"

	"github.com/sleepless-go/sleepless/foundation/signal"
	"github.com/sleepless-go/sleepless/foundation/telemetry"
)

// snippet:begin events
// Opened tells that a door was opened. Declare one variable for each kind of
// event, beside the code that emits it.
var Opened = telemetry.NewEvent[OpenedData]("example.door.opened", "A door was opened.")

// OpenedData is the payload of Opened. The tags say what a field is: a label
// with few values, an attr that identifies, or a measure with its unit.
type OpenedData struct {
	telemetry.Commit        // instance and commit sequence
	By               string `telemetry:"attr" doc:"Who opened it."`
}

// snippet:end events

// snippet:begin component
// Door is opened by a motor, which takes its time.
type Door struct {
	signal.Signal // Notify: the door is a source of waits
	name          string
	opened        telemetry.Emitter[OpenedData]
	seq           telemetry.Sequence
	motors        sync.WaitGroup

	mu   sync.Mutex
	open bool
	busy int
}

// NewDoor binds its events once. A nil sink means that nobody listens.
func NewDoor(name string, events telemetry.Sink) *Door {
	return &Door{name: name, opened: Opened.Bind(events)}
}

// Open starts the motor and returns.
func (d *Door) Open(ctx context.Context, by string) {
	d.mu.Lock()
	d.busy++
	d.mu.Unlock()
	d.motors.Go(func() {
		d.mu.Lock()
		d.open = true                                                   // commit,
		commit := telemetry.Commit{Instance: d.name, Seq: d.seq.Next()} // and number it,
		d.mu.Unlock()
		d.opened.Emit(ctx, OpenedData{commit, by}) // then tell, outside the lock

		d.mu.Lock()
		d.busy-- // all effects are visible
		d.mu.Unlock()
		d.Broadcast()
	})
}

// IsOpen reports whether the door is open.
func (d *Door) IsOpen() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.open
}

// Idle reports whether no motor runs: with it, tests can prove a negative.
func (d *Door) Idle() (idle bool, why string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.busy == 0, "a motor runs"
}

// Close waits for the motors.
func (d *Door) Close() { d.motors.Wait() }

// snippet:end component
