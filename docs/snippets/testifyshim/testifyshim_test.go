package testifyshim

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/eventually/testify"
)

func TestMoved(t *testing.T) {
	var jobs atomic.Int64
	go jobs.Add(3)
	// snippet:begin moved
	testify.RequireEventually(t, func() bool { return jobs.Load() == 3 }, // was require.Eventually(
		time.Second, 10*time.Millisecond, "the jobs hang")

	testify.EventuallyWithT(t, func(c *testify.CollectT) { // was assert.EventuallyWithT, *assert.CollectT
		require.NotZero(c, jobs.Load())
		assert.EqualValues(c, 3, jobs.Load())
	}, time.Second, 10*time.Millisecond)
	// snippet:end moved
}

func TestDriven(t *testing.T) {
	// snippet:begin driven
	var jobs eventually.Counter // was an atomic.Int64
	for range 3 {
		go jobs.Add(1)
	}
	testify.On(&jobs).RequireEventually(t, func() bool { return jobs.Load() == 3 },
		time.Second, 10*time.Millisecond, "the jobs hang")
	// snippet:end driven
}

func TestOptions(t *testing.T) {
	var looks atomic.Int64
	query := func() bool { return looks.Add(1) == 2 }
	// snippet:begin options
	const tick = time.Millisecond
	testify.With(eventually.PollEvery(tick)).Eventually(t, query, time.Minute, tick) // expensive: no more often
	// snippet:end options
}

func TestNative(t *testing.T) {
	var jobs eventually.Counter
	go jobs.Add(3)
	// snippet:begin native
	eventually.Until(t, "all jobs are done", func() bool { return jobs.Load() == 3 }, eventually.On(&jobs))
	// snippet:end native
}
