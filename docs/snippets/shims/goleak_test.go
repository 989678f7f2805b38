package shims

import (
	"os"
	"testing"

	realgoleak "go.uber.org/goleak"

	// snippet:begin goleak-import
	"github.com/sleepless-go/sleepless/leakcheck/goleak" // was: go.uber.org/goleak
	// snippet:end goleak-import

	"github.com/sleepless-go/sleepless/leakcheck"
	"github.com/sleepless-go/sleepless/leakcheck/arbiter"
)

// snippet:begin goleak-main
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("example.com/shop.(*Cache).janitor"))
}

// snippet:end goleak-main

// mainWithArbiter is what TestMain would be with goleak as the arbiter.
func mainWithArbiter(m leakcheck.TestingM) {
	// snippet:begin arbiter
	os.Exit(leakcheck.Main(m, arbiter.Goleak(
		realgoleak.IgnoreTopFunction("example.com/shop.(*Cache).janitor"),
	)))
	// snippet:end arbiter
}

var _ = mainWithArbiter

// snippet:begin goleak-test
func TestCacheLeaksNothing(t *testing.T) {
	defer goleak.VerifyNone(t)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() { // the cache's janitor
		defer close(stopped)
		<-stop
	}()
	close(stop) // the cache is closed
	<-stopped
}

// snippet:end goleak-test
