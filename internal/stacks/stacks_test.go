package stacks

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestParseReadsEveryFormOfHeader(t *testing.T) {
	for header, want := range map[string]Goroutine{
		"goroutine 1 [running]:":                                                      {ID: 1, State: "running"},
		"goroutine 7 [chan receive, 2 minutes]:":                                      {ID: 7, State: "chan receive", Blocked: 2 * time.Minute},
		"goroutine 18 gp=0xc000102e00 m=nil [select]:":                                {ID: 18, State: "select"},
		"goroutine 8 [running, synctest bubble 7]:":                                   {ID: 8, State: "running", Bubble: 7},
		"goroutine 9 [chan send (leaked)]:":                                           {ID: 9, State: "chan send", Leaked: true},
		"goroutine 9 [chan send (leaked) (scan)]:":                                    {ID: 9, State: "chan send", Leaked: true},
		"goroutine 3 [syscall, 11 minutes, locked to thread]:":                        {ID: 3, State: "syscall", Blocked: 11 * time.Minute, Locked: true},
		"goroutine 4 [sync.WaitGroup.Wait (durable), 1 minutes, synctest bubble 12]:": {ID: 4, State: "sync.WaitGroup.Wait", Durable: true, Blocked: time.Minute, Bubble: 12},
		`goroutine 5 [select labels:{"a": "x, synctest bubble 9]"}]:`:                 {ID: 5, State: "select"},
		"goroutine 6 [chan receive (nil chan)]:":                                      {ID: 6, State: "chan receive (nil chan)"},
		"goroutine 6 [select (no cases) (durable), synctest bubble 2]:":               {ID: 6, State: "select (no cases)", Durable: true, Bubble: 2},
	} {
		got := Parse(header)
		if len(got) != 1 {
			t.Errorf("%s: %d goroutines", header, len(got))
			continue
		}
		got[0].Text = ""
		if g := got[0]; g.ID != want.ID || g.State != want.State || g.Blocked != want.Blocked || g.Bubble != want.Bubble || g.Durable != want.Durable || g.Leaked != want.Leaked || g.Locked != want.Locked {
			t.Errorf("%s:\n got %+v\nwant %+v", header, g, want)
		}
	}
	for _, none := range []string{"", "SIGQUIT: quit", "goroutine x [running]:", "goroutine 1", "goroutine 0 [idle]:"} {
		if got := Parse(none); len(got) != 0 {
			t.Errorf("%q is a goroutine: %+v", none, got)
		}
	}
}

const sample = `goroutine 34 [select]:
example.com/cache.(*Cache[...]).janitor(0xc000102e00, {0x1, 0x2})
	/src/my cache/cache.go:118 +0x1d4
...3 frames elided...
example.com/cache.New.func1()
	C:/src/cache/cache.go:41 +0x25
created by example.com/cache.New in goroutine 7
	/src/cache/cache.go:40 +0x9c
[originating from goroutine 7]:
example.com/cache.New(...)
	/src/cache/cache.go:40 +0x9c
created by testing.(*T).Run
	/go/testing.go:1 +0x1

goroutine 35 [running]:
	goroutine running on other thread; stack unavailable
created by main.main
	/src/main.go:9 +0x1`

func TestParseReadsFrames(t *testing.T) {
	got := Parse(sample)
	if len(got) != 2 {
		t.Fatalf("%d goroutines", len(got))
	}
	want := []Frame{
		{"example.com/cache.(*Cache[...]).janitor", "/src/my cache/cache.go", 118},
		{"example.com/cache.New.func1", "C:/src/cache/cache.go", 41},
	}
	if !slices.Equal(got[0].Frames, want) {
		t.Errorf("frames %v", got[0].Frames)
	}
	if got[0].Creator != (Frame{"example.com/cache.New", "/src/cache/cache.go", 40}) || got[0].Parent != 7 {
		t.Errorf("created by %v in %d", got[0].Creator, got[0].Parent)
	}
	if len(got[1].Frames) != 0 || got[1].Creator.Function != "main.main" || got[1].Parent != 0 {
		t.Errorf("got %+v", got[1])
	}
	if !got[0].Calls("example.com/cache.New.func1") || got[0].Calls("example.com/cache.New") {
		t.Error("Calls knows the frames of the goroutine, and not its creator")
	}
}

func blocked(c chan struct{}) { <-c }

