package artefact

import (
	"os"
	"path/filepath"
	"runtime"
)

// Version is the number of the shape in which a Failure is written as JSON. It
// grows when a field changes its meaning or goes; new fields leave it as it is.
const Version = 1

// Failure is a failed wait. All times are nanoseconds.
type Failure struct {
	Version  int      `json:"version"`
	What     string   `json:"what"`              // what was awaited
	Test     string   `json:"test,omitempty"`    // by its name, where it has one
	Reason   string   `json:"reason"`            // "timeout", "fail-fast", "happened" or "stopped"
	Headline string   `json:"headline"`          // the first line of the report
	Message  string   `json:"message,omitempty"` // what a matcher said
	Awaited  string   `json:"awaited,omitempty"` // the kind of event, for waits on events
	Hint     string   `json:"hint,omitempty"`    // what to try
	Text     string   `json:"text"`              // the report that failed the test
	Limit    int64    `json:"limit_ns"`          // how long the wait might have taken
	Hold     int64    `json:"hold_ns,omitempty"` // for how long the condition was to stay true
	Elapsed  int64    `json:"elapsed_ns"`        // how long it took
	Virtual  bool     `json:"virtual"`           // times are those of a synctest bubble
	Wakes    []Wake   `json:"wakes"`             // what caused the checks
	Last     string   `json:"last_check"`        // what the last check saw
	Answers  Record   `json:"answers"`           // how the answer of the condition changed
	Checks   Checks   `json:"checks"`            // when the condition was looked at
	Axes     []Axis   `json:"axes"`              // what times count from; the first is the wait's
	Lanes    []Lane   `json:"timelines"`         // what the sources saw
	Near     []Near   `json:"closest,omitempty"` // candidates that nearly matched
	Sources  []string `json:"sources"`           // what was to wake the wait

	AskedForTimers bool     `json:"asked_for_timers"`  // a clock was among the sources
	Timers         []string `json:"timers"`            // that are armed
	HeldUp         []string `json:"held_up,omitempty"` // wake-ups that a bubble's wall held up

	Goroutines []Group  `json:"goroutines"`
	Flight     string   `json:"flight_recording"` // the file, or why there is none
	Files      []string `json:"files"`            // beside the page
	Process    Process  `json:"process"`
}

// Wake counts the checks that had one cause.
type Wake struct {
	Cause string `json:"cause"` // "start", "event", "poll", "hold", "limit", "context"
	Count int    `json:"count"`
}

// Axis is what the times of some timelines count from.
type Axis struct {
	Name string `json:"name"` // "since the wait began"
}

// Record is a bounded history: Total entries in all, of which the latest are
// kept.
type Record struct {
	Total   int      `json:"total"`
	Moments []Moment `json:"moments"`
}

// Moment is something that happened, or an answer that was first seen then.
type Moment struct {
	At   int64  `json:"at_ns"`
	Text string `json:"text"`
}

// Checks is a bounded history of looks at the condition.
type Checks struct {
	Total int     `json:"total"`
	Kept  []Check `json:"kept"`
}

// Check is one look.
type Check struct {
	At    int64  `json:"at_ns"`
	Cause string `json:"cause"`
	Done  bool   `json:"done,omitempty"` // the condition held
}

// Lane is what one source saw.
type Lane struct {
	Source string `json:"source"`
	Axis   int    `json:"axis"` // index into Failure.Axes
	Record
}

// Near is a candidate and what is wrong with it.
type Near struct {
	Text        string   `json:"text"`
	Differences []string `json:"differences,omitempty"`
}

// Group are goroutines with the same stack in the same state.
type Group struct {
	Count   int      `json:"count"`
	IDs     []uint64 `json:"ids"`
	State   string   `json:"state"`
	Bubble  uint64   `json:"bubble,omitempty"`
	Minutes int      `json:"minutes,omitempty"` // for which the first of them has been blocked
	Waiting bool     `json:"waiting,omitempty"` // the goroutine of the failed wait
	Able    bool     `json:"able,omitempty"`    // could still have acted: a goroutine of the test, on the wait's side of its bubble
	Top     string   `json:"top"`               // the innermost frame worth reading
	Stack   string   `json:"stack"`             // of the first of them, as the runtime wrote it
}

// Process says where the test ran.
type Process struct {
	Go       string `json:"go"`
	Platform string `json:"platform"`
	CPUs     int    `json:"cpus"`
	Procs    int    `json:"gomaxprocs"`
	PID      int    `json:"pid"`
	Program  string `json:"program"`
	Dir      string `json:"dir"`
}

// ThisProcess describes the process it is called in.
func ThisProcess() Process {
	dir, err := os.Getwd()
	if err != nil {
		dir = "unknown: " + err.Error()
	}
	return Process{
		Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
		CPUs: runtime.NumCPU(), Procs: runtime.GOMAXPROCS(0),
		PID: os.Getpid(), Program: filepath.Base(os.Args[0]), Dir: dir,
	}
}

// EntryName is the name of an Entry in a Ginkgo report.
const EntryName = "artefacts of a failed wait"

// Entry is what a Ginkgo report says of a failed wait.
type Entry struct {
	Directory string `json:"directory"` // of the artefacts
	Text      string `json:"text"`      // that failed the spec
}

// String is what Ginkgo prints of an Entry.
func (e Entry) String() string { return "artefacts: " + e.Directory + "\n" + e.Text }
