// Package benbclock joins the clocks of this module with those of
// github.com/benbjohnson/clock: adapters to and from.
package benbclock
