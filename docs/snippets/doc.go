// Package snippets holds, in its subfolders, the code that the documents show.
// It is compiled and run like all tests; go run ./internal/snippets copies it
// into README.md, docs/TESTING.md, docs/MANUAL.md and the pages of docs/manual.
package snippets
