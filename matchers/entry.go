package matchers

import (
	"github.com/onsi/ginkgo/v2"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/internal/artefact"
)

// addEntry adds a failed wait that left artefacts to the report of the running
// spec, if there is one. The entry is for Ginkgo's machine-readable reports:
// what it says stands on the terminal already, in the failure.
func addEntry(report *eventually.Report, text string) {
	if report.Artefacts == "" || !inSpec() {
		return
	}
	ginkgo.AddReportEntry(artefact.EntryName, artefact.Entry{Directory: report.Artefacts, Text: text}, ginkgo.ReportEntryVisibilityNever)
}

// inSpec tells whether Ginkgo runs something: a report entry outside of that is
// refused with a panic.
func inSpec() bool { return ginkgo.CurrentSpecReport().LeafNodeType != 0 }

// specText names the running spec, for the page of a failed wait; "" if none
// runs.
func specText() string {
	if !inSpec() {
		return ""
	}
	return ginkgo.CurrentSpecReport().FullText()
}
