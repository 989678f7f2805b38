package telemetry_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/sleepless-go/sleepless/foundation/telemetry"
	"github.com/sleepless-go/sleepless/foundation/telemetry/telemetrytest"
)

// suite is the test that go test started. A bubble is made from it, since
// synctest takes nothing but a *testing.T. It is set once, before any spec runs.
var suite *testing.T

var ran atomic.Bool

func TestTelemetry(t *testing.T) {
	if ran.Swap(true) {
		t.Skip("Ginkgo runs a suite once per process, so -cpu cannot repeat it: give one go test for each -cpu, or repeat with ginkgo --repeat=N")
	}
	suite = t
	RegisterFailHandler(Fail)
	RunSpecs(t, "telemetry")
}

// ctx carries nothing; specs about traces make their own.
var ctx = context.Background()

// stepData is the payload of the events that this suite emits itself.
type stepData struct {
	telemetry.Commit
	Name     string        `telemetry:"attr" doc:"Name of the step."`
	Duration time.Duration `telemetry:"measure" doc:"Time the step took."`
}

var (
	first  = telemetry.NewEvent[stepData]("suite.step.first", "The first step was done.")
	second = telemetry.NewEvent[stepData]("suite.step.second", "The second step was done.")
	third  = telemetry.NewEvent[stepData]("suite.step.third", "The third step was done.")
)

// recorded returns a bus of the spec's own and a recorder that hears everything
// on it.
func recorded() (*telemetry.Bus, *telemetrytest.Recorder) {
	bus := telemetry.NewBus()
	return bus, telemetrytest.Record(GinkgoT(), bus)
}
