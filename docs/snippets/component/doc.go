// Package component is a small component that emits events, as the manual shows
// it.
package component
