package eventually

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"sync"
	"time"
)

// TB is the part of a test that a wait needs in order to fail it.
// *testing.T, *testing.B, *testing.F, GinkgoT(), rapid.T and the T() of a
// testify suite satisfy it.
//
// What else a TB offers is found by assertion and used where present: Cleanup
// (Recorder.Strict, StartProcess), Logf (remarks that are not failures) and
// Deadline (so that a wait gives up, with its report, before the test binary is
// killed without one). Deadline is never called inside a synctest bubble, where
// it panics.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
	FailNow()
}

type cleaner interface{ Cleanup(func()) }

type logger interface {
	Logf(format string, args ...any)
}

type deadliner interface {
	Deadline() (deadline time.Time, ok bool)
}

func logf(t TB, format string, args ...any) {
	if l, ok := t.(logger); ok {
		t.Helper()
		l.Logf(format, args...)
	}
}

// DefaultLimit is how long a wait goes on when Within is not given, before
// scaling and before the test's own deadline is taken into account.
const DefaultLimit = 5 * time.Second

// DefaultWindow is how long Never looks when Within is not given and idleness
// cannot be proven.
const DefaultWindow = 100 * time.Millisecond

// ScaleVariable names the environment variable that multiplies the limit of
// every wait: EVENTUALLY_SCALE=3 gives a slow machine three times as long.
// Windows that are observed in full (Never, HoldFor) are not scaled. The value
// is a decimal number above zero, read once per process.
const ScaleVariable = "EVENTUALLY_SCALE"

var scale = sync.OnceValues(func() (float64, error) { return parseScale(os.Getenv(ScaleVariable)) })

func parseScale(text string) (float64, error) {
	if text == "" {
		return 1, nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || !(f > 0) || f > 1e6 {
		return 1, fmt.Errorf("%s=%q is not a number above 0 and up to 1000000; unset it or use for instance %s=2", ScaleVariable, text, ScaleVariable)
	}
	return f, nil
}

// scaled multiplies a limit. The product is cut to what a Duration can hold.
func scaled(d time.Duration, factor float64) time.Duration {
	if f := float64(d) * factor; f < math.MaxInt64 {
		return time.Duration(f)
	}
	return math.MaxInt64
}

// limitFor works out how long a wait may take. The test's deadline is cut by a
// tenth, so that the report is still written and the next wait is not left with
// nothing. left is negative when there is no deadline, budget when there is
// none.
func limitFor(asked, left, budget time.Duration) time.Duration {
	limit := asked
	if left >= 0 {
		limit = min(limit, left-left/10)
	}
	if budget >= 0 {
		limit = min(limit, budget)
	}
	return max(limit, 0)
}

// timeLeft returns what remains to the deadline of t, or -1 where there is none
// or it must not be asked for.
func timeLeft(t TB, virtual bool) time.Duration {
	if virtual {
		return -1
	}
	d, ok := t.(deadliner)
	if !ok {
		return -1
	}
	deadline, ok := d.Deadline()
	if !ok {
		return -1
	}
	return max(time.Until(deadline), 0)
}
