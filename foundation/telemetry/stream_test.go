package telemetry_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/sleepless-go/sleepless/foundation/telemetry"
)

func TestAStreamDeliversAndClosesItsChannelOnce(t *testing.T) {
	bus := telemetry.NewBus()
	s := must[*telemetry.Stream[hitData]](t)(hit.Stream(bus, telemetry.StreamOptions{Capacity: 2}))
	hit.Bind(bus).Emit(t.Context(), hitData{Key: "a"})
	s.Close()
	s.Close()
	hit.Bind(bus).Emit(t.Context(), hitData{Key: "b"})
	if v, ok := <-s.C(); !ok || v.Key != "a" {
		t.Errorf("received %v, %v; want the event from before Close", v, ok)
	}
	if v, ok := <-s.C(); ok {
		t.Errorf("received %v from a closed stream", v)
	}
	if s.Delivered() != 1 || s.Dropped() != 0 || len(bus.Handlers()) != 0 {
		t.Errorf("delivered %d, dropped %d, %d handlers", s.Delivered(), s.Dropped(), len(bus.Handlers()))
	}
}

func TestDropPolicies(t *testing.T) {
	for policy, want := range map[telemetry.DropPolicy][]int{
		telemetry.DropNewest: {1, 2, 3},
		telemetry.DropOldest: {3, 4, 5},
	} {
		bus := telemetry.NewBus()
		s := must[*telemetry.Stream[plainData]](t)(plain.Stream(bus, telemetry.StreamOptions{Capacity: 3, Policy: policy}))
		for n := range 5 {
			plain.Bind(bus).Emit(t.Context(), plainData{n + 1})
		}
		s.Close()
		var got []int
		for v := range s.C() {
			got = append(got, v.N)
		}
		if !slices.Equal(got, want) || s.Delivered() != 3 || s.Dropped() != 2 {
			t.Errorf("policy %d: got %v, delivered %d, dropped %d; want %v, 3, 2", policy, got, s.Delivered(), s.Dropped(), want)
		}
	}
}

func TestStreamsOfRecords(t *testing.T) {
	bus := telemetry.NewBus()
	all := must[*telemetry.Stream[telemetry.Record]](t)(bus.StreamAll(telemetry.StreamOptions{Capacity: 5}))
	some := must[*telemetry.Stream[telemetry.Record]](t)(bus.StreamPrefix("test.cache", telemetry.StreamOptions{Capacity: 5}))
	hit.Bind(bus).Emit(t.Context(), hitData{Key: "a"})
	plain.Bind(bus).Emit(t.Context(), plainData{1})
	all.Close()
	some.Close()
	var got []string
	for _, s := range []*telemetry.Stream[telemetry.Record]{all, some} {
		for r := range s.C() {
			got = append(got, r.Event.Name)
		}
	}
	if want := []string{"test.cache.hit", "test.plain.happened", "test.cache.hit"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAStreamNeedsABoundAndAKnownPolicy(t *testing.T) {
	bus := telemetry.NewBus()
	for want, o := range map[string]telemetry.StreamOptions{
		"Capacity is 0, want at least 1":           {},
		"Capacity is -1, want at least 1":          {Capacity: -1},
		"Policy is 7, want DropNewest or DropOlde": {Capacity: 1, Policy: 7},
	} {
		_, typed := hit.Stream(bus, o)
		_, all := bus.StreamAll(o)
		_, prefix := bus.StreamPrefix("test", o)
		for _, err := range []error{typed, all, prefix} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want …%s…", err, want)
			}
		}
	}
	if len(bus.Handlers()) != 0 {
		t.Error("a refused stream was attached")
	}
}

// Sending to a channel that another goroutine closes panics in streams that
// close it without a lock.
func TestClosingBesideEmittersNeitherPanicsNorMiscounts(t *testing.T) {
	for _, policy := range []telemetry.DropPolicy{telemetry.DropNewest, telemetry.DropOldest} {
		for range 100 {
			bus := telemetry.NewBus()
			s := must[*telemetry.Stream[plainData]](t)(plain.Stream(bus, telemetry.StreamOptions{Capacity: 2, Policy: policy}))
			var emitters, receiver sync.WaitGroup
			received := uint64(0)
			receiver.Go(func() {
				for range s.C() {
					received++
				}
			})
			for range 3 {
				emitters.Go(func() {
					for n := range 20 {
						plain.Bind(bus).Emit(t.Context(), plainData{n})
					}
				})
			}
			emitters.Go(s.Close)
			emitters.Go(s.Close)
			emitters.Wait()
			receiver.Wait()
			if bus.Failures() != 0 || received != s.Delivered() {
				t.Fatalf("%d panics; %d received, %d delivered", bus.Failures(), received, s.Delivered())
			}
		}
	}
}

func TestDeliveredAndDroppedAddUpToEmitted(t *testing.T) {
	for _, policy := range []telemetry.DropPolicy{telemetry.DropNewest, telemetry.DropOldest} {
		bus := telemetry.NewBus()
		s := must[*telemetry.Stream[plainData]](t)(plain.Stream(bus, telemetry.StreamOptions{Capacity: 4, Policy: policy}))
		var emitters, receiver sync.WaitGroup
		received := uint64(0)
		receiver.Go(func() {
			for range s.C() {
				received++
			}
		})
		const goroutines, each = 4, 1000
		for range goroutines {
			emitters.Go(func() {
				for n := range each {
					plain.Bind(bus).Emit(t.Context(), plainData{n})
				}
			})
		}
		emitters.Wait()
		s.Close()
		receiver.Wait()
		if s.Delivered()+s.Dropped() != goroutines*each || received != s.Delivered() {
			t.Errorf("policy %d: %d delivered + %d dropped of %d; %d received", policy, s.Delivered(), s.Dropped(), goroutines*each, received)
		}
	}
}

func TestEmissionsFromOutsideTheBubbleOfAStreamAreDropped(t *testing.T) {
	bus := telemetry.NewBus()
	var s *telemetry.Stream[hitData]
	ask, answered := make(chan struct{}), make(chan struct{})
	go func() {
		<-ask
		hit.Bind(bus).Emit(t.Context(), hitData{Key: "outside"})
		close(answered)
	}()
	synctest.Test(t, func(t *testing.T) {
		s = must[*telemetry.Stream[hitData]](t)(hit.Stream(bus, telemetry.StreamOptions{Capacity: 2}))
		ask <- struct{}{}
		<-answered
		hit.Bind(bus).Emit(t.Context(), hitData{Key: "inside"})
		if v := <-s.C(); v.Key != "inside" || s.Dropped() != 1 {
			t.Errorf("received %v, dropped %d; want the event from inside, 1", v, s.Dropped())
		}
	})
	s.Close() // from outside: must not touch the channel
	if len(bus.Handlers()) != 0 {
		t.Error("the stream is still attached")
	}
}
