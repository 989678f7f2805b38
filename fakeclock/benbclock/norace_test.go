//go:build !race

package benbclock

const raceEnabled = false
