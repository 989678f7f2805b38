package telemetry_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/sleepless-go/sleepless/foundation/telemetry"
)

// deaf is a sink that wants nothing.
type deaf struct{}

func (deaf) Enabled(*telemetry.Descriptor) bool { return false }

func (deaf) Handle(context.Context, telemetry.Record) { panic("handled though not enabled") }

// notebook is a sink that wants one kind of event.
type notebook struct {
	journal
	only *telemetry.Descriptor
}

func (n *notebook) Enabled(d *telemetry.Descriptor) bool { return d == n.only }

func (n *notebook) Handle(_ context.Context, r telemetry.Record) { n.note("%v", r) }

func TestAnySinkGetsBoxedRecordsOfWhatItWants(t *testing.T) {
	n := &notebook{only: hit.Descriptor()}
	h, e := hit.Bind(n), evicted.Bind(n)
	if !h.Enabled() || e.Enabled() {
		t.Errorf("Enabled() = %v, %v; want true, false", h.Enabled(), e.Enabled())
	}
	h.Emit(t.Context(), hitData{Key: "a"})
	e.Emit(t.Context(), evictedData{Key: "b"})
	n.expect(t, "test.cache.hit key=a duration=0s")
}

func TestFanoutHandsToEachSinkWhatItWants(t *testing.T) {
	var noBus *telemetry.Bus
	var j journal
	bus := telemetry.NewBus()
	bus.AttachAll(records(&j, "bus"))
	n := &notebook{only: evicted.Descriptor()}
	s := telemetry.Fanout(nil, noBus, telemetry.Fanout(n, deaf{}), bus)
	hit.Bind(s).Emit(t.Context(), hitData{Key: "a"})
	evicted.Bind(s).Emit(t.Context(), evictedData{Key: "b"})
	j.expect(t, "bus:test.cache.hit", "bus:test.cache.evicted")
	n.expect(t, "test.cache.evicted key=b bytes_freed=0 shards=0 load=0")
	if plain.Bind(telemetry.Fanout(n, deaf{})).Enabled() {
		t.Error("enabled though no sink wants the event")
	}
}

func TestFanoutOfFewIsNotAFanout(t *testing.T) {
	var noBus *telemetry.Bus
	bus := telemetry.NewBus()
	if s := telemetry.Fanout(nil, noBus); s != nil {
		t.Errorf("Fanout of nothing = %v, want nil", s)
	}
	if s := telemetry.Fanout(nil, bus, noBus); s != telemetry.Sink(bus) {
		t.Errorf("Fanout of one = %s, want the bus itself", fmt.Sprintf("%T", s))
	}
}
