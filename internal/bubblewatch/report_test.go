package bubblewatch

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sleepless-go/sleepless/internal/stacks"
)

// maxLines is how long a report may be.
const maxLines = 25

func TestAReportOfAnyKindAndSizeIsShort(t *testing.T) {
	var many []stacks.Goroutine
	for i := range uint64(50) {
		g := in(100+i, "select", fmt.Sprintf("f%d", i), "caller", "callersCaller", "andSoOn")
		g.Creator = stacks.Frame{Function: "example.com/app.start", File: "/src/app.go", Line: 1}
		many = append(many, g)
	}
	for kind := Running; kind <= Channel; kind++ {
		if kinds[kind].what == "" || kinds[kind].cure == "" {
			t.Errorf("kind %d has no text", kind)
		}
		v := Verdict{Kind: kind, Others: many, Test: many[0]}
		if kinds[kind].seen != "" {
			v.Seen = many
		}
		if kind == Lock || kind == Once {
			v.Holders = many
		}
		still := v
		still.Still = true
		for name, text := range map[string]string{
			"hang":     final("TestX", still, plan{}),
			"limit":    final("TestX", v, plan{end: time.Second, limited: true}),
			"deadline": final("TestX", v, plan{end: time.Second}),
			"note":     note("TestX", v, 2*time.Second, plan{end: time.Second}),
		} {
			if n := strings.Count(text, "\n"); n > maxLines || n < 4 {
				t.Errorf("kind %d, %s: %d lines\n%s", kind, name, n, text)
			}
			if !strings.Contains(text, "cure: "+kinds[kind].cure) || !strings.Contains(text, "the bubble of TestX") || !strings.Contains(text, "… and ") {
				t.Errorf("kind %d, %s lacks something\n%s", kind, name, text)
			}
		}
	}
	if text := leftover(many, true); strings.Count(text, "\n") > maxLines || !strings.Contains(text, "50 goroutines") || !strings.Contains(text, "… and 45 more") {
		t.Errorf("%s", text)
	}
	if text := deadlock(append(many, in(1, "select (durable)", "TestX", "testing.tRunner"))); strings.Count(text, "\n") > maxLines || !strings.Contains(text, "the test waits:\n        [select] app.TestX") {
		t.Errorf("%s", text)
	}
}