func TestAllSeesTheStateTheBubbleAndTheParent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := make(chan struct{})
		go blocked(c)
		synctest.Wait()
		all := All()
		me := all[0]
		i := slices.IndexFunc(all, func(g Goroutine) bool { return g.Calls(pkg+".blocked") && g.Bubble == me.Bubble })
		if i < 0 {
			t.Fatalf("not found among %d", len(all))
		}
		g := all[i]
		if g.State != "chan receive" || !g.Durable || g.Bubble == 0 || g.Parent != me.ID || !strings.HasSuffix(g.Creator.Function, "TestAllSeesTheStateTheBubbleAndTheParent.func1") {
			t.Errorf("got %+v; I am %d in bubble %d", g, me.ID, me.Bubble)
		}
		close(c)
	})
}

func TestOwnBeginsWithTheCaller(t *testing.T) {
	done := make(chan Goroutine)
	go func() { done <- strange() }()
	g := <-done
	if g.ID == 0 || g.State != "running" || g.Creator.Line == 0 || len(g.Frames) == 0 || g.Frames[0].Function != pkg+".strange" {
		t.Errorf("got %+v", g)
	}
}

func strange() Goroutine { return Own() }

func TestPlace(t *testing.T) {
	if got := (Frame{"f", "/a/b.go", 12}).Place(); got != "/a/b.go:12" {
		t.Errorf("got %q", got)
	}
	if got := (Frame{}).Place(); got != "" {
		t.Errorf("got %q", got)
	}
}

func TestStandardFramesAreToldByTheirFiles(t *testing.T) {
	g := Parse(Dump(false))[0]
	var standard, own int
	for _, f := range g.Frames {
		if f.Standard() {
			standard++
		} else {
			own++
		}
	}
	if standard == 0 || own == 0 {
		t.Errorf("%d standard, %d own of %v", standard, own, g.Frames)
	}
	for function, want := range map[string]bool{
		"net/http.(*conn).serve": true, "time.Sleep": true, "main.main": false, "example.com/x.f": false,
	} {
		if got := standardByPath(function); got != want {
			t.Errorf("standardByPath(%q) = %v", function, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(sample)
	f.Add("goroutine 1 [")
	f.Add("\n\n\tx\n(")
	f.Fuzz(func(t *testing.T, text string) {
		for _, g := range Parse(text) {
			if g.ID == 0 || !strings.Contains(text, g.Text) || len(g.Frames) > strings.Count(g.Text, "\n\t") {
				t.Errorf("%q became %+v", text, g)
			}
			for _, f := range append(g.Frames, g.Creator) {
				f.Standard()
				f.Place()
			}
		}
	})
}

func TestParseReadsLabels(t *testing.T) {
	got := Parse(`goroutine 7 [select, synctest bubble 3 labels:{"a]\"b": "x\ny\x00\u00e9]:", "test": "TestX/sub#1"}]:`)
	if len(got) != 1 || got[0].Bubble != 3 || len(got[0].Labels) != 2 || got[0].Labels["a]\"b"] != "x\ny\x00é]:" || got[0].Labels["test"] != "TestX/sub#1" {
		t.Errorf("got %+v", got)
	}
	for header, want := range map[string]int{
		`goroutine 7 [select]:`:                           0,
		`goroutine 7 [select labels:{}]:`:                 0,
		`goroutine 7 [select labels:{"a": "b", broken}]:`: 1,
		`goroutine 7 [select labels:{"a": broken}]:`:      0,
	} {
		if got := Parse(header); len(got) != 1 || len(got[0].Labels) != want {
			t.Errorf("%s: %+v", header, got)
		}
	}
}

func TestHeadsAreGoroutinesWithoutTheirFrames(t *testing.T) {
	whole, heads := Parse(sample), ParseHeads(sample)
	if len(heads) != len(whole) {
		t.Fatalf("%d heads of %d goroutines", len(heads), len(whole))
	}
	for i, h := range heads {
		if h.Frames != nil {
			t.Errorf("head %d has frames", i)
		}
		h.ReadFrames()
		if !slices.Equal(h.Frames, whole[i].Frames) || h.Creator != whole[i].Creator || h.Parent != whole[i].Parent || h.ID != whole[i].ID {
			t.Errorf("head %d: %+v\nwhole: %+v", i, h, whole[i])
		}
	}
}

func TestOwnHeadIsTheCallers(t *testing.T) {
	if head, whole := OwnHead(), Own(); head.ID != whole.ID || head.ID == 0 || head.State != "running" {
		t.Errorf("head %+v, whole %+v", head, whole)
	}
}

func TestADumpThatDoesNotFitIsMadeAgain(t *testing.T) {
	text, buf := DumpInto(make([]byte, 1), true)
	if len(buf) < len(text) || len(Parse(text)) < 2 {
		t.Errorf("%d bytes of text in a buffer of %d", len(text), len(buf))
	}
}
