// Package artefact writes what is known about a failed wait to files: a page for
// a browser, the same as JSON, the goroutines, the armed timers and a recording
// of the last seconds by the runtime's flight recorder.
//
// It knows nothing of waits. Package eventually fills in a [Failure], and
// [Write] puts the files of one failure into one directory, which appears with
// everything in it or not at all.
package artefact
