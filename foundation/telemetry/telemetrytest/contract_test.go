package telemetrytest_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/foundation/telemetry"
	"github.com/sleepless-go/sleepless/foundation/telemetry/telemetrytest"
)

func openBox(fault string) func(telemetry.Sink) telemetrytest.Subject {
	return func(sink telemetry.Sink) telemetrytest.Subject {
		b := newBox("box", sink)
		b.fault = fault
		holds := func(want string) func(telemetry.Record) error {
			return func(telemetry.Record) error {
				if got := b.Content(); got != want {
					return fmt.Errorf("content is %q, want %q", got, want)
				}
				return nil
			}
		}
		return telemetrytest.Subject{Acts: []telemetrytest.Act{
			{Event: filled, Do: func(ctx context.Context) { b.Fill(ctx, "hat") }, See: holds("hat")},
			{Event: filled, Do: func(ctx context.Context) { b.Fill(ctx, "coat") }, See: holds("coat")},
			{Event: emptied, Do: func(ctx context.Context) { b.Empty(ctx) }, See: holds("")},
		}}
	}
}

func TestContractAcceptsAComponentThatKeepsIt(t *testing.T) {
	telemetrytest.Contract(t, openBox(""))
}

func TestContractNamesEachBreach(t *testing.T) {
	for fault, want := range map[string]string{
		"emits before commit": `during telemetrytest.box.filled`,
		"emits under lock":    `emit outside every lock`,
		"does not emit":       `telemetrytest.box.filled had not been delivered when the operation returned`,
		"no instance":         `does not say which instance`,
		"no sequence":         `has no commit sequence`,
		"same sequence":       `has the commit sequence of an earlier telemetrytest.box.filled`,
		"needs a listener":    `panicked: nobody listens`,
	} {
		t.Run(fault, func(t *testing.T) {
			text := failure(func(t *spy) {
				telemetrytest.Contract(t, openBox(fault), eventually.Within(200*time.Millisecond))
			})
			mustContain(t, text, "emit contract: act ", want)
		})
	}
}

func TestContractCallsCloseOncePerSubject(t *testing.T) {
	opened, closed := 0, 0
	telemetrytest.Contract(t, func(sink telemetry.Sink) telemetrytest.Subject {
		opened++
		s := openBox("")(sink)
		s.Close = func() { closed++ }
		return s
	})
	if opened == 0 || opened != closed {
		t.Errorf("opened %d subjects, closed %d", opened, closed)
	}
}
