package matchers

import (
	"runtime"
	"strings"
	"time"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/matchers/internal/callsite"
)

// defaultSlice is how long a matcher blocks at most under the stock Eventually.
const defaultSlice = 50 * time.Millisecond

const (
	asyncPrefix = "github.com/onsi/gomega/internal.(*AsyncAssertion)."
	syncPrefix  = "github.com/onsi/gomega/internal.(*Assertion)."
	trialPrefix = "github.com/sleepless-go/sleepless/matchers.(*trial)."
)

// mayBlock tells whether a Match that is called from the frames may wait before
// it says no: only under an Eventually that asks again after a no.
func mayBlock(frames []runtime.Frame) bool { return callsite.Retried(frames, callsite.Match) }

// blockFor checks again whenever a source reports a change, for at most d. The
// caller has checked already, and found no.
func blockFor(d time.Duration, sources []eventually.Source, check func() bool) bool {
	woken := make(chan struct{}, 1)
	for _, s := range sources {
		defer s.Notify(woken)()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	for {
		if check() {
			return true
		}
		select {
		case <-woken:
		case <-timer.C:
			return check()
		}
	}
}

// situation is how a matcher that waits by itself is used.
type situation uint8

const (
	asserted situation = iota // by Expect, or by code that is not known
	negated                   // by Expect, with NotTo and its like
	polled                    // by Await, Eventually or Consistently
)

// situationOf looks for the innermost assertion.
func situationOf(frames []runtime.Frame) situation {
	for _, f := range frames {
		switch {
		case strings.HasPrefix(f.Function, asyncPrefix), strings.HasPrefix(f.Function, trialPrefix):
			return polled
		case strings.HasPrefix(f.Function, syncPrefix):
			switch strings.TrimPrefix(f.Function, syncPrefix) {
			case "NotTo", "ToNot", "ShouldNot":
				return negated
			case "To", "Should":
				return asserted
			}
		}
	}
	return asserted
}
