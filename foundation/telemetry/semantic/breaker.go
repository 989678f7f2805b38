package semantic

import "github.com/sleepless-go/sleepless/foundation/telemetry"

// CircuitBreakerStateChange is emitted when a breaker around a service opens,
// half-opens or closes.
var CircuitBreakerStateChange = telemetry.NewEvent[CircuitBreakerData]("foundation.circuit_breaker.state_change",
	"A circuit breaker went from one state to another.")

// CircuitBreakerData is the payload of CircuitBreakerStateChange.
type CircuitBreakerData struct {
	telemetry.Commit
	Service   string `telemetry:"label" doc:"Name of the service the breaker protects."`
	FromState string `telemetry:"label" doc:"State before: closed, open or half_open."`
	ToState   string `telemetry:"label" doc:"State after: closed, open or half_open."`
}
