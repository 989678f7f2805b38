package bubblewatch

import (
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/sleepless-go/sleepless/internal/stacks"
)

// number is that of the bubble under judgement.
const number = 7

// in returns a goroutine of the bubble in a state as dumps show it, and out one
// outside all bubbles. Functions are innermost first; without a package they are
// example.com/app's.
func in(id uint64, state string, functions ...string) stacks.Goroutine {
	g := out(id, state, functions...)
	g.Bubble = number
	return g
}

func out(id uint64, state string, functions ...string) stacks.Goroutine {
	g := stacks.Goroutine{ID: id}
	g.State, g.Durable = strings.CutSuffix(state, " (durable)")
	for _, f := range functions {
		root := "/src/"
		switch first, _, _ := strings.Cut(f, "."); first {
		case "sync", "time", "testing", "internal/synctest", "testing/synctest":
			root = standard
		default:
			if !strings.Contains(f, "/") {
				f = "example.com/app." + f
			}
		}
		g.Frames = append(g.Frames, stacks.Frame{Function: f, File: root + f + ".go", Line: 1})
	}
	return g
}

// standard is where the frames of the standard library are.
var standard = func() string {
	f := runtime.FuncForPC(reflect.ValueOf(strings.Cut).Pointer())
	file, _ := f.FileLine(f.Entry())
	return strings.TrimSuffix(file, "strings/strings.go")
}()

// root and waiter are in every bubble.
var (
	root   = in(1, "synctest.Run (durable)", "internal/synctest.Run", "testing/synctest.Test", "TestX")
	waiter = in(2, "chan receive (durable)", "testing/synctest.testingSynctestTest")
)

// scene is a dump: who took it, the machinery, and these.
func scene(all ...stacks.Goroutine) []stacks.Goroutine {
	return append([]stacks.Goroutine{out(99, "running", "time.goFunc"), root, waiter}, all...)
}

func ids(all []stacks.Goroutine) []uint64 {
	var n []uint64
	for _, g := range all {
		n = append(n, g.ID)
	}
	return n
}

var (
	sleeper = in(11, "sleep (durable)", "time.Sleep", "(*Account).Deposit")
	reader  = in(12, "sync.Mutex.Lock", "sync.(*Mutex).Lock", "(*Account).Balance", "TestX.func1", "testing.tRunner")
)

func TestAVerdictNeedsTwoLooksThatAgree(t *testing.T) {
	elsewhere := reader
	elsewhere.Frames = slices.Clone(reader.Frames)
	elsewhere.Frames[1].Line++
	other := reader
	other.ID = 13
	durable := sleeper
	durable.State = "select"
	for name, c := range map[string]struct {
		looks [][]stacks.Goroutine
		still bool
	}{
		"one look":                          {[][]stacks.Goroutine{scene(sleeper, reader)}, false},
		"two":                               {[][]stacks.Goroutine{scene(sleeper, reader), scene(sleeper, reader)}, true},
		"in another order":                  {[][]stacks.Goroutine{scene(sleeper, reader), scene(reader, sleeper)}, true},
		"a line further":                    {[][]stacks.Goroutine{scene(sleeper, elsewhere), scene(sleeper, reader)}, false},
		"another goroutine":                 {[][]stacks.Goroutine{scene(sleeper, other), scene(sleeper, reader)}, false},
		"another state":                     {[][]stacks.Goroutine{scene(durable, reader), scene(sleeper, reader)}, false},
		"one more":                          {[][]stacks.Goroutine{scene(sleeper, reader, other), scene(sleeper, reader)}, false},
		"the last two count":                {[][]stacks.Goroutine{scene(sleeper), scene(sleeper, reader), scene(sleeper, reader)}, true},
		"the last two differ":               {[][]stacks.Goroutine{scene(sleeper, reader), scene(sleeper, reader), scene(sleeper, elsewhere)}, false},
		"others outside do not matter":      {[][]stacks.Goroutine{scene(sleeper, reader), scene(sleeper, reader, out(50, "select", "serve"))}, true},
		"somebody runs":                     {[][]stacks.Goroutine{scene(sleeper, reader, in(14, "runnable", "f")), scene(sleeper, reader, in(14, "runnable", "f"))}, false},
		"somebody is in I/O":                {[][]stacks.Goroutine{scene(sleeper, reader, in(14, "IO wait", "f")), scene(sleeper, reader, in(14, "IO wait", "f"))}, false},
		"a state of which nothing is known": {[][]stacks.Goroutine{scene(sleeper, reader, in(14, "pondering", "f")), scene(sleeper, reader, in(14, "pondering", "f"))}, false},
		"time can pass":                     {[][]stacks.Goroutine{scene(sleeper), scene(sleeper)}, false},
	} {
		if v := judge(c.looks, number); v.Still != c.still {
			t.Errorf("%s: still = %v, want %v", name, v.Still, c.still)
		}
	}
}

