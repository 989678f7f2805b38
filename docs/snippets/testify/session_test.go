package testify

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/foundation/cache"
	"github.com/sleepless-go/sleepless/foundation/telemetry"
)

func TestASessionExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // in a bubble the real clock is fake
		bus := telemetry.NewBus()
		sessions, err := cache.New(cache.Options[string, string]{DefaultTTL: time.Minute, Events: bus})
		require.NoError(t, err)
		defer sessions.Close()

		time.AfterFunc(time.Second, func() { sessions.Put(t.Context(), "ann", "token") })
		eventually.Check(t, "ann is logged in", func(c *eventually.C) {
			token, ok := sessions.Get(t.Context(), "ann")
			require.True(c, ok)
			assert.Equal(c, "token", token)
		}, eventually.On(bus)) // looked at again when something happens, not every 10 ms

		eventually.Advance(time.Minute)
		_, ok := sessions.Get(t.Context(), "ann")
		assert.False(t, ok, "the session outlived its minute")
	})
}
