package matchers

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/onsi/gomega/types"

	"github.com/sleepless-go/sleepless/eventually"
)

// trial is one wait of an assertion for one matcher.
type trial struct {
	*assertion
	matcher types.GomegaMatcher
	want    bool
	poll    func() (any, error)

	sourced bool // there is something that wakes the wait
	alarm   alarm
	rest    time.Time // no check counts before then
	resume  bool      // the rest was asked for by TryAgainAfter
	passes  int

	last     outcome
	valid    any // the last actual that came without an error
	hasValid bool

	mu     sync.Mutex // guards progress, which Ginkgo reads from elsewhere
	checks int
	latest string
}

// outcome is what one check saw.
type outcome struct {
	actual     any
	actualErr  error // the function failed
	matcherErr error // the matcher could not judge
	matches    bool
	final      bool // the matcher's verdict will not change any more
}

// sourced is a matcher that knows what could change its verdict.
type sourced interface {
	wakers(actual any) []eventually.Source
}

func (t *trial) run() *eventually.Report {
	defer t.attachProgress()()
	opts := append(make([]eventually.Option, 0, 3), eventually.Within(t.limit()), eventually.OnFailure(t.edit))
	sources := t.sources
	if s, ok := t.matcher.(sourced); ok {
		for _, w := range s.wakers(t.actual) {
			if !contains(sources, w) {
				sources = append(sources[:len(sources):len(sources)], w)
			}
		}
	}
	if len(sources) > 0 {
		opts = append(opts, eventually.On(append(sources[:len(sources):len(sources)], &t.alarm)...))
	} else if t.polling > 0 {
		opts = append(opts, eventually.PollEvery(t.polling))
	}
	ctx := t.ctx
	if ctx == nil {
		ctx = context.Background()
	}
	t.sourced = len(sources) > 0
	report, _ := eventually.Wait(ctx, "what Await waits for", t.look, opts...)
	return report
}

// edit makes the report of a wait that failed speak of Await: its name, the
// sources that the test gave, and how to give one.
func (t *trial) edit(report *eventually.Report) {
	report.What, report.Test, report.Verdict = t.what(), specText(), strings.TrimRight(t.message(), "\n")
	if n := len(report.Sources); n > 0 && report.Sources[n-1] == alarmName {
		report.Sources = report.Sources[:n-1]
	}
	if !t.sourced && report.Hint != "" {
		report.Hint = "no source was given, so nothing could wake this wait and it polled; name what changes the answer: Await(actual, recorder, bus, clock, …)"
	}
}

// look is the condition of the wait.
func (t *trial) look() (done bool, why string, err error) {
	early := !t.rest.IsZero() && time.Now().Before(t.rest)
	if early && t.resume {
		return false, t.latest, nil
	}
	o := t.check()
	if o.actualErr == nil {
		t.valid, t.hasValid = o.actual, true
	}
	t.last = o
	next := o.next(t.want)
	if next.verdict == passed && t.pass(early, o.final) {
		return true, "", nil
	}
	t.note(o)
	switch next.verdict {
	case hopeless:
		return false, t.latest, next.err
	case later:
		t.restFor(next.after, true)
	case unmet:
		t.passes = 0
		t.rest = time.Time{}
	}
	return false, t.latest, nil
}

// check fetches the actual and asks the matcher. The oracle is asked first: if
// nothing can change any more, what the matcher sees afterwards is final.
func (t *trial) check() (o outcome) {
	o.actual, o.actualErr = t.poll()
	if o.actualErr != nil {
		return o
	}
	isFunc := t.actual != nil && reflect.TypeOf(t.actual).Kind() == reflect.Func
	o.final = !isFunc && !types.MatchMayChangeInTheFuture(t.matcher, o.actual)
	o.matches, o.matcherErr = t.match(o.actual)
	return o
}

// match turns signals that a matcher panics with into errors.
func (t *trial) match(actual any) (matches bool, err error) {
	returned := false
	defer func() {
		if returned {
			return
		}
		p := recover()
		if _, isSignal := asSignal(p); isSignal {
			matches, err = false, p.(error)
		} else if p != nil {
			panic(p)
		}
	}()
	matches, err = t.matcher.Match(actual)
	returned = true
	return matches, err
}

// pass counts a check that passed and reports whether that was enough. A check
// that comes early, woken by an event, can break a row but not lengthen it. One
// whose verdict is final stands for any number.
func (t *trial) pass(early, final bool) bool {
	if early {
		return final
	}
	if t.passes++; t.passes >= t.repeat || final {
		return true
	}
	t.restFor(t.interval(), false)
	return false
}

func (t *trial) restFor(d time.Duration, resume bool) {
	t.rest, t.resume = time.Now().Add(d), resume
	t.alarm.set(d)
}

// verdict says what follows from a check.
type verdict uint8

const (
	unmet    verdict = iota // check again when something changes
	passed                  // the check is as wanted
	later                   // check again after a while
	hopeless                // stop
)

type following struct {
	verdict verdict
	after   time.Duration
	err     error
}

var errFinal = errors.New("no future change is possible, says the matcher")

// next decides what follows from a check, in the order in which Gomega does.
func (o outcome) next(want bool) following {
	for _, err := range []error{o.actualErr, o.matcherErr} {
		s, ok := asSignal(err)
		if !ok {
			continue
		}
		if s.IsStopTrying() {
			return following{verdict: hopeless, err: fmt.Errorf("told to stop trying: %w", err)}
		}
		if d, ok := s.(interface{ TryAgainDuration() time.Duration }); ok && s.IsTryAgainAfter() {
			return following{verdict: later, after: d.TryAgainDuration()}
		}
	}
	switch {
	case o.actualErr == nil && o.matcherErr == nil && o.matches == want:
		return following{verdict: passed}
	case o.final:
		return following{verdict: hopeless, err: errFinal}
	default:
		return following{verdict: unmet}
	}
}
