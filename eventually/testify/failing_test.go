package testify

import "testing"

// failing are tests that fail, run in a process of their own. Each call is in a
// line with its name.
var failing = []testing.InternalTest{
	{Name: "Eventually", F: func(t *testing.T) { Eventually(t, always(false), 0, tick) }},
	{Name: "Eventuallyf", F: func(t *testing.T) { Eventuallyf(t, always(false), 0, tick, "m") }},
	{Name: "EventuallyWithT", F: func(t *testing.T) { EventuallyWithT(t, alwaysWithT(false), 0, tick) }},
	{Name: "EventuallyWithTf", F: func(t *testing.T) { EventuallyWithTf(t, alwaysWithT(false), 0, tick, "m") }},
	{Name: "Never", F: func(t *testing.T) { Never(t, always(true), 0, tick) }},
	{Name: "Neverf", F: func(t *testing.T) { Neverf(t, always(true), 0, tick, "m") }},
	{Name: "RequireEventually", F: func(t *testing.T) { RequireEventually(t, always(false), 0, tick) }},
	{Name: "RequireEventuallyf", F: func(t *testing.T) { RequireEventuallyf(t, always(false), 0, tick, "m") }},
	{Name: "RequireEventuallyWithT", F: func(t *testing.T) { RequireEventuallyWithT(t, alwaysWithT(false), 0, tick) }},
	{Name: "RequireEventuallyWithTf", F: func(t *testing.T) { RequireEventuallyWithTf(t, alwaysWithT(false), 0, tick, "m") }},
	{Name: "RequireNever", F: func(t *testing.T) { RequireNever(t, always(true), 0, tick) }},
	{Name: "RequireNeverf", F: func(t *testing.T) { RequireNeverf(t, always(true), 0, tick, "m") }},
	{Name: "On(nothing).Eventually", F: func(t *testing.T) { On(nothing).Eventually(t, always(false), 0, tick) }},
	{Name: "On(nothing).RequireEventuallyWithTf", F: func(t *testing.T) { On(nothing).RequireEventuallyWithTf(t, alwaysWithT(false), 0, tick, "m") }},
	{Name: "On(nothing).RequireNeverf", F: func(t *testing.T) { On(nothing).RequireNeverf(t, always(true), 0, tick, "m") }},
}

var nothing = &quiet{}
