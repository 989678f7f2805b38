package eventually

import (
	"slices"
	"strings"
	"testing"

	"github.com/sleepless-go/sleepless/internal/caller"
	"github.com/sleepless-go/sleepless/internal/stacks"
)

const testDump = `goroutine 1 [chan receive]:
testing.(*T).Run(0x1, {0x2, 0x3}, 0x4)
	ROOTtesting/testing.go:2109 +0x4e5
main.main()
	_testmain.go:50 +0x9b

goroutine 7 [select, 2 minutes, synctest bubble 3]:
example.com/cache.(*Cache).janitor(0xc000012345, {0x1, 0x2})
	/src/cache/cache.go:118 +0x1b
created by example.com/cache.New in goroutine 6
	/src/cache/cache.go:41 +0x11

goroutine 8 [chan receive (durable), synctest bubble 3]:
app/cache.worker[...](...)
	/src/app/worker.go:9
...additional frames elided...
created by app/cache.New
	/src/app/worker.go:3 +0x11

goroutine 9 [IO wait, synctest bubble 4, locked to thread]:
internal/poll.runtime_pollWait(0x1, 0x72)
	ROOTruntime/netpoll.go:351 +0x85
example.com/net.serve()
	/src/net/serve.go:5 +0x1

goroutine 10 [select]:
github.com/sleepless-go/sleepless/eventually.(*Channel[...]).Notify.func1()
	/src/eventually/chan.go:42 +0x1
created by github.com/sleepless-go/sleepless/eventually.(*Channel[...]).Notify in goroutine 6
	/src/eventually/chan.go:38 +0x11

goroutine 11 [GC worker (idle)]:
runtime.gopark(0x1)
	ROOTruntime/proc.go:460 +0xce`

func TestTheInnermostFrameOfTheReadersCodeIsShown(t *testing.T) {
	root := goroot()
	if root == "" {
		return // built with -trimpath, so module app cannot be told from the standard library
	}
	all := stacks.Parse(strings.ReplaceAll(testDump, "ROOT", root))
	var got []string
	for _, g := range all {
		f, _ := user(g)
		got = append(got, strings.TrimSpace(f.Function+" "+f.Place()))
	}
	want := []string{
		"",
		"example.com/cache.(*Cache).janitor /src/cache/cache.go:118",
		"app/cache.worker[...] /src/app/worker.go:9",
		"example.com/net.serve /src/net/serve.go:5",
		"",
		"",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if got := describe(all, 3); !slices.Equal(got, []string{"[select] cache.(*Cache).janitor cache.go:118", "[chan receive] cache.worker[...] worker.go:9"}) {
		t.Errorf("described: %q", got)
	}
}

// goroot is where this binary says that its standard library is.
func goroot() string {
	for _, f := range stacks.Own().Frames {
		if root, ok := strings.CutSuffix(f.File, "testing/testing.go"); ok {
			return root
		}
	}
	return ""
}

func TestManyGoroutinesAreGrouped(t *testing.T) {
	var all []stacks.Goroutine
	for i, name := range []string{"a", "b", "a", "c", "d", "e", "a"} {
		all = append(all, stacks.Goroutine{ID: 1, State: "running", Frames: []stacks.Frame{{Function: "x.y/" + name + ".F", File: "/z/" + name + ".go", Line: i % 2}}})
	}
	got := describe(all, 0)
	if want := []string{"3× [running] a.F a.go:0", "[running] b.F b.go:1", "[running] c.F c.go:1", "[running] d.F d.go:0", "… 7 in all"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestATestThatWaitsForItsSubtestsIsNotNamed(t *testing.T) {
	release, blocked := make(chan struct{}), make(chan struct{})
	go func() { close(blocked); <-release }()
	<-blocked
	all := stacks.All()
	for _, line := range describe(all[1:], all[0].Bubble) {
		if strings.Contains(line, "main.main") || strings.Contains(line, "TestMain") || strings.Contains(line, "testing.") {
			t.Errorf("named: %s", line)
		}
	}
	close(release)
}

func TestTheMachineryOfWaitsIsNobodysCode(t *testing.T) {
	frame := func(function string) stacks.Frame { return stacks.Frame{Function: function, File: "/src/x.go"} }
	mine := frame("example.com/shop.buy")
	for _, function := range []string{
		"/eventually.(*waiter).loop", "/eventually/testify.Eventually", "/internal/stacks.All",
		"/matchers.Await", "/foundation/telemetry/telemetrytest.Await",
	} {
		if f, ok := user(stacks.Goroutine{Frames: []stacks.Frame{frame(caller.Module + function), mine}}); !ok || f != mine {
			t.Errorf("%s: %v", function, f)
		}
	}
	other := frame("example.com/internal/stacks.All") // of another module
	if f, _ := user(stacks.Goroutine{Frames: []stacks.Frame{other, mine}}); f != other {
		t.Errorf("got %v, want %v", f, other)
	}
}
