package semantic

import (
	"time"

	"github.com/sleepless-go/sleepless/foundation/telemetry"
)

// The use of something there is a limited number of.
var (
	ResourceAcquired  = telemetry.NewEvent[ResourceData]("foundation.resource.acquired", "A resource was acquired.")
	ResourceReleased  = telemetry.NewEvent[ResourceReleasedData]("foundation.resource.released", "A resource was given back.")
	ResourceExhausted = telemetry.NewEvent[ResourceData]("foundation.resource.exhausted", "A resource was asked for and none was left.")
)

// ResourceData is the payload of ResourceAcquired and ResourceExhausted.
type ResourceData struct {
	telemetry.Commit
	ResourceType string `telemetry:"label" doc:"Kind of resource."`
}

// ResourceReleasedData is the payload of ResourceReleased.
type ResourceReleasedData struct {
	telemetry.Commit
	ResourceType string        `telemetry:"label" doc:"Kind of resource."`
	HoldDuration time.Duration `telemetry:"measure" doc:"Time from acquiring to releasing."`
}
