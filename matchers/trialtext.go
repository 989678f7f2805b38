package matchers

import (
	"errors"
	"fmt"
	"path"
	"reflect"
	"strings"
	"sync/atomic"

	"github.com/onsi/gomega/format"
	"github.com/onsi/gomega/types"

	"github.com/sleepless-go/sleepless/eventually"
)

// what names the wait in its report.
func (t *trial) what() string {
	should := "Should"
	if !t.want {
		should = "ShouldNot"
	}
	return fmt.Sprintf("Await(%s).%s(%s)", strings.TrimPrefix(fmt.Sprintf("%T", t.actual), "*"), should, nameOfMatcher(t.matcher))
}

// nameOfMatcher returns for instance "Equal".
func nameOfMatcher(m types.GomegaMatcher) string {
	if n, ok := m.(interface{ name() string }); ok {
		return n.name()
	}
	name, _, _ := strings.Cut(path.Base(fmt.Sprintf("%T", m)), "[")
	name = name[strings.LastIndexByte(name, '.')+1:]
	return strings.TrimSuffix(name, "Matcher")
}

// failure is the text of a wait that failed.
func (t *trial) failure(report *eventually.Report) string {
	if report.Checks == 0 {
		return report.String()
	}
	return report.Verdict + "\n\n" + report.String()
}

// message says what was wrong at the last check, in the matcher's words.
func (t *trial) message() string {
	o := t.last
	switch {
	case o.actualErr != nil:
		text := errorText("The function passed to Await returned the following error:", o.actualErr)
		if t.hasValid {
			text += "\nAt one point, however, the function did return successfully. Then " + t.complaint(t.valid)
		}
		return text
	case o.matcherErr != nil:
		return errorText("The matcher passed to Await returned the following error:", o.matcherErr)
	case o.matches == t.want:
		return fmt.Sprintf("The matcher was satisfied by the last check, but only %d of the %d times in a row that MustPassRepeatedly asks for.", t.passes, t.repeat)
	case t.want:
		return t.matcher.FailureMessage(o.actual)
	default:
		return t.matcher.NegatedFailureMessage(o.actual)
	}
}

// complaint asks the matcher about an earlier actual.
func (t *trial) complaint(actual any) string {
	matches, err := t.match(actual)
	switch {
	case err != nil:
		return errorText("the matcher returned the following error:", err)
	case matches == t.want:
		return "the matcher was satisfied."
	case t.want:
		return "the matcher was not satisfied:\n" + t.matcher.FailureMessage(actual)
	default:
		return "the matcher was not satisfied:\n" + t.matcher.NegatedFailureMessage(actual)
	}
}

func errorText(preamble string, err error) string {
	var formatted interface{ FormattedGomegaError() string }
	if s, ok := asSignal(err); ok {
		return err.Error() + attachments(s)
	}
	if errors.As(err, &formatted) {
		return formatted.FormattedGomegaError()
	}
	return preamble + "\n" + format.Object(err, 1)
}

// attachments renders what was given with Attach. Gomega's signals are of an
// internal type, whose exported fields can be had by reflection only.
func attachments(s signal) string {
	v := reflect.Indirect(reflect.ValueOf(s))
	if v.Kind() != reflect.Struct {
		return ""
	}
	list := v.FieldByName("Attachments")
	if !list.IsValid() || list.Kind() != reflect.Slice {
		return ""
	}
	text := ""
	for i := range list.Len() {
		a := list.Index(i)
		title, object := a.FieldByName("Description"), a.FieldByName("Object")
		if title.IsValid() && object.IsValid() {
			text += fmt.Sprintf("\n%s:\n%s", title, format.Object(object.Interface(), 1))
		}
	}
	return text
}

// note remembers what a check saw in a few words, for the values of the report
// and for Ginkgo's progress reports.
func (t *trial) note(o outcome) {
	text := ""
	if s, ok := t.matcher.(interface{ state() string }); ok && o.actualErr == nil && o.matcherErr == nil {
		text = s.state()
	}
	if text == "" {
		text = brief(o)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.checks++
	t.latest = text
}

// brief shows values that can be shown without looking through pointers: other
// goroutines may be changing what those lead to.
func brief(o outcome) string {
	err := o.actualErr
	if err == nil {
		err = o.matcherErr
	}
	if err == nil {
		if e, ok := o.actual.(pollError); ok {
			err = e
		}
	}
	if err != nil {
		text := err.Error()
		if _, said, ok := strings.Cut(text, " with:\n"); ok && err != o.matcherErr {
			text = said // where it failed stands in the message already
		}
		return short(text)
	}
	switch v := reflect.ValueOf(o.actual); v.Kind() {
	case reflect.Invalid:
		return "nil"
	case reflect.String:
		return fmt.Sprintf("%q", v.String())
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Float32, reflect.Float64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return fmt.Sprint(o.actual)
	case reflect.Pointer:
		if v.IsNil() {
			return "nil"
		}
	case reflect.Slice, reflect.Map, reflect.Chan:
		return fmt.Sprintf("%s of length %d", v.Type(), v.Len())
	}
	switch a := o.actual.(type) {
	case *atomic.Bool:
		return fmt.Sprint(a.Load())
	case eventually.Source:
		if r, ok := a.(interface{ Len() int }); ok {
			return fmt.Sprintf("%d recorded", r.Len())
		}
		if s, ok := a.(fmt.Stringer); ok {
			return s.String()
		}
	}
	return strings.TrimPrefix(fmt.Sprintf("%T", o.actual), "*")
}

// attachProgress tells a SpecContext how the wait goes, for as long as it does.
func (t *trial) attachProgress() (detach func()) {
	if t.ctx != nil {
		if c, ok := t.ctx.Value(ginkgoSpecContext).(interface {
			AttachProgressReporter(func() string) func()
		}); ok {
			return c.AttachProgressReporter(t.progress)
		}
	}
	return func() {}
}

func (t *trial) progress() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return fmt.Sprintf("%s goes on: %d checks so far, the last saw: %s", t.what(), t.checks, t.latest)
}