func TestANoteSaysWhatWillBecomeOfTheBubble(t *testing.T) {
	for want, p := range map[string]plan{
		"It goes on, up to its Limit of 1m0s.":                  {end: time.Minute, limited: true},
		"earlier than the deadline of the test does":            {end: time.Minute},
		"It goes on; eventually.Limit(d) would end it.\n":       {},
		"the bubble of TestX has run for 2.3s of real time: it": {},
	} {
		if text := note("TestX", Verdict{}, 2340*time.Millisecond, p); !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

func TestAGoroutineIsNamedByTheCodeThatTheReaderKnows(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "app.go")
	if err := os.WriteFile(file, []byte("package app\n\n\t"+strings.Repeat("é", longest+1)+"\n\tshort()\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	app := func(function string, line int) stacks.Frame {
		return stacks.Frame{Function: "example.com/app." + function, File: file, Line: line}
	}
	std := stacks.Frame{Function: "net/http.(*conn).serve", File: standard + "net/http/server.go", Line: 1}
	ours := stacks.Frame{Function: "github.com/sleepless-go/sleepless/eventually.Until", File: "/src/eventually/until.go", Line: 1}
	for name, c := range map[string]struct {
		g    stacks.Goroutine
		want string
	}{
		"innermost":       {stacks.Goroutine{State: "select", Frames: []stacks.Frame{std, ours, app("F", 4), app("G", 1)}}, "[select] app.F app.go:4: short()"},
		"running":         {stacks.Goroutine{State: "runnable", Frames: []stacks.Frame{app("F", 4)}}, "[running] app.F app.go:4: short()"},
		"by who began it": {stacks.Goroutine{State: "IO wait", Frames: []stacks.Frame{std}, Creator: app("F", 4)}, "[IO wait] http.(*conn).serve, started by app.F app.go:4: short()"},
		"nobody's":        {stacks.Goroutine{State: "IO wait", Frames: []stacks.Frame{{Function: std.Function, File: standard + "none.go", Line: 9}}}, "[IO wait] http.(*conn).serve none.go:9"},
		"no frames":       {stacks.Goroutine{State: "running"}, "[running] without a stack"},
		"long line":       {stacks.Goroutine{State: "select", Frames: []stacks.Frame{app("F", 3)}}, "[select] app.F app.go:3: " + strings.Repeat("é", longest-1) + "…"},
		"no such line":    {stacks.Goroutine{State: "select", Frames: []stacks.Frame{app("F", 77)}}, "[select] app.F app.go:77"},
	} {
		if got := (group{Goroutine: c.g, n: 1}).String(); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	g := stacks.Goroutine{State: "select", Frames: []stacks.Frame{app("F", 4)}}
	other := stacks.Goroutine{State: "select", Frames: []stacks.Frame{app("F", 3)}}
	var text text
	text.others([]stacks.Goroutine{g, other, g})
	if got := text.String(); !strings.Contains(got, "2× [select] app.F app.go:4") || strings.Count(got, "\n") != 3 {
		t.Errorf("got\n%s", got)
	}
}

func TestStatementsEndWhereTheirBlockDoes(t *testing.T) {
	for text, want := range map[string]string{
		"\tselect {\n\tcase <-ctx.Done():\n\t}\n\tb()": "\tselect {\n\tcase <-ctx.Done():\n\t}",
		"\t<-c\n\t<-ctx.Done()":                        "\t<-c",
		"\tselect {}\n\t<-ctx.Done()":                  "\tselect {}",
		"\tselect {\n\tcase":                           "\tselect {",
		"":                                             "",
	} {
		var lines []string
		if text != "" {
			lines = strings.Split(text, "\n")
		}
		if got := statement(lines); got != want {
			t.Errorf("statement of %q = %q, want %q", text, got, want)
		}
	}
}

// cause runs f in a bubble that cannot end and returns the panic, and the number
// of the bubble.
func cause(t *testing.T, f func(t *testing.T)) (cause any, number uint64) {
	w := Start(t.Name(), Limits{Left: -1})
	defer w.Stop()
	defer func() { cause, number = recover(), w.Number() }()
	synctest.Test(t, func(t *testing.T) {
		w.Enter()
		f(t)
	})
	return nil, 0
}

func sleepOn() {
	for {
		time.Sleep(time.Hour)
	}
}

func TestExplainListsTheGoroutinesThatAreLeftInThatBubbleOnly(t *testing.T) {
	first, other := cause(t, func(*testing.T) { go func() { select {} }() })
	again, number := cause(t, func(*testing.T) {
		for range 2 {
			go sleepOn()
		}
		synctest.Wait()
	})
	text, ok := Explain(again, number, false)
	if !ok || !strings.Contains(text, "2 goroutines that it started have not") || !strings.Contains(text, "2× [sleep] bubblewatch.sleepOn report_test.go") || strings.Contains(text, "select") {
		t.Errorf("%v: %s", ok, text)
	}
	if !strings.Contains(text, "eventually.Drain() lets a virtual minute pass") {
		t.Errorf("no hint at Drain for who waits for a timer:\n%s", text)
	}
	if text, _ := Explain(again, number, true); !strings.Contains(text, "that has not ended them") {
		t.Errorf("Drain is recommended to who has it:\n%s", text)
	}
	if text, _ := Explain(first, other, false); !strings.Contains(text, "1 goroutine that it started has not") || strings.Contains(text, "Drain") {
		t.Errorf("got\n%s", text)
	}
}

func TestExplainNamesATestThatIsBlockedForGood(t *testing.T) {
	p, number := cause(t, func(*testing.T) { <-make(chan int) })
	if text, ok := Explain(p, number, false); !ok || !strings.Contains(text, "the test waits:\n        [chan receive] bubblewatch.TestExplainNamesATestThatIsBlockedForGood.func1 report_test.go") {
		t.Errorf("%v: %s", ok, text)
	}
}

func TestExplainKnowsTheRefusalOfOldTimersAndNothingElse(t *testing.T) {
	if text, ok := Explain("synctest.Run not supported with asynctimerchan!=0", 0, false); !ok || !strings.Contains(text, "//go:debug asynctimerchan=0") {
		t.Errorf("%v: %s", ok, text)
	}
	for _, p := range []any{"boom", errors.New("a deadlock: of mine"), 42} {
		if text, ok := Explain(p, 0, false); ok {
			t.Errorf("%v is explained: %s", p, text)
		}
	}
}

func TestMisuseNamesTheCallAndItsLine(t *testing.T) {
	for call, f := range map[string]func(t *testing.T){
		"t.Run":         func(t *testing.T) { t.Run("x", func(*testing.T) {}) },
		"t.Parallel":    func(t *testing.T) { t.Parallel() },
		"t.Deadline":    func(t *testing.T) { t.Deadline() },
		"synctest.Test": func(t *testing.T) { synctest.Test(t, func(*testing.T) {}) },
	} {
		synctest.Test(t, func(t *testing.T) {
			defer func() {
				text, ok := Misuse()
				recover()
				if !ok || !strings.Contains(text, "eventually: "+call+" was called inside a bubble, by bubblewatch.TestMisuseNamesTheCallAndItsLine.func") || !strings.Contains(text, "report_test.go:") {
					t.Errorf("%v: %s", ok, text)
				}
			}()
			f(t)
		})
	}
}

func TestMisuseLeavesOtherPanicsAlone(t *testing.T) {
	func() {
		defer func() {
			if text, ok := Misuse(); ok {
				t.Errorf("explained as %s", text)
			}
			if p := recover(); p != "boom" {
				t.Errorf("the panic is now %v", p)
			}
		}()
		panic("boom")
	}()
	if text, ok := Misuse(); ok {
		t.Errorf("without a panic: %s", text)
	}
}
