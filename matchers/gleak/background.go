package gleak

import (
	"os"
	"strings"
	"sync/atomic"

	"github.com/sleepless-go/sleepless/internal/stacks"
)

// background tells goroutines that run tests, or that the runtime keeps: a test
// cannot leak them.
func background(g Goroutine) bool {
	creator := stacks.Frame{Function: g.CreatorFunction}.Package()
	switch {
	case g.ID == 1: // the main goroutine has no creator
		return true
	case known[creator], strings.HasPrefix(creator+"/", "github.com/onsi/ginkgo/v2/"):
		return true
	case strings.HasPrefix(g.TopFunction, "github.com/onsi/ginkgo/v2/internal.(*Suite).runNode"):
		return true
	}
	switch g.TopFunction {
	case "testing.RunTests", "testing.(*T).Run", "testing.(*T).Parallel":
		return strings.HasPrefix(g.State, "chan receive")
	case "os/signal.signal_recv", "os/signal.loop", "internal/synctest.Run":
		return true
	}
	return strings.Contains(g.Backtrace, "runtime.ensureSigM") || strings.Contains(g.Backtrace, "runtime.ReadTrace")
}

// known are packages whose go statements start what tests run in, or what
// observes the process.
var known = map[string]bool{
	"testing": true, "testing/synctest": true, "internal/synctest": true, "internal/fuzz": true,
	"runtime": true, "runtime/trace": true, "runtime/pprof": true, "runtime/coverage": true,
}

// parallelClient are the numbers of the goroutines that connect a process of a
// parallel Ginkgo run with the others.
var parallelClient atomic.Pointer[map[uint64]bool]

// IgnoreGinkgoParallelClient makes every HaveLeaked of this process ignore the
// goroutines that Ginkgo has for its connection to the other processes of a
// parallel run (ginkgo -p). Call it in a BeforeSuite. It may be called again, and
// from any goroutine; goroutines found by earlier calls stay ignored.
func IgnoreGinkgoParallelClient() {
	ignoreCreated(clientCreator(os.Getenv("GINKGO_PARALLEL_PROTOCOL")), Goroutines())
}

// clientCreator returns the function that starts the connection's goroutines.
func clientCreator(protocol string) string {
	if protocol == "HTTP" {
		return "net/http.(*Transport).dialConn"
	}
	return "net/rpc.NewClientWithCodec"
}

func ignoreCreated(creator string, all []Goroutine) {
	for {
		before := parallelClient.Load()
		ids := map[uint64]bool{}
		if before != nil {
			for id := range *before {
				ids[id] = true
			}
		}
		for _, g := range all {
			if g.CreatorFunction == creator {
				ids[g.ID] = true
			}
		}
		if parallelClient.CompareAndSwap(before, &ids) {
			return
		}
	}
}

func ofParallelClient(g Goroutine) bool {
	ids := parallelClient.Load()
	return ids != nil && (*ids)[g.ID]
}
