// Package snippets holds, in its subfolders, the code that the documents show.
// It is compiled and run like all tests; go run ./internal/snippets copies it
// into README.md, docs/TESTING.md and docs/MANUAL.md.
package snippets
