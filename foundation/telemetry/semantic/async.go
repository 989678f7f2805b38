package semantic

import (
	"time"

	"github.com/sleepless-go/sleepless/foundation/telemetry"
)

// The life of an operation that runs on its own: one start, one end.
var (
	AsyncStarted   = telemetry.NewEvent[AsyncStartedData]("foundation.async.started", "An operation began.")
	AsyncCompleted = telemetry.NewEvent[AsyncCompletedData]("foundation.async.completed", "An operation ended well.")
	AsyncFailed    = telemetry.NewEvent[AsyncFailedData]("foundation.async.failed", "An operation ended by error, panic or Goexit.")
)

// AsyncStartedData is the payload of AsyncStarted.
type AsyncStartedData struct {
	telemetry.Commit
	Operation string `telemetry:"label" doc:"Name of the operation."`
}

// AsyncCompletedData is the payload of AsyncCompleted.
type AsyncCompletedData struct {
	telemetry.Commit
	Operation string        `telemetry:"label" doc:"Name of the operation."`
	Duration  time.Duration `telemetry:"measure" doc:"Time from start to end."`
}

// AsyncFailedData is the payload of AsyncFailed.
type AsyncFailedData struct {
	telemetry.Commit
	Operation string        `telemetry:"label" doc:"Name of the operation."`
	Duration  time.Duration `telemetry:"measure" doc:"Time from start to end."`
	Error     error         `telemetry:"attr" doc:"What went wrong."`
}
