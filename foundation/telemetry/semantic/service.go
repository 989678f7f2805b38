package semantic

import "github.com/sleepless-go/sleepless/foundation/telemetry"

// The life of a service.
var (
	ServiceStarted = telemetry.NewEvent[ServiceData]("foundation.service.started", "A service is up and takes work.")
	ServiceStopped = telemetry.NewEvent[ServiceData]("foundation.service.stopped", "A service takes no more work and has let go of its resources.")
	ServiceError   = telemetry.NewEvent[ServiceErrorData]("foundation.service.error", "A service met an error that its callers may not see.")
)

// ServiceData is the payload of ServiceStarted and ServiceStopped.
type ServiceData struct {
	telemetry.Commit
	Service string `telemetry:"label" doc:"Name of the service."`
}

// ServiceErrorData is the payload of ServiceError.
type ServiceErrorData struct {
	telemetry.Commit
	Service string `telemetry:"label" doc:"Name of the service."`
	Error   error  `telemetry:"attr" doc:"What went wrong."`
}