// Who is ended wrongly takes all other tests along.
func TestABubbleThatSomebodyOutsideMayHelpIsNotEnded(t *testing.T) {
	recv := in(12, "chan receive", "TestX.func1", "testing.tRunner")
	spawned := out(50, "running", "example.com/lib.Compute")
	spawned.Creator = stacks.Frame{Function: "example.com/app.TestX"}
	neighbour := in(50, "runnable", "(*Account).Deposit")
	neighbour.Bubble = number + 1
	asleep := out(50, "sleep", "time.Sleep", "(*Account).Deposit")
	away := asleep
	away.Bubble, away.Durable = number+1, true
	for name, c := range map[string]struct {
		waits, outside stacks.Goroutine
		still          bool
	}{
		"it computes in the same package":           {recv, out(50, "running", "compute"), false},
		"it was started there":                      {recv, spawned, false},
		"it is about to run":                        {recv, out(50, "runnable", "example.com/lib.f", "compute"), false},
		"it is in a system call":                    {recv, out(50, "syscall", "compute"), false},
		"it is elsewhere":                           {recv, out(50, "running", "example.com/lib.Compute"), true},
		"it listens, as servers do":                 {recv, out(50, "IO wait", "serve"), true},
		"it ticks, as janitors do":                  {recv, out(50, "sleep", "janitor"), true},
		"it is blocked":                             {recv, out(50, "chan receive", "worker"), true},
		"it holds the lock and runs":                {reader, out(50, "running", "(*Account).Deposit"), false},
		"it holds the lock and sleeps, really":      {reader, asleep, false},
		"it holds the lock and is in I/O":           {reader, out(50, "IO wait", "(*Account).Deposit"), false},
		"it holds the lock in another bubble":       {reader, neighbour, false},
		"it sleeps with the lock in another bubble": {reader, away, true},
	} {
		look := scene(c.waits, c.outside)
		if v := judge([][]stacks.Goroutine{look, look}, number); v.Still != c.still {
			t.Errorf("%s: still = %v, want %v", name, v.Still, c.still)
		}
	}
}

// Whoever waits for a lock may wait for somebody who is being helped.
func TestHelpForOneOfThoseThatWaitIsHelpForTheBubble(t *testing.T) {
	recv := in(12, "chan receive", "TestX.func1", "testing.tRunner")
	locked := in(13, "sync.Mutex.Lock", "sync.(*Mutex).Lock", "example.com/bank.(*Account).Balance")
	look := scene(recv, locked, out(50, "running", "compute"))
	if v := judge([][]stacks.Goroutine{look, look}, number); v.Still || v.Kind != Lock {
		t.Errorf("still = %v, kind %d, want that it goes on, for the lock", v.Still, v.Kind)
	}
}

func TestWhatRunsWhileTheTestWaitsIsNamedFirst(t *testing.T) {
	test := in(20, "chan receive (durable)", "TestX.func1", "testing.tRunner")
	look := scene(test, in(13, "select (durable)", "worker"), in(14, "running", "spin"), in(15, "chan receive (durable)", "worker"))
	v := judge([][]stacks.Goroutine{look, look, look}, number)
	if got := ids(v.Others); v.Kind != Ticking || !slices.Equal(got, []uint64{14, 13, 15}) {
		t.Errorf("kind %d, others %v, want that which runs first", v.Kind, got)
	}
}

