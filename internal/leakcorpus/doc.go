// Package leakcorpus holds small programs that leave goroutines behind, and
// small programs that look as if they did. Detectors of leaks are tested
// against all of them, and so against each other.
//
// Each case plants one thing and says the truth about it: a leak is a goroutine
// that stays after its work has lost its purpose; an innocent leaves none, or
// one that ends by itself shortly. A plant returns when its goroutines have been
// started, so that a detector which looks next can see them, and it returns a
// release, which ends them. Leaks that nothing can end (nobody refers to what they wait for) have no
// release: they are what a garbage collector can prove to be leaked.
package leakcorpus
