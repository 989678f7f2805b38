package eventually

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// bubbleVariable makes the test of this file run one of the tests below, in a
// process that is going to fail.
const bubbleVariable = "EVENTUALLY_TEST_BUBBLE"

// diseased are tests that a bubble does not let end or pass, with what they need
// beside a process of their own.
var diseased = map[string]struct {
	test func(*testing.T)
	env  string
	args string
}{
	"mutex held over a sleep":            {test: hangOnMutex},
	"rwmutex held over a sleep":          {test: hangOnRWMutex},
	"once held over a sleep":             {test: hangOnOnce},
	"package-level waitgroup":            {test: hangOnPackageWaitGroup},
	"package-level pool":                 {test: hangOnPackagePool},
	"outer context":                      {test: hangOnOuterContext},
	"ticker while the test waits":        {test: hangOnTicker},
	"spin":                               {test: hangInLoop},
	"spin while the test waits":          {test: hangInLoopOfAnother},
	"spin with gosched":                  {test: hangInGosched},
	"spin with select default":           {test: hangInSelectDefault},
	"spin up to the deadline":            {test: hangNearTheDeadline, args: "-test.timeout=8s"},
	"network":                            {test: hangOnNetwork},
	"process":                            {test: hangInProcess},
	"goroutines left":                    {test: leaveGoroutines},
	"ticker left after drain":            {test: leaveATicker},
	"test blocked for ever":              {test: waitForEver},
	"close that waits for ever":          {test: waitForEverInClose},
	"run inside":                         {test: runInside},
	"parallel inside":                    {test: parallelInside},
	"deadline inside":                    {test: deadlineInside},
	"synctest inside":                    {test: bubbleInside},
	"bubble inside":                      {test: ourBubbleInside},
	"bubble in cleanup":                  {test: bubbleInCleanup},
	"old timers":                         {test: simple, env: "GODEBUG=asynctimerchan=1"},
	"limit of nothing":                   {test: func(t *testing.T) { Bubble(t, func(*testing.T) {}, Limit(0)) }},
	"repeat nothing":                     {test: func(t *testing.T) { Bubble(t, func(*testing.T) {}, Repeat(0)) }},
	"nil function":                       {test: func(t *testing.T) { Bubble(t, nil) }},
	"close of what has no end":           {test: func(t *testing.T) { Bubble(t, func(*testing.T) {}, Close(42)) }},
	"close of nil":                       {test: func(t *testing.T) { Bubble(t, func(*testing.T) {}, Close(nil)) }},
	"close that fails":                   {test: closeFails},
	"close of a variable of the unknown": {test: closeUnknown},
}

// patient is a process with one diseased test.
type patient struct {
	cmd *exec.Cmd
	out bytes.Buffer
}

func admit(t *testing.T, name string, env, args string) *patient {
	t.Helper()
	test, _, _ := strings.Cut(t.Name(), "/")
	p := &patient{cmd: exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+test+"$")}
	p.cmd.Args = append(p.cmd.Args, strings.Fields("-test.timeout=2m -test.count=1 -test.cpu=2 "+args)...)
	p.cmd.Env = append(os.Environ(), bubbleVariable+"="+name)
	if env != "" {
		p.cmd.Env = append(p.cmd.Env, env)
	}
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return p
}

// says waits for the end and returns what the process has said.
func (p *patient) says(t *testing.T) string {
	t.Helper()
	err := p.cmd.Wait()
	out := p.out.String()
	if err == nil {
		t.Errorf("it passed:\n%s", out)
	}
	if strings.Contains(out, "test timed out") {
		t.Errorf("it was ended by go test:\n%s", out)
	}
	return out
}

var (
	taken = regexp.MustCompile(`\(\d+\.\d+s\)`)
	// Whether a long bubble is noted before it is ended depends on the machine.
	noted   = regexp.MustCompile(`(?s)eventually: the bubble of \S+ has run for .*? It goes on;[^\n]*\n`)
	covered = regexp.MustCompile(`(?m)^coverage: .*\n?`) // under go test -cover
	// Where a goroutine that runs was caught is chance.
	caught = regexp.MustCompile(`\[\S+( \S+)?\] (eventually\.hang(?:In|OnTicker|Near)[\w.]*\.func1(?:\.1)?) bubble_hangs_test\.go:\d+: (?:for|if|var|select|case|default|runtime)\b.*`)
)

