package benbclock

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
	"time"
	"unsafe"

	benb "github.com/benbjohnson/clock"
)

// The structs below mirror those of github.com/benbjohnson/clock v1.3.5 field by
// field. Nobody outside that package can make a Timer that belongs to a Mock, or
// learn when one is due, without sleeping; through these structs it can be done.
//
// That is sound only while they are laid out as the originals are, so every use
// is behind trusted, which compares them when the program starts and tries out
// what the rest relies on. The module is archived: v1.3.5 is its last version.
type (
	mockLayout struct {
		mu     sync.Mutex
		now    time.Time
		timers []clockTimer
	}

	timerLayout struct {
		C       <-chan time.Time
		c       chan time.Time
		timer   *time.Timer
		next    time.Time
		mock    *benb.Mock
		fn      func()
		stopped bool
	}

	tickerLayout struct {
		C       <-chan time.Time
		c       chan time.Time
		ticker  *time.Ticker
		next    time.Time
		mock    *benb.Mock
		d       time.Duration
		stopped bool
	}

	// clockTimer is what a Mock keeps of a timer. Two interfaces with the same
	// methods have values of the same layout.
	clockTimer interface {
		Next() time.Time
		Tick(time.Time)
	}
)

// trusted is nil if the mirrors can be used, or says why not.
var trusted = checkAll()

func checkAll() error {
	for _, pair := range [][2]reflect.Type{
		{reflect.TypeFor[benb.Mock](), reflect.TypeFor[mockLayout]()},
		{reflect.TypeFor[benb.Timer](), reflect.TypeFor[timerLayout]()},
		{reflect.TypeFor[benb.Ticker](), reflect.TypeFor[tickerLayout]()},
	} {
		if err := checkLayout(pair[0], pair[1]); err != nil {
			return err
		}
	}
	if timerOffset != tickerOffset {
		return fmt.Errorf("timers lie %d bytes into their boxes and tickers %d", timerOffset, tickerOffset)
	}
	return tryOut(benb.NewMock())
}

// checkLayout compares the struct original with its mirror: number of fields,
// and of each its name, offset, size, kind and type; then size and alignment.
func checkLayout(original, mirror reflect.Type) error {
	if original.Kind() != reflect.Struct || original.NumField() != mirror.NumField() {
		return fmt.Errorf("%v is not a struct of %d fields", original, mirror.NumField())
	}
	for i := range mirror.NumField() {
		o, m := original.Field(i), mirror.Field(i)
		switch {
		case o.Name != m.Name:
			return fmt.Errorf("field %d of %v is %s, not %s", i, original, o.Name, m.Name)
		case o.Offset != m.Offset:
			return fmt.Errorf("field %v.%s lies at offset %d, not %d", original, o.Name, o.Offset, m.Offset)
		case o.Type.Size() != m.Type.Size():
			return fmt.Errorf("field %v.%s has %d bytes, not %d", original, o.Name, o.Type.Size(), m.Type.Size())
		case o.Type.Kind() != m.Type.Kind():
			return fmt.Errorf("field %v.%s is a %v, not a %v", original, o.Name, o.Type.Kind(), m.Type.Kind())
		case !sameType(o.Type, m.Type):
			return fmt.Errorf("field %v.%s is a %v, which is not like %v", original, o.Name, o.Type, m.Type)
		}
	}
	if original.Size() != mirror.Size() || original.Align() != mirror.Align() {
		return fmt.Errorf("%v has %d bytes aligned to %d, not %d aligned to %d", original, original.Size(), original.Align(), mirror.Size(), mirror.Align())
	}
	return nil
}

// sameType reports whether the two are one type, or slices of interfaces with
// the same methods: the Mock's list of timers has types of its own.
func sameType(o, m reflect.Type) bool {
	if o == m {
		return true
	}
	if o.Kind() != reflect.Slice || m.Kind() != reflect.Slice {
		return false
	}
	o, m = o.Elem(), m.Elem()
	return o.Kind() == reflect.Interface && m.Kind() == reflect.Interface && o.NumMethod() == m.NumMethod() && o.Implements(m) && m.Implements(o)
}

// tryOut checks what Stop and Reset of timers that belong to m do with them,
// since a package of another version could have the same structs and use them
// differently.
func tryOut(m *benb.Mock) error {
	registry := (*mockLayout)(unsafe.Pointer(m))
	timer, ticker := newTimerBox(m), newTickerBox(m)
	for _, x := range []struct {
		r     *record
		stop  func() bool
		reset func(time.Duration) bool
	}{
		{&timer.record, timer.timer.Stop, timer.timer.Reset},
		{&ticker.record, func() bool { ticker.ticker.Stop(); return true }, func(d time.Duration) bool { ticker.ticker.Reset(d); return false }},
	} {
		if !x.stop() || !*x.r.stopped {
			return errors.New("Stop of a timer that is not stopped does not stop it")
		}
		if x.reset(3*time.Second) || *x.r.stopped || len(registry.timers) != 1 || recordOf(registry.timers[0]) != x.r {
			return errors.New("Reset of a stopped timer does not put it on the list")
		}
		if !x.r.next.Equal(registry.now.Add(3 * time.Second)) {
			return errors.New("Reset does not set when a timer is due")
		}
		if x.reset(time.Second); len(registry.timers) != 1 || !x.r.next.Equal(registry.now.Add(time.Second)) {
			return errors.New("Reset of a running timer does not just set when it is due")
		}
		if x.stop(); len(registry.timers) != 0 {
			return errors.New("Stop does not take a timer off the list")
		}
	}
	if ticker.tickerLayout().d != time.Second {
		return errors.New("Reset of a ticker does not set its period")
	}
	return nil
}
