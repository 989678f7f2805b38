package goleak_test

import (
	"testing"

	"github.com/sleepless-go/sleepless/internal/sameapi"
)

func TestTheExportedNamesAndSignaturesAreThoseOfGoleak(t *testing.T) {
	differences, err := sameapi.Differences("github.com/sleepless-go/sleepless/leakcheck/goleak", "go.uber.org/goleak")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range differences {
		t.Error(d)
	}
}
