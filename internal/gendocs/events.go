package main

// The packages that declare events, one a line: importing one is what puts its
// events into the catalogue, and so into docs/EVENTS.md.
import (
	_ "github.com/sleepless-go/sleepless/foundation/cache"
	_ "github.com/sleepless-go/sleepless/foundation/telemetry"
	_ "github.com/sleepless-go/sleepless/foundation/telemetry/semantic"
)