// The texts are those of the real process, with the real two seconds. All
// patients wait at the same time.
func TestEveryHangOfABubbleIsNamedWithItsCure(t *testing.T) {
	if name := os.Getenv(bubbleVariable); name != "" {
		diseased[name].test(t)
		return
	}
	if testing.Short() {
		t.Skip("-short: each hang takes the two seconds that Bubble gives it")
	}
	patients := map[string]*patient{}
	for name, d := range diseased {
		patients[name] = admit(t, name, d.env, d.args)
	}
	for name, p := range patients {
		t.Run(name, func(t *testing.T) {
			text := taken.ReplaceAllString(p.says(t), "(0.00s)")
			text = covered.ReplaceAllString(text, "")
			text = noted.ReplaceAllString(text, "")
			text = caught.ReplaceAllString(text, "[…] $2 …")
			text, _ = strings.CutSuffix(text, "exit status 2\n")
			golden(t, "bubble/"+strings.ReplaceAll(name, " ", "-"), strings.TrimSuffix(text, "\n"))
		})
	}
}

// The others cannot be had word for word, as the runtime writes them.
func TestWhatTheRuntimeReportsOfABubbleStaysAsItIs(t *testing.T) {
	reports := map[string]struct {
		test func(*testing.T)
		want []string
		not  string
	}{
		"channel of another bubble": {useAnotherBubblesChannel,
			[]string{"synctest channel from outside bubble", "eventually.useAnotherBubblesChannel.func1", "eventually.ifThisEndsInAFatalErrorSomethingMadeInAnEarlierBubbleIsUsedAgain"}, "Limit"},
		"panic": {func(t *testing.T) { Bubble(t, func(*testing.T) { panic("boom") }) },
			[]string{"panic: boom [recovered, repanicked]", "panic({0x"}, "eventually: "},
		"watchdog of the test itself": {func(t *testing.T) {
			Bubble(t, func(t *testing.T) {
				time.AfterFunc(time.Second, func() { panic("the test takes too long") })
			}, Drain())
		}, []string{"panic: the test takes too long"}, "eventually: "},
		"panic of synctest in a goroutine": {func(t *testing.T) {
			Bubble(t, func(t *testing.T) {
				go t.Parallel()
				synctest.Wait()
			})
		}, []string{"panic: testing: t.Parallel called inside synctest bubble"}, "eventually: "},
		"failure": {func(t *testing.T) { Bubble(t, func(t *testing.T) { t.Fatal("so it is") }) },
			[]string{"--- FAIL: TestWhatTheRuntimeReportsOfABubbleStaysAsItIs", "bubble_children_test.go:", ": so it is"}, "eventually: "},
		"failure in the second of three": {func(t *testing.T) {
			runs := 0
			Bubble(t, func(t *testing.T) {
				if runs++; runs == 2 {
					t.Error("so it is")
				}
			}, Repeat(3))
		}, []string{"so it is", "eventually: that was run 2 of 3"}, "run 3"},
		"goexit": {func(t *testing.T) {
			Bubble(t, func(t *testing.T) { t.SkipNow() })
			t.Error("Bubble has returned after a skip, as synctest.Test does")
		}, []string{"Bubble has returned after a skip"}, "eventually: "},
	}
	if name := os.Getenv(bubbleVariable); name != "" {
		reports[name].test(t)
		return
	}
	patients := map[string]*patient{}
	for name := range reports {
		patients[name] = admit(t, name, "", "")
	}
	for name, r := range reports {
		t.Run(name, func(t *testing.T) {
			text := patients[name].says(t)
			mustContain(t, text, r.want...)
			if strings.Contains(text, r.not) {
				t.Errorf("text holds %q:\n%s", r.not, text)
			}
		})
	}
}
