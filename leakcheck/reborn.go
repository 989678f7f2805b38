package leakcheck

import (
	"fmt"

	"github.com/sleepless-go/sleepless/eventually"
)

// Reborn returns the condition that a name stands for somebody new: that a
// supervisor has started a server again, not only that the name is registered,
// which it may still be for the old one. lookup returns who has the name now:
// a pointer, a number, a process id. Call Reborn before what ends the old one;
// that is when the old identity is noted.
//
//	reborn := leakcheck.Reborn(func() (*Server, bool) { return registry.Lookup("cache") })
//	registry.Kill("cache")
//	_, err := eventually.Wait(ctx, "the cache is started again", reborn, eventually.On(registry))
//
// The condition holds on to the old identity, so that a pointer cannot come back
// as that of a new object.
func Reborn[K comparable](lookup func() (identity K, ok bool)) eventually.Condition {
	old, had := lookup()
	return func() (done bool, why string, err error) {
		switch now, ok := lookup(); {
		case !ok:
			return false, "the name is not registered", nil
		case had && now == old:
			return false, fmt.Sprintf("the name is registered still, or again, for the old %v", old), nil
		default:
			return true, "", nil
		}
	}
}
