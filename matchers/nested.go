package matchers

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/onsi/gomega/types"
)

// acceptor is one nested condition on a payload.
type acceptor[T any] struct {
	wanted    string // "" if there is nothing to say
	judge     func(T) (bool, error)
	complaint func(T) []string // why judge said no
}

// accept makes an acceptor of a nested argument.
func accept[T any](nested any) (acceptor[T], error) {
	switch n := nested.(type) {
	case types.GomegaMatcher:
		return acceptor[T]{
			wanted: wanted(n),
			judge:  func(v T) (bool, error) { return n.Match(v) },
			complaint: func(v T) []string {
				// Matchers keep state between Match and their message.
				if ok, err := n.Match(v); err != nil {
					return []string{short(err.Error())}
				} else if ok {
					return nil
				}
				return []string{short(n.FailureMessage(v))}
			},
		}, nil
	case func(T) bool:
		if n == nil {
			return acceptor[T]{}, fmt.Errorf("is a nil function")
		}
		return acceptor[T]{
			wanted:    "a payload accepted by " + fmt.Sprintf("%T", n),
			judge:     func(v T) (bool, error) { return n(v), nil },
			complaint: func(T) []string { return []string{"the function says no"} },
		}, nil
	case T:
		return acceptor[T]{
			wanted:    "a payload equal to " + short(fmt.Sprintf("%+v", n)),
			judge:     func(v T) (bool, error) { return reflect.DeepEqual(v, n), nil },
			complaint: func(v T) []string { return differences(v, n) },
		}, nil
	}
	return acceptor[T]{}, fmt.Errorf("is a %T; give a Gomega matcher, a func(%T) bool or a %T", nested, *new(T), *new(T))
}

// differences lists the fields in which two structs differ.
func differences(got, want any) []string {
	g, w := reflect.ValueOf(got), reflect.ValueOf(want)
	if g.Kind() != reflect.Struct || g.Type() != w.Type() {
		return []string{fmt.Sprintf("%+v is not %+v", got, want)}
	}
	var list []string
	for i := range g.NumField() {
		field := g.Type().Field(i)
		if !field.IsExported() {
			continue
		}
		a, b := g.Field(i).Interface(), w.Field(i).Interface()
		switch {
		case reflect.DeepEqual(a, b):
		case field.Anonymous:
			list = append(list, differences(a, b)...)
		default:
			list = append(list, fmt.Sprintf("%s: %s is not %s", field.Name, value(a), value(b)))
		}
	}
	if len(list) == 0 && !reflect.DeepEqual(got, want) {
		list = append(list, "unexported fields differ")
	}
	return list
}

func value(v any) string {
	if s, ok := v.(string); ok {
		return short(fmt.Sprintf("%q", s))
	}
	return short(fmt.Sprintf("%+v", v))
}

const maxShort = 160

// short puts a text on one line of bounded length.
func short(s string) string {
	runes := []rune(strings.Join(strings.Fields(s), " "))
	if len(runes) > maxShort {
		return string(runes[:maxShort]) + "…"
	}
	return string(runes)
}

// wanted describes a matcher by its name and what it was made with, for
// instance HaveField("Key", Equal("a")).
func wanted(m types.GomegaMatcher) string {
	if s, ok := m.(fmt.Stringer); ok {
		return s.String()
	}
	v := reflect.Indirect(reflect.ValueOf(m))
	text := nameOfMatcher(m)
	if v.Kind() != reflect.Struct {
		return text
	}
	var args []string
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.IsExported() || f.Type.Kind() == reflect.Func {
			continue
		}
		args = append(args, argument(v.Field(i).Interface()))
	}
	return short(text + "(" + strings.Join(args, ", ") + ")")
}

func argument(v any) string {
	switch v := v.(type) {
	case types.GomegaMatcher:
		return wanted(v)
	case []types.GomegaMatcher:
		list := make([]string, len(v))
		for i, m := range v {
			list[i] = wanted(m)
		}
		return strings.Join(list, ", ")
	default:
		return value(v)
	}
}
