package telemetrytest

import (
	"context"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/foundation/telemetry"
)

// Recorder remembers events of any kind. It is a telemetry.Sink, an
// eventually.Source, and all that eventually.Recorder is. Its methods may be
// called from any goroutine.
type Recorder struct {
	*eventually.Recorder[telemetry.Record]
	handle *telemetry.Handle // nil if it is handed to components directly
}

// NewRecorder returns a recorder to be given to a component as its Sink. It
// belongs to t, which may be nil: it is closed when t ends.
func NewRecorder(t eventually.TB, opts ...eventually.RecorderOption) *Recorder {
	opts = append([]eventually.RecorderOption{eventually.Named("recorder of events")}, opts...)
	r := &Recorder{Recorder: eventually.NewRecorder[telemetry.Record](t, opts...)}
	r.DescribeWith(telemetry.Record.String)
	r.OrderBy(func(rec telemetry.Record) (string, uint64, bool) {
		c, ok := rec.Commit()
		return c.Instance, c.Seq, ok && c.Seq > 0
	})
	return r
}

// Record returns a recorder of everything that bus is given from now on. It is
// detached when t ends; where t has no Cleanup method, call Close.
func Record(t eventually.TB, bus *telemetry.Bus, opts ...eventually.RecorderOption) *Recorder {
	r := NewRecorder(t, opts...)
	r.handle = bus.AttachAll(r.Handle, telemetry.Named(r.String()))
	if c, ok := t.(interface{ Cleanup(func()) }); ok {
		c.Cleanup(r.handle.Close)
	}
	return r
}

// Enabled implements telemetry.Sink: a recorder listens to everything until it
// is closed.
func (r *Recorder) Enabled(*telemetry.Descriptor) bool { return !r.Closed() }

// Handle implements telemetry.Sink.
func (r *Recorder) Handle(_ context.Context, rec telemetry.Record) { r.Emit(rec) }

// Strict is eventually.Recorder.Strict: events that no wait consumed fail the
// test when it ends.
func (r *Recorder) Strict() *Recorder {
	r.Recorder.Strict()
	return r
}

// Close detaches the recorder from its bus and ends the recording.
func (r *Recorder) Close() {
	if r.handle != nil {
		r.handle.Close()
	}
	r.Recorder.Close()
}
