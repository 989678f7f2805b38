// Package leakcheck holds the code of the page on leak checks.
package leakcheck
