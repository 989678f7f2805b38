// Package shims is the code of the page about coming from goleak and gleak.
package shims
