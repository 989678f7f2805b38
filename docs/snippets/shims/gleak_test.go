package shims

import (
	"testing"

	. "github.com/onsi/gomega"

	// snippet:begin gleak-import
	. "github.com/sleepless-go/sleepless/matchers/gleak" // was: github.com/onsi/gomega/gleak
	// snippet:end gleak-import

	. "github.com/sleepless-go/sleepless/matchers"
)

func TestAJanitorEndsWithItsCache(t *testing.T) {
	g := NewWithT(t)
	stop := make(chan struct{})
	// snippet:begin gleak-test
	before := Goroutines()
	go func() { <-stop }() // the cache's janitor
	close(stop)            // the cache is closed
	AwaitWith(g, Goroutines).ShouldNot(HaveLeaked(before))
	// snippet:end gleak-test
}
