package cache_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/sleepless-go/sleepless/foundation/cache"
	"github.com/sleepless-go/sleepless/foundation/telemetry"
)

// refused checks that a key is refused by every method, with an event each.
func refused[K comparable](t *testing.T, key K, cure string) {
	t.Helper()
	bus := telemetry.NewBus()
	c := must(cache.New(cache.Options[K, int]{
		Events: bus, Shards: 2,
		KeyString: func(K) string { panic("KeyString was given an invalid key") },
	}))
	defer c.Close()
	tp := listen(bus)
	ctx := t.Context()
	check := func(operation string, err error) {
		t.Helper()
		if !errors.Is(err, cache.ErrInvalidKey) || !strings.Contains(err.Error(), cure) {
			t.Errorf("%s(%v): error %v, want ErrInvalidKey with %q", operation, key, err, cure)
		}
	}
	if _, ok := c.Get(ctx, key); ok {
		t.Errorf("Get(%v) found something", key)
	}
	check("Put", c.Put(ctx, key, 1))
	_, err := c.Delete(ctx, key)
	check("Delete", err)
	_, err = c.GetOrLoad(ctx, key, func(context.Context) (int, error) { return 1, nil })
	check("GetOrLoad", err)
	var operations []string
	for _, r := range tp.take() {
		e, ok := r.Payload.(cache.ErrorData)
		if !ok || e.Reason != cache.ReasonInvalidKey {
			t.Errorf("event %v, want an invalid_key error", r)
		}
		operations = append(operations, e.Operation)
	}
	if got := strings.Join(operations, " "); got != "get put delete get_or_load" {
		t.Errorf("errors of %q, want one of each call", got)
	}
	if s := c.Stats(); s.Errors != 4 || s.Misses != 0 {
		t.Errorf("Stats = %+v, want 4 errors and no miss", s)
	}
}

type point struct{ X, Y float64 }

func TestKeysThatCouldNeverBeFoundAreRefused(t *testing.T) {
	refused[*int](t, nil, "give each thing a key of its own")
	refused[chan int](t, nil, "nil chan int")
	refused[unsafe.Pointer](t, nil, "nil unsafe.Pointer")
	refused[any](t, nil, "give each thing a key of its own")
	refused[any](t, (*int)(nil), "nil *int")
	refused[any](t, []int{1}, "cannot be compared; use keys of comparable parts")
	refused[any](t, math.NaN(), "keep NaN out of keys")
	refused[error](t, nil, "nil")
	refused(t, math.NaN(), "keep NaN out of keys")
	refused(t, complex(0, math.NaN()), "does not equal itself")
	refused(t, point{1, math.NaN()}, "does not equal itself")
	refused(t, [2]any{1, func() {}}, "cannot be compared")
	refused(t, struct{ K any }{[]int{1}}, "cannot be compared")
}

type color int

func (c color) String() string { return [...]string{"red", "green"}[c] }

type name string

// shown puts a valid key and returns how its event shows it.
func shown[K comparable](t *testing.T, key K) string {
	t.Helper()
	bus := telemetry.NewBus()
	c := must(cache.New(cache.Options[K, int]{Events: bus, Shards: 3}))
	defer c.Close()
	tp := listen(bus)
	if err := c.Put(t.Context(), key, 1); err != nil {
		t.Fatal(err)
	}
	if v, ok := c.Get(t.Context(), key); v != 1 || !ok {
		t.Errorf("Get(%v) = %d, %v", key, v, ok)
	}
	return payload[cache.PutData](t, tp.take()).Key
}

func TestValidKeysAreFoundAndShownAsTheyAre(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{shown(t, "a b"), "a b"},
		{shown(t, ""), ""},
		{shown(t, name("n")), "n"},
		{shown(t, -7), "-7"},
		{shown(t, uint8(7)), "7"},
		{shown(t, color(1)), "green"},
		{shown(t, time.Second), "1s"},
		{shown(t, 1.5), "1.5"},
		{shown(t, point{1, 2}), "{1 2}"},
		{shown(t, [0]float64{}), "[]"},
		{shown[any](t, "x"), "x"},
		{shown(t, struct{ P *int }{}), "{<nil>}"},
	} {
		if c.got != c.want {
			t.Errorf("key shown as %q, want %q", c.got, c.want)
		}
	}
	if p := shown(t, new(int)); !strings.HasPrefix(p, "0x") {
		t.Errorf("pointer shown as %q", p)
	}
}
