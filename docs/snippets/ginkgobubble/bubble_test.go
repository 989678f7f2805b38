package ginkgobubble

import (
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/foundation/cache"
	. "github.com/sleepless-go/sleepless/matchers"
)

// snippet:begin inbubble
var suiteT *testing.T

func TestUsers(t *testing.T) {
	suiteT = t
	RegisterFailHandler(Fail)
	RunSpecs(t, "users")
}

var _ = It("forgets users after an hour", func() {
	InBubble(suiteT, func(t *testing.T) {
		users, err := cache.New(cache.Options[int, string]{DefaultTTL: time.Hour})
		Expect(err).NotTo(HaveOccurred())
		defer users.Close()
		users.Put(t.Context(), 1, "ann")
		eventually.Advance(time.Hour) // takes no time
		Expect(users.Len()).To(BeZero())
	}, eventually.Limit(10*time.Second))
})

// snippet:end inbubble
