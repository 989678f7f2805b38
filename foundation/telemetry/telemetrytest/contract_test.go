package telemetrytest_test

import (
	"context"
	"fmt"
	"sync/atomic"
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

// A Close that takes the lock which the operation never gives back must not
// keep the failure from being told.
func TestContractDoesNotCloseWhatHangs(t *testing.T) {
	text := failure(func(t *spy) {
		telemetrytest.Contract(t, func(sink telemetry.Sink) telemetrytest.Subject {
			b := newBox("box", sink)
			b.fault = "emits under lock"
			return telemetrytest.Subject{
				Acts: []telemetrytest.Act{{
					Name:  "fill",
					Event: filled,
					Do:    func(ctx context.Context) { b.Fill(ctx, "hat") },
					See:   func(telemetry.Record) error { b.Content(); return nil },
				}},
				Close: func() { b.Content() },
			}
		}, eventually.Within(200*time.Millisecond))
	})
	mustContain(t, text, "act 1 (fill): ", "emit outside every lock")
}

func TestContractTellsOfACloseThatHangs(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	text := failure(func(t *spy) {
		telemetrytest.Contract(t, func(sink telemetry.Sink) telemetrytest.Subject {
			s := openBox("")(sink)
			s.Close = func() { <-release }
			return s
		}, eventually.Within(100*time.Millisecond))
	})
	mustContain(t, text, "Close did not return")
}

// worker fills its box on another goroutine.
type worker struct {
	*box
	eventually.Signal
	busy atomic.Int32
}

func (w *worker) Fill(ctx context.Context, s string) {
	w.busy.Add(1)
	go func() {
		w.box.Fill(ctx, s)
		w.busy.Add(-1)
		w.Broadcast()
	}()
}

func (w *worker) Idle() (bool, string) { return w.busy.Load() == 0, "filling" }

func TestContractWaitsForWhatAnActSetsGoing(t *testing.T) {
	telemetrytest.Contract(t, func(sink telemetry.Sink) telemetrytest.Subject {
		w := &worker{box: newBox("box", sink)}
		return telemetrytest.Subject{Acts: []telemetrytest.Act{{
			Event:  filled,
			Do:     func(ctx context.Context) { w.Fill(ctx, "hat") },
			Settle: w,
			See: telemetrytest.See(filled, func(d filledData) error {
				if w.Content() != d.Content {
					return fmt.Errorf("it holds %q", w.Content())
				}
				return nil
			}),
		}}}
	})
}

func TestContractSaysWhatWasDeliveredInstead(t *testing.T) {
	text := failure(func(t *spy) {
		telemetrytest.Contract(t, func(sink telemetry.Sink) telemetrytest.Subject {
			b := newBox("box", sink)
			return telemetrytest.Subject{Acts: []telemetrytest.Act{{Event: emptied, Do: func(ctx context.Context) { b.Fill(ctx, "hat") }}}}
		})
	})
	mustContain(t, text, "telemetrytest.box.emptied had not been delivered", "delivered instead: telemetrytest.box.filled")
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