func TestTheKindIsThatWhichExplainsMost(t *testing.T) {
	test := in(20, "chan receive (durable)", "TestX.func1", "testing.tRunner")
	once := in(12, "sync.Mutex.Lock", "sync.(*Mutex).Lock", "sync.(*Once).doSlow", "sync.(*Once).Do", "f")
	lockInOnce := in(12, "sync.Mutex.Lock", "sync.(*Mutex).Lock", "g", "sync.(*Once).doSlow", "f")
	busyRoot := root
	busyRoot.State, busyRoot.Durable = "runnable", false
	for name, c := range map[string]struct {
		scene []stacks.Goroutine
		kind  Kind
		seen  []uint64
	}{
		"mutex":         {scene(sleeper, reader), Lock, []uint64{12}},
		"read lock":     {scene(in(12, "sync.RWMutex.RLock", "f")), Lock, []uint64{12}},
		"write lock":    {scene(in(12, "sync.RWMutex.Lock", "f")), Lock, []uint64{12}},
		"once":          {scene(once), Once, []uint64{12}},
		"lock in once":  {scene(lockInOnce), Lock, []uint64{12}},
		"waitgroup":     {scene(in(12, "sync.WaitGroup.Wait", "f")), Group, []uint64{12}},
		"channel":       {scene(in(12, "select", "f"), in(13, "chan send", "g")), Channel, []uint64{12, 13}},
		"lock first":    {scene(in(13, "chan send", "g"), reader), Lock, []uint64{12}},
		"I/O":           {scene(in(13, "IO wait", "g"), reader), External, []uint64{13}},
		"system call":   {scene(in(13, "syscall", "g")), External, []uint64{13}},
		"spin":          {scene(in(13, "running", "g"), reader), Spinning, []uint64{13}},
		"ticking":       {scene(in(13, "runnable", "g"), test), Ticking, nil},
		"time passes":   {append(scene(test), busyRoot), Ticking, nil},
		"nobody's test": {scene(sleeper), Running, nil},
	} {
		v := judge([][]stacks.Goroutine{c.scene, c.scene, c.scene}, number)
		if v.Kind != c.kind || !slices.Equal(ids(v.Seen), c.seen) {
			t.Errorf("%s: kind %d about %v, want %d about %v", name, v.Kind, ids(v.Seen), c.kind, c.seen)
		}
	}
}

func TestAGoroutineThatOnlyHappenedToRunIsNotCalledASpin(t *testing.T) {
	busy, idle := scene(in(13, "running", "g")), scene(in(13, "select (durable)", "g"))
	for name, looks := range map[string][][]stacks.Goroutine{
		"idle once":   {busy, idle, busy, busy, busy},
		"two looks":   {busy, busy},
		"gone at end": {busy, busy, scene()},
	} {
		if v := judge(looks, number); v.Kind != Running {
			t.Errorf("%s: kind %d", name, v.Kind)
		}
	}
}

func TestTheLikelyHoldersAreTheNearest(t *testing.T) {
	sameType := in(31, "chan receive (durable)", "(*Account).audit.func1")
	samePackage := in(32, "sleep (durable)", "helper")
	outside := out(33, "chan receive", "(*Account).Deposit")
	alsoWaits := in(34, "sync.Mutex.Lock", "sync.(*Mutex).Lock", "(*Account).Deposit")
	runs := in(35, "select", "(*Account).Deposit")
	idle := out(36, "chan receive", "testing.(*T).Run", "TestY")
	inOnce := in(37, "sleep (durable)", "example.com/lib.f", "sync.(*Once).doSlow")
	once := in(12, "sync.Mutex.Lock", "sync.(*Mutex).Lock", "sync.(*Once).doSlow", "g")
	plain := in(12, "sync.Mutex.Lock", "sync.(*Mutex).Lock", "g")
	for name, c := range map[string]struct {
		waits stacks.Goroutine
		all   []stacks.Goroutine
		want  []uint64
	}{
		"the same type before the same package": {reader, scene(samePackage, sameType), []uint64{31}},
		"the package if there is no such type":  {plain, scene(samePackage, idle), []uint64{32}},
		"in the bubble first":                   {reader, scene(outside, runs, sameType), []uint64{31, 35, 33}},
		"not who waits for it too":              {reader, scene(alsoWaits, samePackage), []uint64{32}},
		"whoever is in a Once":                  {once, scene(samePackage, inOnce), []uint64{37}},
		"nobody":                                {plain, scene(), nil},
	} {
		if got := ids(holders(c.waits, append(c.all, c.waits))); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestReceiver(t *testing.T) {
	for function, want := range map[string]string{
		"example.com/a.(*T).M":            "example.com/a.(*T)",
		"example.com/a.(*T).M.func1":      "example.com/a.(*T)",
		"example.com/a.(*T[...]).M":       "example.com/a.(*T[...])",
		"example.com/a.F":                 "",
		"example.com/a.F.func1":           "",
		"gopkg.in/yaml%2ev3.(*decoder).f": "gopkg.in/yaml%2ev3.(*decoder)",
	} {
		if got := receiver(function); got != want {
			t.Errorf("receiver(%s) = %q, want %q", function, got, want)
		}
	}
}
