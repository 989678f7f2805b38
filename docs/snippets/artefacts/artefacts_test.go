package artefacts

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"github.com/sleepless-go/sleepless/eventually"
)

func TestOption(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		var ready eventually.Counter
		ready.Add(1)
		// snippet:begin option
		eventually.Until(t, "the server is ready", func() bool { return ready.Load() == 1 },
			eventually.On(&ready),
			eventually.Artefacts(dir)) // written only if this wait fails
		// snippet:end option
	})
}

func TestFramework(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		check := func() error { return errors.New("expected 2, got 3") }
		// snippet:begin framework
		report, err := eventually.Wait(t.Context(), "assertion", func() (bool, string, error) {
			err := check()
			return err == nil, "", nil
		}, eventually.OnFailure(func(r *eventually.Report) { // called only if the wait fails
			r.What, r.Message = "our assertion", check().Error()
		}), eventually.Artefacts(dir))
		if err != nil {
			t.Log(err, report.Artefacts) // the directory, as the text of the report says too
		}
		// snippet:end framework
		if !errors.Is(err, eventually.ErrTimeout) || filepath.Dir(report.Artefacts) != dir {
			t.Errorf("%v, %q", err, report.Artefacts)
		}
	})
}

func TestJSON(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := eventually.NewRecorder[string](t, eventually.Named("log"))
		rec.Emit("listening")
		report, _ := eventually.Wait(context.Background(), "x", func() (bool, string, error) { return false, "", nil },
			eventually.On(rec), eventually.Artefacts(t.TempDir()))
		// snippet:begin json
		var failure struct {
			Version   int
			What      string
			Timelines []struct {
				Source  string
				Total   int
				Moments []struct {
					At   int64 `json:"at_ns"`
					Text string
				}
			}
		}
		content, err := os.ReadFile(filepath.Join(report.Artefacts, "timeline.json"))
		if err == nil {
			err = json.Unmarshal(content, &failure)
		}
		// snippet:end json
		if err != nil || failure.Version != 1 || failure.Timelines[0].Moments[0].Text != `"listening"` {
			t.Errorf("%v, %+v", err, failure)
		}
	})
}
