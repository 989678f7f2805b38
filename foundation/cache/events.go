package cache

import (
	"time"

	"github.com/sleepless-go/sleepless/foundation/telemetry"
)

// The events of a cache. Each is emitted after the state it announces is
// visible, outside every lock, in the goroutine of the call that caused it, and
// is delivered before that call returns; a sweep by the timer emits in the
// timer's goroutine and a load in its own. Instance is Options.Name.
var (
	// Started tells that New made a cache.
	Started = telemetry.NewEvent[StartedData]("foundation.cache.started", "A cache was made and is ready for use.")
	// Hit tells that Get or GetOrLoad found a live entry.
	Hit = telemetry.NewEvent[HitData]("foundation.cache.hit", "A lookup found a live entry.")
	// Miss tells that Get or GetOrLoad found no live entry. Get emits exactly
	// one of Hit, Miss and Error; GetOrLoad emits a Miss before it loads.
	Miss = telemetry.NewEvent[MissData]("foundation.cache.miss", "A lookup found no live entry.")
	// Put tells that a value was stored by Put, PutTTL or a load.
	Put = telemetry.NewEvent[PutData]("foundation.cache.put", "A value was stored.")
	// Delete tells that Delete was called and whether it removed an entry.
	Delete = telemetry.NewEvent[DeleteData]("foundation.cache.delete", "A key was deleted, whether it was there or not.")
	// Cleared tells that Clear removed all entries of the cache.
	Cleared = telemetry.NewEvent[ClearedData]("foundation.cache.cleared", "All entries were removed at once.")
	// Evicted tells that the cache removed an entry by itself.
	Evicted = telemetry.NewEvent[EvictedData]("foundation.cache.evicted", "The cache removed an entry that was expired or had to make room.")
	// Cleanup tells that a sweep has ended. Every sweep emits it, also one that
	// found nothing, so that waiting for "a sweep ran" cannot hang.
	Cleanup = telemetry.NewEvent[CleanupData]("foundation.cache.cleanup", "A sweep for expired entries ended, whether it found any or not.")
	// Error tells that a call was refused or a load failed. A load that fails
	// for several callers emits one.
	Error = telemetry.NewEvent[ErrorData]("foundation.cache.error", "A call was refused or a load failed.")
)

// Values of MissData.Reason and EvictedData.Reason.
const (
	ReasonNotFound  = "not_found"  // of a miss: there was no entry
	ReasonExpired   = "expired"    // of both: the entry's time was over
	ReasonSizeLimit = "size_limit" // of an eviction: the entry was the least recently used of a full shard
)

// Values of ErrorData.Operation.
const (
	OpGet       = "get"         // Get
	OpPut       = "put"         // Put and PutTTL
	OpDelete    = "delete"      // Delete
	OpClear     = "clear"       // Clear
	OpGetOrLoad = "get_or_load" // GetOrLoad, as seen by one caller
	OpLoad      = "load"        // the loader given to GetOrLoad, once for all callers
	OpSweep     = "sweep"       // Sweep
)

// Values of ErrorData.Reason.
const (
	ReasonClosed        = "closed"         // ErrClosed
	ReasonInvalidKey    = "invalid_key"    // ErrInvalidKey
	ReasonInvalidTTL    = "invalid_ttl"    // ErrInvalidTTL
	ReasonInvalidLoader = "invalid_loader" // ErrInvalidLoader
	ReasonRecursiveLoad = "recursive_load" // ErrRecursiveLoad
	ReasonAbandoned     = "abandoned"      // every caller of the load left before it ended
	ReasonCancelled     = "cancelled"      // the caller's context ended
	ReasonLoaderPanic   = "loader_panic"   // a *PanicError
	ReasonLoaderExit    = "loader_exit"    // ErrLoaderExit
	ReasonLoaderError   = "loader_error"   // an error that the loader returned
)

// StartedData is the payload of Started.
type StartedData struct {
	telemetry.Commit
	MaxEntries    int           `telemetry:"measure,unit=entries" doc:"Most entries the cache holds; 0 for no limit."`
	SweepInterval time.Duration `telemetry:"measure" doc:"Time between sweeps; 0 if there are none."`
	DefaultTTL    time.Duration `telemetry:"measure" doc:"Lifetime of entries put without one; 0 if they do not expire."`
	Shards        int           `telemetry:"measure,unit=shards" doc:"Number of parts with a lock and an order of use each."`
}

// HitData is the payload of Hit.
type HitData struct {
	telemetry.Commit
	Key      string        `telemetry:"attr" doc:"The key looked up."`
	Duration time.Duration `telemetry:"measure" doc:"Time the lookup took."`
}

// MissData is the payload of Miss.
type MissData struct {
	telemetry.Commit
	Key      string        `telemetry:"attr" doc:"The key looked up."`
	Reason   string        `telemetry:"label" doc:"not_found or expired."`
	Duration time.Duration `telemetry:"measure" doc:"Time the lookup took, without the load that may follow."`
}

// PutData is the payload of Put.
type PutData struct {
	telemetry.Commit
	Key      string        `telemetry:"attr" doc:"The key stored."`
	TTL      time.Duration `telemetry:"measure" doc:"Lifetime of the entry; 0 if it does not expire."`
	Replaced bool          `telemetry:"label" doc:"Whether a live entry with this key was replaced."`
	Loaded   bool          `telemetry:"label" doc:"Whether the value came from a loader."`
	Duration time.Duration `telemetry:"measure" doc:"Time the store took, without the load."`
}

// DeleteData is the payload of Delete.
type DeleteData struct {
	telemetry.Commit
	Key      string        `telemetry:"attr" doc:"The key deleted."`
	Existed  bool          `telemetry:"label" doc:"Whether a live entry was removed."`
	Duration time.Duration `telemetry:"measure" doc:"Time the call took."`
}

// ClearedData is the payload of Cleared.
type ClearedData struct {
	telemetry.Commit
	Count    int           `telemetry:"measure,unit=entries" doc:"Entries removed, expired ones that no sweep had met included."`
	Duration time.Duration `telemetry:"measure" doc:"Time the call took."`
}

// EvictedData is the payload of Evicted.
type EvictedData struct {
	telemetry.Commit
	Key    string        `telemetry:"attr" doc:"The key of the entry."`
	Reason string        `telemetry:"label" doc:"expired or size_limit."`
	Age    time.Duration `telemetry:"measure" doc:"Time since the entry's value was put."`
}

// CleanupData is the payload of Cleanup.
type CleanupData struct {
	telemetry.Commit
	ExpiredCount int           `telemetry:"measure,unit=entries" doc:"Entries that the sweep removed."`
	Remaining    int           `telemetry:"measure,unit=entries" doc:"Entries in the cache when it ended."`
	Duration     time.Duration `telemetry:"measure" doc:"Time the sweep took, the handlers of its evictions included."`
}

// ErrorData is the payload of Error.
type ErrorData struct {
	telemetry.Commit
	Operation string `telemetry:"label" doc:"get, put, delete, clear, get_or_load, load or sweep."`
	Reason    string `telemetry:"label" doc:"What kind of error: closed, invalid_key, invalid_ttl, invalid_loader, recursive_load, abandoned, cancelled, loader_panic, loader_exit or loader_error."`
	Error     string `telemetry:"attr" doc:"Text of the error."`
	Key       string `telemetry:"attr" doc:"The key it is about; empty for clear and sweep."`
}
