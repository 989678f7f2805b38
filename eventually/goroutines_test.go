package eventually

import (
	"slices"
	"strings"
	"testing"
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

func TestADumpIsReadIntoGoroutines(t *testing.T) {
	all := parseDump(strings.ReplaceAll(testDump, "ROOT", standardRoot()))
	type seen struct{ state, bubble, user string }
	var got []seen
	for _, g := range all {
		f, _ := g.user()
		got = append(got, seen{g.state(), g.bubble(), strings.TrimSpace(f.function + " " + f.place)})
	}
	want := []seen{
		{"chan receive", "", ""},
		{"select", "synctest bubble 3", "example.com/cache.(*Cache).janitor /src/cache/cache.go:118"},
		{"chan receive", "synctest bubble 3", "app/cache.worker[...] /src/app/worker.go:9"},
		{"IO wait", "synctest bubble 4", "example.com/net.serve /src/net/serve.go:5"},
		{"select", "", ""},
		{"GC worker (idle", "", ""},
	}
	want[5].state = got[5].state // of no interest: no user
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if standardRoot() == "" {
		return // built with -trimpath, so module app cannot be told from the standard library
	}
	if got := describe(all, "synctest bubble 3"); !slices.Equal(got, []string{"[select] cache.(*Cache).janitor cache.go:118", "[chan receive] cache.worker[...] worker.go:9"}) {
		t.Errorf("described: %q", got)
	}
}

func TestWithoutARootTheImportPathTellsTheStandardLibrary(t *testing.T) {
	for function, want := range map[string]bool{
		"net/http.(*Server).Serve": true, "runtime.gopark": true, "example.com/x.F": false, "main.run": false,
	} {
		if got := standardByPath(function); got != want {
			t.Errorf("standardByPath(%q) = %v, want %v", function, got, want)
		}
	}
}

func TestManyGoroutinesAreGrouped(t *testing.T) {
	var all []goroutine
	for i, name := range []string{"a", "b", "a", "c", "d", "e", "a"} {
		all = append(all, goroutine{header: "goroutine 1 [running]:", frames: []frame{{"x.y/" + name + ".F", "/z/" + name + ".go:" + string(rune('0'+i%2))}}})
	}
	got := describe(all, "")
	if want := []string{"3× [running] a.F a.go:0", "[running] b.F b.go:1", "[running] c.F c.go:1", "[running] d.F d.go:0", "… 7 in all"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestATestThatWaitsForItsSubtestsIsNotNamed(t *testing.T) {
	release, blocked := make(chan struct{}), make(chan struct{})
	go func() { close(blocked); <-release }()
	<-blocked
	for _, line := range others() {
		if strings.Contains(line, "main.main") || strings.Contains(line, "TestMain") || strings.Contains(line, "testing.") {
			t.Errorf("named: %s", line)
		}
	}
	close(release)
}

func FuzzParseDump(f *testing.F) {
	f.Add(testDump)
	f.Add("goroutine 1 [")
	f.Add("\n\n\tx\n(")
	f.Fuzz(func(t *testing.T, text string) {
		for _, g := range parseDump(text) {
			g.state()
			g.bubble()
			g.user()
			if !strings.Contains(text, g.header) || len(g.frames) > strings.Count(g.text, "\n\t") {
				t.Errorf("%q became %q with %d frames", text, g.header, len(g.frames))
			}
		}
	})
}
