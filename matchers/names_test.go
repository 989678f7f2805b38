package matchers_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	. "github.com/onsi/gomega/gbytes"
	. "github.com/onsi/gomega/ghttp"
	. "github.com/onsi/gomega/gleak"
	. "github.com/onsi/gomega/gstruct"

	. "github.com/sleepless-go/sleepless/matchers"
)

// The compiler refuses this file if two of its dot imports export one name.
var (
	_ = Describe
	_ = Expect
	_ = Say
	_ = NewServer
	_ = HaveLeaked
	_ = MatchFields
	_ = Await
)

func TestNoNameCollidesWhenAllAreDotImported(t *testing.T) {
	NewWithT(t).Expect(BecomeTrue()).NotTo(BeNil())
}
