package telemetrytest_test

import (
	"testing"

	"go.uber.org/goleak"
)

// No test of this package leaves a goroutine behind, but for the operation that
// dead-locks on purpose under Contract: nothing can end that one.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/sleepless-go/sleepless/foundation/telemetry/telemetrytest_test.(*box).Fill"))
}
