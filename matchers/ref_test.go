package matchers

import (
	"testing"

	"github.com/onsi/gomega"

	"github.com/sleepless-go/sleepless/leakcheck"
)

type tracked struct{ next *tracked }

// dropped tracks an object that nothing holds when it returns.
func dropped(t *testing.T) *leakcheck.Ref { return leakcheck.Track(t, &tracked{}, "tracked") }

func TestATrackedObjectIsEventuallyCleanedUp(t *testing.T) {
	g := gomega.NewWithT(t)
	g.Expect(dropped(t)).To(EventuallyCleanedUp())

	held := &tracked{}
	ref := leakcheck.Track(t, held, "held")
	g.Expect(ref).NotTo(EventuallyCleanedUp())
	held.next = held // and so it was held until here
}

func TestAResourceIsEventuallyCleanedUp(t *testing.T) {
	g := gomega.NewWithT(t)
	h := leakcheck.Resource(t, "session")
	g.Expect(h).NotTo(EventuallyCleanedUp())
	go h.Close()
	g.Expect(h).To(EventuallyCleanedUp())
}
