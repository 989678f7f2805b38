package plain

import (
	"testing"
	"time"

	"github.com/sleepless-go/sleepless/fakeclock"
	"github.com/sleepless-go/sleepless/foundation/cache"
	"github.com/sleepless-go/sleepless/foundation/telemetry/telemetrytest"
)

func TestASessionExpires(t *testing.T) {
	clk := fakeclock.New()              // time is an input
	rec := telemetrytest.NewRecorder(t) // opened before anything happens
	sessions, err := cache.New(cache.Options[string, string]{DefaultTTL: time.Minute, Clock: clk, Events: rec})
	if err != nil {
		t.Fatal(err)
	}
	defer sessions.Close()

	go sessions.Put(t.Context(), "ann", "token") // somebody logs in, some time
	telemetrytest.Await(t, "ann is logged in", rec, cache.Put, nil)

	clk.Advance(time.Minute) // when it returns, all that was due has happened
	e := telemetrytest.Await(t, "a session is evicted", rec, cache.Evicted, nil)
	if e.Key != "ann" || e.Reason != cache.ReasonExpired {
		t.Errorf("evicted %q because of %s", e.Key, e.Reason)
	}
}
