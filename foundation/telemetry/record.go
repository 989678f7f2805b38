package telemetry

import (
	"fmt"
	"iter"
	"reflect"
	"strconv"
	"strings"
	"sync/atomic"
)

// Commit is the identity of an event: embed it in payloads. Emissions happen
// outside locks, so two goroutines may deliver the events of one instance in
// another order than they committed them; Seq tells the true one.
type Commit struct {
	// Instance names the cache, pool or sensor the event is about.
	Instance string `telemetry:"label" doc:"Name of the instance the event is about."`
	// Seq is drawn from the instance's Sequence while the state is committed.
	Seq uint64 `telemetry:"attr" doc:"Commit sequence within the instance, from 1."`
}

func (c Commit) commit() Commit { return c }

// Sequence numbers the commits of one instance, from 1. Call Next inside the
// critical section that commits the state, emit after it. The zero value is
// ready; it must not be copied after first use.
type Sequence struct {
	n atomic.Uint64
}

// Next returns the next number. It may be called from any goroutine.
func (s *Sequence) Next() uint64 { return s.n.Add(1) }

// Last returns the number drawn last, 0 if there was none.
func (s *Sequence) Last() uint64 { return s.n.Load() }

// Record is one emitted event of whatever kind: what a Sink and the handlers
// of Bus.AttachPrefix and Bus.AttachAll get. Payload has the type that the
// event was declared with. A Record is read-only.
type Record struct {
	Event   *Descriptor
	Payload any
}

// Commit returns the identity that the payload embeds, and whether it does.
func (r Record) Commit() (Commit, bool) {
	if c, ok := r.Payload.(interface{ commit() Commit }); ok {
		return c.commit(), true
	}
	return Commit{}, false
}

// Fields yields the payload's fields with their values, in order of declaration.
func (r Record) Fields() iter.Seq2[Field, any] {
	return func(yield func(Field, any) bool) {
		v := reflect.ValueOf(r.Payload)
		for _, f := range r.Event.Fields {
			if !yield(f, v.FieldByIndex(f.index).Interface()) {
				return
			}
		}
	}
}

// Value returns the value of the field with that export name ("bytes_freed"),
// and whether there is one.
func (r Record) Value(name string) (any, bool) {
	f, ok := r.Event.Field(name)
	if !ok {
		return nil, false
	}
	return f.Value(r), true
}

// String returns the record for humans, for instance
//
//	foundation.cache.evicted key=a reason=size_limit instance=users seq=7
//
// Empty strings and lists, nil values and zero ids are left out, and so is a
// zero Commit.
func (r Record) String() string {
	if r.Event == nil {
		return "telemetry: zero Record"
	}
	var text, identity strings.Builder
	text.WriteString(r.Event.Name)
	for f, v := range r.Fields() {
		to := &text
		if f.Commit {
			if reflect.ValueOf(v).IsZero() {
				continue
			}
			to = &identity
		}
		if s := fieldText(v); s != "" {
			to.WriteString(" " + f.Name + "=" + s)
		}
	}
	return text.String() + identity.String()
}

// fieldText returns a value for humans, quoted where its end could not be told
// from the next field, and "" if there is nothing to show.
func fieldText(v any) string {
	if v == nil {
		return ""
	}
	if z, ok := v.(interface{ IsZero() bool }); ok && z.IsZero() {
		return ""
	}
	if rv := reflect.ValueOf(v); rv.Kind() == reflect.Slice && rv.Len() == 0 {
		return ""
	}
	s := fmt.Sprint(v)
	if s != "" && strings.ContainsAny(s, " =\"\n\t") {
		return strconv.Quote(s)
	}
	return s
}
