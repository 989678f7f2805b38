package matchers

import (
	"fmt"
	"sort"
	"strings"

	"github.com/sleepless-go/sleepless/foundation/telemetry"
)

const (
	maxClosest = 3
	maxOthers  = 6
)

// FailureMessage says what was expected, how near the recorded events come to
// it, and what else was recorded, as of the last Match.
func (m *EventMatcher[T]) FailureMessage(actual any) string {
	if err := m.recall(actual); err != nil {
		return err.Error()
	}
	if len(m.next) > 0 {
		return m.orderMessage()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Expected %v to have recorded%s\n    %s\n", m.seen.r, m.often(), m.expectation())
	records := m.snapshot()
	kind := m.ofKind(records)
	switch {
	case len(records) == 0:
		fmt.Fprintf(&b, "It recorded nothing%s.\n", m.since())
	case len(kind) == 0:
		fmt.Fprintf(&b, "It recorded %s%s, none of that kind.\n", count(len(records), "event"), m.since())
	default:
		fmt.Fprintf(&b, "It recorded %s%s, %d of that kind; %s.\n", count(len(records), "event"), m.since(), len(kind), m.verdict())
	}
	m.writeClosest(&b, records, kind)
	writeOthers(&b, "What was recorded besides:", records, func(rec telemetry.Record) bool { _, ok := m.payload(rec); return ok })
	m.writeHint(&b, len(records))
	return strings.TrimRight(b.String(), "\n")
}

// NegatedFailureMessage names the events that were not to be there.
func (m *EventMatcher[T]) NegatedFailureMessage(actual any) string {
	if err := m.recall(actual); err != nil {
		return err.Error()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Expected %v not to have recorded%s\n    %s\n", m.seen.r, m.often(), m.expectation())
	if len(m.next) > 0 {
		fmt.Fprintf(&b, "    followed by %s\nand it has, in that order.", m.followers())
		return b.String()
	}
	fmt.Fprintf(&b, "It recorded %s:\n", count(m.seen.matched, "such event"))
	shown := 0
	for i, rec := range m.snapshot() {
		if ok, _ := m.takes(rec); !ok {
			continue
		}
		if shown++; shown > maxClosest {
			fmt.Fprintf(&b, "    … %d in all\n", m.seen.matched)
			break
		}
		fmt.Fprintf(&b, "    #%d %s\n", i+1, rec)
	}
	return strings.TrimRight(b.String(), "\n")
}

// recall makes sure that there is a last Match to speak of.
func (m *EventMatcher[T]) recall(actual any) error {
	r, err := m.ready(actual)
	if err == nil && !m.seen.of(r) {
		_, err = m.look(r)
	}
	return err
}

func (m *EventMatcher[T]) orderMessage() string {
	steps := append([]EventStep{m}, m.next...)
	var b strings.Builder
	fmt.Fprintf(&b, "Expected %v to have recorded, in this order%s\n", m.seen.r, m.since())
	for i, s := range steps {
		state := "missing"
		if i < m.seen.reached {
			state = "found"
		} else if i > m.seen.reached {
			state = "not looked for"
		}
		fmt.Fprintf(&b, "    %d. %s: %s\n", i+1, s.expectation(), state)
	}
	missing := m.seen.reached
	if missing < len(steps) {
		for i, rec := range m.seen.records {
			if ok, _ := steps[missing].takes(rec); ok {
				fmt.Fprintf(&b, "Step %d came too early:\n    #%d %s\n", missing+1, i+1, rec)
				break
			}
		}
	}
	writeOthers(&b, "What was recorded:", m.seen.records, func(telemetry.Record) bool { return false })
	m.writeHint(&b, len(m.seen.records))
	return strings.TrimRight(b.String(), "\n")
}

// expectation is the kind with what is nested.
func (m *EventMatcher[T]) expectation() string {
	var wants []string
	for _, n := range m.nested {
		if n.wanted != "" {
			wants = append(wants, n.wanted)
		}
	}
	if len(wants) == 0 {
		return m.kind
	}
	return m.kind + " with " + strings.Join(wants, " and ")
}

func (m *EventMatcher[T]) followers() string {
	var list []string
	for _, s := range m.next {
		list = append(list, s.expectation())
	}
	return strings.Join(list, ", then ")
}

func (m *EventMatcher[T]) often() string {
	if m.times < 0 {
		return m.since()
	}
	return fmt.Sprintf(" exactly %s%s", count(m.times, "time"), m.since())
}

func (m *EventMatcher[T]) since() string {
	if m.after == 0 {
		return ""
	}
	return " since the mark"
}

func (m *EventMatcher[T]) verdict() string {
	switch n := m.seen.matched; n {
	case 0:
		return "none of them matches"
	case 1:
		return "1 of them matches"
	default:
		return fmt.Sprintf("%d of them match", n)
	}
}

// snapshot returns what the last Match had read and is still kept.
func (m *EventMatcher[T]) snapshot() []telemetry.Record {
	records := m.seen.r.Since(m.after)
	if lost := m.seen.r.Forgotten(); lost == 0 && m.seen.next >= m.after {
		records = records[:min(len(records), int(m.seen.next-m.after))]
	}
	return records
}

func (m *EventMatcher[T]) ofKind(records []telemetry.Record) []int {
	var kind []int
	for i, rec := range records {
		if _, ok := m.payload(rec); ok {
			kind = append(kind, i)
		}
	}
	return kind
}

// writeClosest shows the events that fail in the fewest points, the newest
// first among equals; where too many match, those that do.
func (m *EventMatcher[T]) writeClosest(b *strings.Builder, records []telemetry.Record, kind []int) {
	type candidate struct {
		index  int
		points []string
	}
	var all []candidate
	for i := len(kind) - 1; i >= 0; i-- {
		c := candidate{index: kind[i]}
		payload, _ := m.payload(records[kind[i]])
		for _, n := range m.nested {
			if ok, err := n.judge(payload); ok && err == nil {
				continue
			}
			if n.complaint != nil {
				c.points = append(c.points, n.complaint(payload)...)
			} else {
				c.points = append(c.points, "the function says no")
			}
		}
		all = append(all, c)
	}
	sort.SliceStable(all, func(i, j int) bool { return len(all[i].points) < len(all[j].points) })
	for i, c := range all {
		if i == 0 {
			b.WriteString("The closest:\n")
		}
		if i == maxClosest {
			break
		}
		fmt.Fprintf(b, "    #%d %s\n", c.index+1, records[c.index])
		for _, p := range c.points {
			fmt.Fprintf(b, "        %s\n", p)
		}
	}
}

// writeOthers counts the events that are not of the kind, by name.
func writeOthers(b *strings.Builder, title string, records []telemetry.Record, own func(telemetry.Record) bool) {
	times := map[string]int{}
	var names []string
	for _, rec := range records {
		if own(rec) || rec.Event == nil {
			continue
		}
		if times[rec.Event.Name]++; times[rec.Event.Name] == 1 {
			names = append(names, rec.Event.Name)
		}
	}
	for i, name := range names {
		if i == 0 {
			b.WriteString(title + "\n")
		}
		if i == maxOthers {
			fmt.Fprintf(b, "    … %d kinds in all\n", len(names))
			break
		}
		fmt.Fprintf(b, "    %d× %s\n", times[name], name)
	}
}

// writeHint says what to try. The first that fits is the most likely.
func (m *EventMatcher[T]) writeHint(b *strings.Builder, seen int) {
	hint := ""
	switch {
	case m.times >= 0 && m.seen.matched > m.times:
		hint = "there are more than that already, and events are never taken back; take a Mark before the action and match After(mark), or say less about Times"
	case m.beforeMark():
		hint = "a matching event was recorded before the mark; take the Mark before the action"
	case m.seen.r.Forgotten() > 0:
		hint = fmt.Sprintf("the recorder has forgotten its %d oldest events; raise eventually.Keep", m.seen.r.Forgotten())
	case m.seen.closed:
		hint = "the recorder is closed, so nothing more will be recorded"
	case seen == 0:
		hint = "nothing was recorded at all: check that the component was given this recorder or its bus, and that the recorder was made before the action"
	}
	if hint != "" {
		fmt.Fprintf(b, "hint: %s\n", hint)
	}
}

func (m *EventMatcher[T]) beforeMark() bool {
	if m.after == 0 {
		return false
	}
	history := m.seen.r.History()
	kept := int(m.after) - m.seen.r.Forgotten()
	for _, rec := range history[:max(0, min(kept, len(history)))] {
		if ok, _ := m.takes(rec); ok {
			return true
		}
	}
	return false
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
