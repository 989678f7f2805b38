package cache_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/sleepless-go/sleepless/foundation/cache"
)

// Entries come and go in the middle of the heap, by Delete and by a new
// lifetime; a sweep still removes the rest in the order in which they expired.
func TestSweepRemovesInOrderOfExpiryWhateverWasTakenOutBefore(t *testing.T) {
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 5))
		f := open(t, cache.Options[string, int]{SweepInterval: cache.NoSweep})
		expires := map[string]time.Duration{}
		for i := range 3000 {
			key := fmt.Sprint(random.IntN(300))
			if random.IntN(3) == 0 {
				_, _ = f.Delete(t.Context(), key)
				delete(expires, key)
				continue
			}
			expires[key] = time.Duration(1+random.IntN(10_000)) * time.Second
			f.putTTL(key, i, expires[key])
		}
		f.tape.take()
		f.clock.Advance(10_001 * time.Second)
		if n, err := f.Sweep(t.Context()); n != len(expires) || err != nil {
			t.Fatalf("seed %d: Sweep = %d, %v; want %d", seed, n, err, len(expires))
		}
		var last time.Duration
		for _, r := range f.tape.take() {
			e, ok := r.Payload.(cache.EvictedData)
			if !ok {
				continue
			}
			if expires[e.Key] < last {
				t.Fatalf("seed %d: %s, expired at %s, was removed after one that expired at %s", seed, e.Key, expires[e.Key], last)
			}
			last = expires[e.Key]
		}
	}
}
