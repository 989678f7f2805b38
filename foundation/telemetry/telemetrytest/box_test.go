package telemetrytest_test

import (
	"context"
	"sync"

	"github.com/sleepless-go/sleepless/foundation/telemetry"
)

type filledData struct {
	telemetry.Commit
	Content string `telemetry:"attr" doc:"What was put in."`
}

type emptiedData struct {
	telemetry.Commit
	Content string `telemetry:"attr" doc:"What was taken out."`
}

var (
	filled  = telemetry.NewEvent[filledData]("telemetrytest.box.filled", "Something was put into a box.")
	emptied = telemetry.NewEvent[emptiedData]("telemetrytest.box.emptied", "What was in a box was taken out.")
)

// box is a component that emits as it should, unless a fault is asked for.
type box struct {
	name    string
	fault   string
	filled  telemetry.Emitter[filledData]
	emptied telemetry.Emitter[emptiedData]

	mu      sync.Mutex
	seq     telemetry.Sequence
	content string
}

func newBox(name string, sink telemetry.Sink) *box {
	return &box{name: name, filled: filled.Bind(sink), emptied: emptied.Bind(sink)}
}

func (b *box) Content() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.content
}

func (b *box) Fill(ctx context.Context, s string) {
	d := filledData{Content: s}
	if b.fault == "emits before commit" {
		d.Commit = telemetry.Commit{Instance: b.name, Seq: b.seq.Next()}
		b.filled.Emit(ctx, d)
	}
	b.mu.Lock()
	b.content = s
	d.Commit = telemetry.Commit{Instance: b.name, Seq: b.seq.Next()}
	switch b.fault {
	case "emits under lock":
		b.filled.Emit(ctx, d)
	case "no instance":
		d.Instance = ""
	case "no sequence":
		d.Seq = 0
	case "same sequence":
		d.Seq = 1
	}
	b.mu.Unlock()
	switch b.fault {
	case "emits before commit", "emits under lock", "does not emit":
	case "needs a listener":
		if !b.filled.Enabled() {
			panic("nobody listens")
		}
		b.filled.Emit(ctx, d)
	default:
		b.filled.Emit(ctx, d)
	}
}

func (b *box) Empty(ctx context.Context) string {
	b.mu.Lock()
	was := b.content
	b.content = ""
	d := emptiedData{telemetry.Commit{Instance: b.name, Seq: b.seq.Next()}, was}
	b.mu.Unlock()
	b.emptied.Emit(ctx, d)
	return was
}
