package fakeclock

import (
	"bytes"
	"runtime"
	"runtime/metrics"
)

// state is what the goroutines other than the caller's are doing.
type state uint8

const (
	active  state = iota // some run, or could
	inCalls              // some are in system calls, the others blocked
	blocked              // all are blocked
)

// activity finds out. The runtime's counters are cheap, but not read at one
// moment: a goroutine on its way from one processor to another is missed if the
// reading passes between them. They are therefore believed when they show
// activity, and what they show as quiet is confirmed by a dump of all stacks,
// for which the runtime stops the world.
type activity []metrics.Sample

func newActivity() activity {
	return activity{
		{Name: "/sched/goroutines/running:goroutines"},
		{Name: "/sched/goroutines/runnable:goroutines"},
	}
}

// readings is how many times the counters may show activity before it is
// believed. Yielding wakes a processor that looks for work, and the runtime
// counts it as running a goroutine for the few microseconds until it finds none.
const readings = 64

func (a activity) look() state {
	for range readings {
		metrics.Read(a)
		if a.value(0) <= 1 && a.value(1) == 0 {
			return stateOf(allStacks())
		}
	}
	return active
}

// value returns the i-th reading. A toolchain without it leaves the decision to
// the dump.
func (a activity) value(i int) uint64 {
	if a[i].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return a[i].Value.Uint64()
}

// allStacks returns the stacks of all goroutines, the caller's first.
func allStacks() []byte {
	for size := 1 << 16; ; size *= 2 {
		buf := make([]byte, size)
		if n := runtime.Stack(buf, true); n < size {
			return buf[:n]
		}
	}
}

// stateOf reads the headers in a dump, leaving out the first goroutine's:
//
//	goroutine 7 [chan receive, 2 minutes]:
func stateOf(dump []byte) state {
	result := blocked
	blocks := bytes.Split(dump, []byte("\n\n"))
	for _, block := range blocks[1:] {
		_, rest, _ := bytes.Cut(block, []byte("["))
		reason, _, _ := bytes.Cut(rest, []byte("]"))
		reason, _, _ = bytes.Cut(reason, []byte(","))
		reason = bytes.TrimSuffix(reason, []byte(" (durable)"))
		switch {
		case bytes.Equal(reason, []byte("syscall")):
			result = inCalls
		case !blocking[string(reason)]:
			return active
		}
	}
	return result
}

// blocking holds the reasons for which a goroutine waits until another one, time
// or input wakes it. All others count as activity: running, runnable, and waits
// for the garbage collector or for the world to start, which end by themselves.
var blocking = map[string]bool{
	"chan receive": true, "chan receive (nil chan)": true,
	"chan send": true, "chan send (nil chan)": true,
	"select": true, "select (no cases)": true,
	"sleep": true, "IO wait": true, "finalizer wait": true, "cleanup wait": true,
	"sync.Cond.Wait": true, "sync.WaitGroup.Wait": true,
	"sync.Mutex.Lock": true, "sync.RWMutex.Lock": true, "sync.RWMutex.RLock": true,
	"synctest.Run": true, "synctest.Wait": true, "trace reader (blocked)": true,
}
