package leakcheck

import (
	"os"
	"runtime/metrics"
	"runtime/pprof"
	"strings"
	"sync"

	"github.com/sleepless-go/sleepless/internal/stacks"
)

// looks makes looks one at a time, and brackets them with showLabels.
var looks struct {
	sync.Mutex
	buf []byte // kept from look to look, within bounds
}

const maxBuffer = 1 << 20

// dumpAll returns all goroutines, the calling one first, with their labels and
// without their frames.
func dumpAll() []stacks.Goroutine {
	looks.Lock()
	defer looks.Unlock()
	defer showLabels()()
	text, buf := stacks.DumpInto(looks.buf, true)
	if len(buf) <= maxBuffer {
		looks.buf = buf
	}
	return stacks.ParseHeads(text)
}

// own returns the calling goroutine, with its labels and without its frames.
func own() stacks.Goroutine {
	looks.Lock()
	defer looks.Unlock()
	defer showLabels()()
	return stacks.OwnHead()
}

// showLabels makes the runtime write the labels of goroutines into its dumps
// until restore is called. There is no other way to learn which goroutine has
// which labels: profiles know the labels and not the goroutine. The setting is
// in effect only for the moment of a dump, since it also changes what other
// code gets to see in debug.Stack. The runtime follows GODEBUG when it changes.
func showLabels() (restore func()) {
	const variable, setting = "GODEBUG", "tracebacklabels=1"
	before, had := os.LookupEnv(variable)
	if strings.HasSuffix(before, setting) {
		return func() {}
	}
	value := setting
	if before != "" {
		value = before + "," + setting // the last one counts
	}
	if err := os.Setenv(variable, value); err != nil {
		return func() {} // without labels ancestry is left
	}
	return func() {
		if had {
			os.Setenv(variable, before)
		} else {
			os.Unsetenv(variable)
		}
	}
}

// leakProfile is the profile of goroutines that nothing can wake, or nil where
// the toolchain does not have it.
func leakProfile() *pprof.Profile { return pprof.Lookup("goroutineleak") }

// proveAll is dumpAll after a garbage collection that has marked the goroutines
// which nothing can wake; ok is false where the toolchain cannot do that. It
// costs a few milliseconds and must not be called in a bubble.
//
// Writing the profile runs the collection; its Count would only repeat what the
// last one found.
func proveAll() (all []stacks.Goroutine, ok bool) {
	profile := leakProfile()
	if profile == nil {
		return nil, false
	}
	looks.Lock()
	defer looks.Unlock()
	defer showLabels()()
	var text strings.Builder
	if err := profile.WriteTo(&text, 2); err != nil {
		return nil, false
	}
	return stacks.ParseHeads(text.String()), true
}

// created returns how many goroutines were ever started in this process. While
// that number stays the same there is no goroutine that was not there before,
// which makes it a sound and cheap answer; the number of goroutines is none,
// since one may have ended and another one leaked.
func created() uint64 {
	sample := []metrics.Sample{{Name: "/sched/goroutines-created:goroutines"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return sample[0].Value.Uint64()
}
