package leakcheck

import "encoding/json"

// ReportVersion is the number that the JSON of a Report bears. It is raised when
// a field changes its meaning or goes; new fields do not raise it.
const ReportVersion = 1

// MarshalJSON returns the report as an object: "version", "test", "testFailed",
// "leaked", "goroutines", "resources", "objects", "arbiters" (texts), "tookNs",
// "graceNs", "looks", "gcs". Lists are empty, not null.
func (r *Report) MarshalJSON() ([]byte, error) {
	out := reportJSON{
		Version: ReportVersion, Test: r.Test, TestFailed: r.TestFailed, Leaked: r.Leaked(),
		Goroutines: []goroutineJSON{}, Resources: []resourceJSON{}, Objects: []objectJSON{}, Arbiters: []string{},
		TookNs: r.Took.Nanoseconds(), GraceNs: r.Grace.Nanoseconds(), Looks: r.Looks, GCs: r.GCs,
	}
	if r.misuse != nil {
		out.Misuse = r.misuse.Error()
	}
	for _, g := range r.Goroutines {
		out.Goroutines = append(out.Goroutines, goroutineJSON{
			ID: g.ID, State: g.State, Verdict: g.Verdict, Test: g.Test, Labels: g.Labels,
			Stack: framesOf(g.Stack), Creator: frameJSON(g.Creator), Parent: g.Parent, Ancestors: framesOf(g.Ancestors), Fix: cure(g),
		})
	}
	for _, h := range r.Resources {
		out.Resources = append(out.Resources, resourceJSON{h.Name, h.Test, framesOf(h.Opened)})
	}
	for _, o := range r.Objects {
		out.Objects = append(out.Objects, objectJSON{o.Name, o.Test, o.Type, framesOf(o.Tracked)})
	}
	for _, err := range r.Arbiters {
		out.Arbiters = append(out.Arbiters, err.Error())
	}
	return json.Marshal(out)
}

type reportJSON struct {
	Version    int             `json:"version"`
	Test       string          `json:"test,omitempty"`
	TestFailed bool            `json:"testFailed"`
	Leaked     bool            `json:"leaked"`
	Misuse     string          `json:"misuse,omitempty"`
	Goroutines []goroutineJSON `json:"goroutines"`
	Resources  []resourceJSON  `json:"resources"`
	Objects    []objectJSON    `json:"objects"`
	Arbiters   []string        `json:"arbiters"`
	TookNs     int64           `json:"tookNs"`
	GraceNs    int64           `json:"graceNs"`
	Looks      int             `json:"looks"`
	GCs        int             `json:"gcs"`
}

type goroutineJSON struct {
	ID        uint64            `json:"id"`
	State     string            `json:"state"`
	Verdict   Verdict           `json:"verdict"`
	Test      string            `json:"test,omitempty"`
	Labels    map[string]string `json:"labels,omitempty"`
	Stack     []frameJSON       `json:"stack"`
	Creator   frameJSON         `json:"creator"`
	Parent    uint64            `json:"parent,omitempty"`
	Ancestors []frameJSON       `json:"ancestors,omitempty"`
	Fix       string            `json:"fix,omitempty"`
}

type resourceJSON struct {
	Name   string      `json:"name"`
	Test   string      `json:"test,omitempty"`
	Opened []frameJSON `json:"opened"`
}

type objectJSON struct {
	Name    string      `json:"name"`
	Test    string      `json:"test,omitempty"`
	Type    string      `json:"type"`
	Tracked []frameJSON `json:"tracked"`
}

type frameJSON struct {
	Function string `json:"function"`
	File     string `json:"file"`
	Line     int    `json:"line"`
}

func framesOf(frames []Frame) []frameJSON {
	out := make([]frameJSON, len(frames))
	for i, f := range frames {
		out[i] = frameJSON(f)
	}
	return out
}
