package ginkgo

import (
	"context"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/sleepless-go/sleepless/fakeclock"
	"github.com/sleepless-go/sleepless/foundation/cache"
	"github.com/sleepless-go/sleepless/foundation/telemetry/telemetrytest"
	. "github.com/sleepless-go/sleepless/matchers"
)

func TestSessions(t *testing.T) { RegisterFailHandler(Fail); RunSpecs(t, "sessions") }

var _ = It("expires a session", func(ctx context.Context) {
	clk, rec := fakeclock.New(), telemetrytest.NewRecorder(GinkgoT())
	sessions, err := cache.New(cache.Options[string, string]{DefaultTTL: time.Minute, Clock: clk, Events: rec})
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(sessions.Close)

	go sessions.Put(ctx, "ann", "token")
	Await(rec).Should(ReceiveEvent(cache.Put, HaveField("Key", "ann"))) // woken by the event

	clk.Advance(time.Minute)
	Expect(rec).To(ReceiveEvent(cache.Evicted, HaveField("Reason", cache.ReasonExpired))) // no wait: it has happened
})
