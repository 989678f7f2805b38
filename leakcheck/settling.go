package leakcheck

import "fmt"

// steadySamples is how many successive samples must agree.
const steadySamples = 3

// maxSettling bounds AwaitSettled.
const maxSettling = 20

// Settling is the condition that the heap has come to rest: three garbage
// collections in a row leave the same behind, within 1 % or 4 KiB, whichever is
// more. It compares what collections leave with each other, not with what was
// there before, so a heap that falls has settled once it has stopped falling.
// It is for one goroutine. The zero value is not usable; see NewSettling.
type Settling struct {
	config
	samples []HeapSample
}

// NewSettling returns a condition that has taken no sample yet. Option Memory
// replaces the heap.
func NewSettling(opts ...Option) *Settling { return &Settling{config: configure(opts)} }

// Settled is an eventually.Condition. Each call collects garbage and takes one
// sample.
func (s *Settling) Settled() (done bool, why string, err error) {
	if s.err != nil {
		return false, "", s.err
	}
	s.samples = append(s.samples, s.sample())
	if len(s.samples) > maxSettling {
		s.samples = s.samples[1:]
	}
	done, why = settled(s.samples)
	return done, why, nil
}

// Samples returns the latest samples, at most twenty, oldest first.
func (s *Settling) Samples() []HeapSample { return append([]HeapSample(nil), s.samples...) }

// AwaitSettled collects garbage until the heap has settled and returns what is
// left. After twenty collections it makes the test fail. It never waits: the
// collections are the clock.
func AwaitSettled(t TB, opts ...Option) HeapSample {
	t.Helper()
	s := NewSettling(opts...)
	for {
		done, why, err := s.Settled()
		switch {
		case err != nil:
			t.Errorf("%v", err)
			return HeapSample{}
		case done:
			return s.samples[len(s.samples)-1]
		case len(s.samples) == maxSettling:
			t.Errorf("leakcheck: the heap has not settled after %d garbage collections: %s; fix: end what allocates and releases in the background before this line, or wait for its event", maxSettling, why)
			return s.samples[len(s.samples)-1]
		}
	}
}

// settled decides whether the last samples agree, and says why not.
func settled(samples []HeapSample) (bool, string) {
	if len(samples) < steadySamples {
		return false, fmt.Sprintf("%d of %d samples", len(samples), steadySamples)
	}
	last := samples[len(samples)-steadySamples:]
	low, high := last[0].Bytes, last[0].Bytes
	for _, s := range last {
		low, high = min(low, s.Bytes), max(high, s.Bytes)
	}
	if high-low <= max(high/100, 4<<10) {
		return true, ""
	}
	return false, fmt.Sprintf("%s from %d to %d bytes in the last %d collections", tendency(last), last[0].Bytes, last[len(last)-1].Bytes, steadySamples)
}

func tendency(samples []HeapSample) string {
	rises, falls := 0, 0
	for i, s := range samples[1:] {
		switch {
		case s.Bytes > samples[i].Bytes:
			rises++
		case s.Bytes < samples[i].Bytes:
			falls++
		}
	}
	switch {
	case falls == 0:
		return "rising"
	case rises == 0:
		return "falling"
	default:
		return "up and down,"
	}
}
