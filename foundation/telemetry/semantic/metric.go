package semantic

import "github.com/sleepless-go/sleepless/foundation/telemetry"

// MetricRecorded carries a figure that has no event of its own. The metric's
// name is a field: event names are declared, not made at run time.
var MetricRecorded = telemetry.NewEvent[MetricData]("foundation.metrics.recorded", "A metric was given a value.")

// MetricData is the payload of MetricRecorded.
type MetricData struct {
	telemetry.Commit
	Metric string  `telemetry:"label" doc:"Name of the metric, which tells its unit."`
	Value  float64 `telemetry:"measure,unit=value" doc:"Its value, in the metric's own unit."`
}
