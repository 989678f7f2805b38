package gleak_test

import (
	"testing"

	"github.com/sleepless-go/sleepless/internal/sameapi"
)

func TestTheExportedNamesAndSignaturesAreThoseOfGomegasGleak(t *testing.T) {
	differences, err := sameapi.Differences("github.com/sleepless-go/sleepless/matchers/gleak", "github.com/onsi/gomega/gleak")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range differences {
		t.Error(d)
	}
}
