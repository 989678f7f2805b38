package matchers_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	. "github.com/onsi/gomega/gbytes"
	. "github.com/onsi/gomega/gexec"
	. "github.com/onsi/gomega/ghttp"
	. "github.com/onsi/gomega/gmeasure"
	. "github.com/onsi/gomega/gstruct"

	. "github.com/sleepless-go/sleepless/matchers"
	. "github.com/sleepless-go/sleepless/matchers/gleak"
)

// The same with our gleak in the place of Gomega's, which has its names.
var (
	_ = Describe
	_ = Expect
	_ = Say
	_ = Start
	_ = NewServer
	_ = NewExperiment
	_ = MatchFields
	_ = Await
	_ = HaveLeaked
)

func TestNoNameCollidesWithOurGleakInThePlaceOfGomegas(t *testing.T) {
	AwaitWith(NewWithT(t), Goroutines).ShouldNot(HaveLeaked(Goroutines()))
}
