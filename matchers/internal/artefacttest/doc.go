// Package artefacttest tests what a failed Await leaves in the report of a
// Ginkgo suite.
package artefacttest
