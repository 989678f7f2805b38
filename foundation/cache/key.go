package cache

import (
	"fmt"
	"reflect"
	"strconv"
)

// keyCheck returns a function that says what is wrong with a key, or nil if
// nothing can be wrong with any key of the type, so that the usual types pay
// nothing.
func keyCheck[K comparable]() func(K) error {
	switch t := reflect.TypeFor[K](); {
	case t.Kind() == reflect.Interface:
		return checkDynamic[K]
	case isNillable(t.Kind()):
		return checkNil[K]
	case !alwaysEqual(t):
		return checkComparable[K]
	}
	return nil
}

func isNillable(k reflect.Kind) bool {
	return k == reflect.Pointer || k == reflect.Chan || k == reflect.UnsafePointer
}

// alwaysEqual reports whether all values of a type can be compared without
// panic and equal themselves: no floating point and no interface in it.
func alwaysEqual(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128, reflect.Interface:
		return false
	case reflect.Array:
		return t.Len() == 0 || alwaysEqual(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if !alwaysEqual(t.Field(i).Type) {
				return false
			}
		}
	}
	return true
}

func checkNil[K comparable](key K) error {
	var none K
	if key == none {
		return fmt.Errorf("%w: a nil %T; give each thing a key of its own", ErrInvalidKey, key)
	}
	return nil
}

// checkComparable must ask reflect before it compares: == panics if an
// interface in the key holds a slice, a map or a function, and so would the map.
func checkComparable[K comparable](key K) error {
	if v := reflect.ValueOf(key); !v.Comparable() {
		return fmt.Errorf("%w: this %T holds a value that cannot be compared; use keys of comparable parts, such as strings", ErrInvalidKey, key)
	}
	if key != key { //nolint:staticcheck // true of NaN and of what holds one
		return fmt.Errorf("%w: %v does not equal itself, so it could never be found; keep NaN out of keys", ErrInvalidKey, key)
	}
	return nil
}

// checkDynamic checks keys of an interface type by what they hold.
func checkDynamic[K comparable](key K) error {
	v := reflect.ValueOf(key)
	switch {
	case !v.IsValid():
		return fmt.Errorf("%w: nil; give each thing a key of its own", ErrInvalidKey)
	case isNillable(v.Kind()) && v.IsNil():
		return fmt.Errorf("%w: a nil %T; give each thing a key of its own", ErrInvalidKey, key)
	}
	return checkComparable(key)
}

// keyString returns the default of Options.KeyString.
func keyString[K comparable]() func(K) string {
	t := reflect.TypeFor[K]()
	switch {
	case t == reflect.TypeFor[string]():
		return func(key K) string { return any(key).(string) }
	case t.Implements(reflect.TypeFor[fmt.Stringer]()), t.Implements(reflect.TypeFor[error]()):
		return func(key K) string { return fmt.Sprint(key) }
	case t.Kind() == reflect.String:
		return func(key K) string { return reflect.ValueOf(key).String() }
	case reflect.Int <= t.Kind() && t.Kind() <= reflect.Int64:
		return func(key K) string { return strconv.FormatInt(reflect.ValueOf(key).Int(), 10) }
	case reflect.Uint <= t.Kind() && t.Kind() <= reflect.Uintptr:
		return func(key K) string { return strconv.FormatUint(reflect.ValueOf(key).Uint(), 10) }
	}
	return func(key K) string { return fmt.Sprint(key) }
}
