package clock_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/foundation/clock"
	"github.com/sleepless-go/sleepless/foundation/clock/clocktest"
)

func TestSystemConforms(t *testing.T) {
	clocktest.RunIn(t, synctest.Test, func(testing.TB) (clock.Clock, func(time.Duration)) {
		return clock.System(), eventually.Advance
	})
}

// foreign is the system's clock as another type, so that nothing is delegated
// to package context or time.Sleep.
type foreign struct{ clock.Clock }

func TestClockWrappedByAThirdPartyConforms(t *testing.T) {
	clocktest.RunIn(t, synctest.Test, func(testing.TB) (clock.Clock, func(time.Duration)) {
		return foreign{clock.System()}, eventually.Advance
	})
}
