package cache

// Stats counts what a cache did since New. Every entry that was put is
// accounted for:
//
//	Puts = Entries + Replaced + Deletes + Cleared + Evictions + Expirations
type Stats struct {
	Hits        uint64 // lookups that found a live entry
	Misses      uint64 // lookups that did not
	Puts        uint64 // values stored, by Put, PutTTL and loads
	Replaced    uint64 // of these, values that took the place of a live one
	Deletes     uint64 // live entries removed by Delete
	Cleared     uint64 // entries removed by Clear
	Evictions   uint64 // entries removed because of MaxEntries
	Expirations uint64 // entries removed because their time was over, by whatever call met them
	Loads       uint64 // loaders started
	LoadErrors  uint64 // loaders that ended with an error, panic or Goexit
	Sweeps      uint64 // sweeps ended, by timer and by hand
	Errors      uint64 // Error events, heard or not
	Entries     int    // entries stored now, as Len
	Loading     int    // loaders running now
}

// Stats returns the counters. With one shard they belong together; with more,
// each shard's do.
func (c *Cache[K, V]) Stats() Stats {
	var sum Stats
	for _, s := range c.shards {
		s.mu.Lock()
		one := s.stats
		one.Entries, one.Loading = len(s.entries), len(s.loads)
		s.mu.Unlock()
		sum.add(one)
	}
	sum.Errors = c.errors.Load()
	return sum
}

func (s *Stats) add(o Stats) {
	s.Hits += o.Hits
	s.Misses += o.Misses
	s.Puts += o.Puts
	s.Replaced += o.Replaced
	s.Deletes += o.Deletes
	s.Cleared += o.Cleared
	s.Evictions += o.Evictions
	s.Expirations += o.Expirations
	s.Loads += o.Loads
	s.LoadErrors += o.LoadErrors
	s.Sweeps += o.Sweeps
	s.Entries += o.Entries
	s.Loading += o.Loading
}
