package cache

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/sleepless-go/sleepless/foundation/clock"
	"github.com/sleepless-go/sleepless/foundation/telemetry"
)

const (
	// NoExpiry as a lifetime means that the entry does not expire.
	NoExpiry time.Duration = math.MaxInt64
	// NoSweep as a SweepInterval turns the timer off. Expired entries are then
	// removed when they are met: by a lookup, by Sweep or when room is needed.
	NoSweep time.Duration = -1

	defaultName  = "default"
	defaultSweep = time.Minute
)

// Options configures New. The zero value is a cache without a bound, whose
// entries do not expire, on the system clock, that nobody listens to.
type Options[K comparable, V any] struct {
	// Name is the Instance of the cache's events; "default" if empty.
	Name string

	// MaxEntries bounds the number of entries; 0 means no bound.
	MaxEntries int

	// DefaultTTL is the lifetime of entries put without one, by Put and by
	// GetOrLoad; 0 and NoExpiry mean that they do not expire.
	DefaultTTL time.Duration

	// SweepInterval is the time from the end of a sweep to the start of the
	// next one; 0 means one minute and NoSweep, or any negative value, none.
	SweepInterval time.Duration

	// Shards is the number of parts, each with its own lock; 0 means 1. With 1
	// the entry evicted is the least recently used of the whole cache. More
	// shards let more processors in at a time, but each has its own share of
	// MaxEntries and its own order of use: the shares add up to MaxEntries, and
	// a shard that is full evicts although another has room. Measure before
	// setting it: two processors that do nothing but hit the same keys are
	// faster with one shard, since the lock then keeps the entries in one
	// processor's cache for a while.
	Shards int

	// KeyString tells how a key appears in events and errors. By default
	// strings appear as they are, integers in decimal and other types, and all
	// that have a method String, as fmt.Sprint prints them. It is called outside
	// locks, from any goroutine, only for an event that somebody listens to or
	// the error of a load, and must not panic. Use it to shorten keys, or to
	// hash those that should not leave the process.
	KeyString func(K) string

	// Clock tells the time and wakes the sweeps; nil means clock.System.
	Clock clock.Clock

	// Events takes the cache's events; nil means that nobody listens.
	Events telemetry.Sink
}

// withDefaults checks the options and fills in what was left out.
func (o Options[K, V]) withDefaults() (Options[K, V], error) {
	if err := o.check(); err != nil {
		return o, err
	}
	if o.Name == "" {
		o.Name = defaultName
	}
	if o.SweepInterval == 0 {
		o.SweepInterval = defaultSweep
	}
	o.SweepInterval = max(o.SweepInterval, NoSweep)
	if o.DefaultTTL == 0 {
		o.DefaultTTL = NoExpiry
	}
	o.Shards = max(o.Shards, 1)
	if o.KeyString == nil {
		o.KeyString = keyString[K]()
	}
	o.Clock = clock.Or(o.Clock)
	return o, nil
}

func (o Options[K, V]) check() error {
	var errs []error
	wrong := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("%w: %s", ErrInvalidOptions, fmt.Sprintf(format, args...)))
	}
	if o.MaxEntries < 0 {
		wrong("MaxEntries is %d; give the most entries to hold, or 0 for no bound", o.MaxEntries)
	}
	if o.DefaultTTL < 0 {
		wrong("DefaultTTL is %s; give a positive lifetime, or 0 for entries that do not expire", o.DefaultTTL)
	}
	if o.Shards < 0 {
		wrong("Shards is %d; give a positive number, or 0 for one", o.Shards)
	}
	if o.MaxEntries > 0 && o.Shards > o.MaxEntries {
		wrong("%d Shards cannot share %d MaxEntries; each needs one entry at least", o.Shards, o.MaxEntries)
	}
	return errors.Join(errs...)
}

// share returns how many of max entries the i-th of n shards may hold, 0 for
// no bound: the shares differ by one at most and add up to max.
func share(max, n, i int) int {
	if i < max%n {
		return max/n + 1
	}
	return max / n
}
