package component

import (
	"context"
	"errors"
	"testing"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/foundation/telemetry"
	"github.com/sleepless-go/sleepless/foundation/telemetry/telemetrytest"
)

// snippet:begin contract
func TestDoorKeepsTheEmitContract(t *testing.T) {
	telemetrytest.Contract(t, func(events telemetry.Sink) telemetrytest.Subject {
		door := NewDoor("front", events)
		return telemetrytest.Subject{
			Acts: []telemetrytest.Act{{
				Name:   "open",
				Event:  Opened,
				Do:     func(ctx context.Context) { door.Open(ctx, "ann") },
				Settle: door, // the motor emits, not the call
				See: telemetrytest.See(Opened, func(d OpenedData) error { // during the event
					if !door.IsOpen() {
						return errors.New("the door is shut")
					}
					return nil
				}),
			}},
			Close: door.Close,
		}
	})
}

// snippet:end contract

func TestDoorOpensOnce(t *testing.T) {
	// snippet:begin use
	rec := telemetrytest.NewRecorder(t)
	door := NewDoor("front", rec)
	defer door.Close()
	door.Open(t.Context(), "ann")
	telemetrytest.Await(t, "ann opens the door", rec, Opened, func(d OpenedData) bool { return d.By == "ann" })
	telemetrytest.Never(t, "somebody else opens it", rec, Opened,
		func(d OpenedData) bool { return d.By != "ann" }, eventually.On(door)) // returns as soon as the motor stands
	// snippet:end use
}
