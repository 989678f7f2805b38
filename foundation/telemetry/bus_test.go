package telemetry_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/sleepless-go/sleepless/foundation/telemetry"
)

func TestHandlersRunInAttachOrderWhateverTheyListenTo(t *testing.T) {
	var j journal
	bus := telemetry.NewBus()
	hit.Attach(bus, typed[hitData](&j, "typed1"))
	must[*telemetry.Handle](t)(bus.AttachPrefix("test.cache", records(&j, "prefix")))
	hit.Attach(bus, typed[hitData](&j, "typed2"))
	bus.AttachAll(records(&j, "all"))
	must[*telemetry.Handle](t)(bus.AttachNames([]string{"test.cache.hit", "test.plain.happened"}, records(&j, "names")))
	hit.Attach(bus, typed[hitData](&j, "typed3"))

	hit.Bind(bus).Emit(t.Context(), hitData{})
	j.expect(t, "typed1", "prefix:test.cache.hit", "typed2", "all:test.cache.hit", "names:test.cache.hit", "typed3")
	evicted.Bind(bus).Emit(t.Context(), evictedData{})
	j.expect(t, "prefix:test.cache.evicted", "all:test.cache.evicted")
	plain.Bind(bus).Emit(t.Context(), plainData{})
	j.expect(t, "all:test.plain.happened", "names:test.plain.happened")
}

func TestAnEmissionDeliversPayloadAndContextBeforeItReturns(t *testing.T) {
	type key struct{}
	bus := telemetry.NewBus()
	var got hitData
	var rec telemetry.Record
	var values []any
	hit.Attach(bus, func(ctx context.Context, v hitData) { got = v; values = append(values, ctx.Value(key{})) })
	bus.AttachAll(func(ctx context.Context, r telemetry.Record) { rec = r; values = append(values, ctx.Value(key{})) })
	want := hitData{Commit: telemetry.Commit{Instance: "users", Seq: 3}, Key: "a"}
	hit.Bind(bus).Emit(context.WithValue(t.Context(), key{}, "v"), want)
	if got != want || rec.Payload != want || rec.Event != hit.Descriptor() || !slices.Equal(values, []any{"v", "v"}) {
		t.Errorf("typed %+v, record %v, context values %v", got, rec, values)
	}
}

func TestAPrefixMatchesWholePartsOnly(t *testing.T) {
	var j journal
	bus := telemetry.NewBus()
	emitAll := func() {
		hit.Bind(bus).Emit(t.Context(), hitData{})
		other.Bind(bus).Emit(t.Context(), hitData{})
	}
	h := must[*telemetry.Handle](t)(bus.AttachPrefix("test.cache", records(&j, "p")))
	emitAll()
	j.expect(t, "p:test.cache.hit")
	h.Close()
	h = must[*telemetry.Handle](t)(bus.AttachPrefix("test", records(&j, "p")))
	emitAll()
	j.expect(t, "p:test.cache.hit", "p:test.cachex.hit")
	h.Close()
	must[*telemetry.Handle](t)(bus.AttachPrefix("test.cachex.hit", records(&j, "p")))
	emitAll()
	j.expect(t, "p:test.cachex.hit")
}

func TestHandlersIncludeEventsDeclaredAndBoundLater(t *testing.T) {
	var j journal
	bus := telemetry.NewBus()
	must[*telemetry.Handle](t)(bus.AttachPrefix("test.plain", records(&j, "prefix")))
	bus.AttachAll(records(&j, "all"))
	late := declareLate(t, "test.plain")
	late.Bind(bus).Emit(t.Context(), plainData{})
	j.expect(t, "prefix:"+late.Name(), "all:"+late.Name())
	elsewhere := declareLate(t, "test.elsewhere")
	elsewhere.Bind(bus).Emit(t.Context(), plainData{})
	j.expect(t, "all:"+elsewhere.Name())
}

func TestNamingAnEventThatNobodyDeclaredIsAnErrorThatSuggests(t *testing.T) {
	bus := telemetry.NewBus()
	attachNames := func(names ...string) error {
		_, err := bus.AttachNames(names, func(context.Context, telemetry.Record) {})
		return err
	}
	attachPrefix := func(prefix string) error {
		_, err := bus.AttachPrefix(prefix, func(context.Context, telemetry.Record) {})
		return err
	}
	stream := func(prefix string) error {
		_, err := bus.StreamPrefix(prefix, telemetry.StreamOptions{Capacity: 1})
		return err
	}
	for want, err := range map[string]error{
		`name "test.cache.htis"; did you mean test.cache.hit`: attachNames("test.cache.hit", "test.cache.htis"),
		"AttachNames got no names":                            attachNames(),
		`prefix "test.cahce"; did you mean test.cache`:        attachPrefix("test.cahce"),
		`prefix "weather.forecast"; none of the`:              attachPrefix("weather.forecast"),
		`prefix ""`:                                           attachPrefix(""),
		`prefix "test.cache."`:                                attachPrefix("test.cache."),
		`prefix "test.cach"; did you mean test.cache`:         stream("test.cach"),
	} {
		if !errors.Is(err, telemetry.ErrUnknownEvent) || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v; want ErrUnknownEvent with …%s…", err, want)
		}
	}
	if n := len(bus.Handlers()); n != 0 {
		t.Errorf("%d handlers attached in spite of errors", n)
	}
}

func TestNobodyListens(t *testing.T) {
	var noBus *telemetry.Bus
	var zero telemetry.Emitter[hitData]
	for name, e := range map[string]telemetry.Emitter[hitData]{
		"zero Emitter": zero,
		"nil Sink":     hit.Bind(nil),
		"nil *Bus":     hit.Bind(noBus),
		"empty bus":    hit.Bind(telemetry.NewBus()),
		"empty fanout": hit.Bind(telemetry.Fanout(nil, noBus)),
	} {
		if e.Enabled() {
			t.Errorf("%s: Enabled() = true", name)
		}
		e.Emit(t.Context(), hitData{})
	}
	if noBus.Enabled(hit.Descriptor()) || noBus.Failures() != 0 {
		t.Error("a nil *Bus is enabled or has failures")
	}
	noBus.Handle(t.Context(), hit.Record(hitData{}))
}

func TestEnabledFollowsTheHandlers(t *testing.T) {
	bus := telemetry.NewBus()
	e := hit.Bind(bus)
	check := func(want bool) {
		t.Helper()
		if e.Enabled() != want || bus.Enabled(hit.Descriptor()) != want {
			t.Errorf("Enabled() = %v, %v; want %v", e.Enabled(), bus.Enabled(hit.Descriptor()), want)
		}
	}
	check(false)
	evicted.Attach(bus, func(context.Context, evictedData) {})
	check(false)
	a := hit.Attach(bus, func(context.Context, hitData) {})
	b := bus.AttachAll(func(context.Context, telemetry.Record) {})
	check(true)
	a.Close()
	check(true)
	b.Close()
	check(false)
}

func TestBusesAreIsolated(t *testing.T) {
	var j journal
	a, b := telemetry.NewBus(), telemetry.NewBus()
	hit.Attach(a, typed[hitData](&j, "a"))
	hit.Attach(b, typed[hitData](&j, "b"))
	hit.Bind(a).Emit(t.Context(), hitData{})
	j.expect(t, "a")
}

func TestARecordHandedToABusReachesTypedAndUntypedHandlers(t *testing.T) {
	var j journal
	bus := telemetry.NewBus()
	bus.Handle(t.Context(), hit.Record(hitData{Key: "nobody listens yet"}))
	hit.Attach(bus, func(_ context.Context, v hitData) { j.note("typed %s", v.Key) })
	bus.AttachAll(func(_ context.Context, r telemetry.Record) { j.note("record %s", r.Payload.(hitData).Key) })
	bus.Handle(t.Context(), hit.Record(hitData{Key: "a"}))
	j.expect(t, "typed a", "record a")
}

func TestMistakesOfTheProgramPanicWithAnExplanation(t *testing.T) {
	bus := telemetry.NewBus()
	bus.AttachAll(func(context.Context, telemetry.Record) {})
	var noBus *telemetry.Bus
	for want, f := range map[string]func(){
		"a Record of test.cache.hit holds a telemetry_test.plainData": func() {
			bus.Handle(t.Context(), telemetry.Record{Event: hit.Descriptor(), Payload: plainData{}})
		},
		"Descriptor that no NewEvent made": func() {
			bus.Handle(t.Context(), telemetry.Record{Event: &telemetry.Descriptor{}, Payload: plainData{}})
		},
		"attaching a handler to a nil *Bus": func() { hit.Attach(noBus, func(context.Context, hitData) {}) },
		"nil handler to test.cache.hit":     func() { hit.Attach(bus, nil) },
		"a nil handler to *":                func() { bus.AttachAll(nil) },
		"unknown Policy 9":                  func() { telemetry.OnPanic(9) },
		"After(0), want at least 1":         func() { telemetry.After(0) },
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(got, want) {
					t.Errorf("panic %q, want …%s…", got, want)
				}
			}()
			f()
		}()
	}
}

func TestHandlersMayUseTheBus(t *testing.T) {
	var j journal
	bus := telemetry.NewBus()
	var self, victim, counted *telemetry.Handle
	self = hit.Attach(bus, func(ctx context.Context, _ hitData) {
		j.note("first")
		self.Close()
		victim.Close()
		if err := counted.CloseAndWait(ctx); err != nil { // it has not been entered
			t.Error(err)
		}
		hit.Attach(bus, typed[hitData](&j, "new"))
		evicted.Bind(bus).Emit(ctx, evictedData{})
		if n := len(bus.Handlers()); n != 3 {
			t.Errorf("%d handlers, want evicted, last and new", n)
		}
	})
	evicted.Attach(bus, typed[evictedData](&j, "evicted"))
	victim = hit.Attach(bus, typed[hitData](&j, "closed by the first before its turn"))
	counted = hit.Attach(bus, typed[hitData](&j, "counted, and closed by the first"), telemetry.Awaitable())
	hit.Attach(bus, typed[hitData](&j, "last"))
	e := hit.Bind(bus)
	e.Emit(t.Context(), hitData{})
	j.expect(t, "first", "evicted", "last")
	e.Emit(t.Context(), hitData{})
	j.expect(t, "last", "new")
}

func TestHandlersTellsWhoListensFromWhere(t *testing.T) {
	bus := telemetry.NewBus()
	hit.Attach(bus, func(context.Context, hitData) {}, telemetry.Named("audit"))
	must[*telemetry.Handle](t)(bus.AttachPrefix("test.cache", func(context.Context, telemetry.Record) {}))
	bus.AttachAll(func(context.Context, telemetry.Record) {}).Close()
	s := must[*telemetry.Stream[telemetry.Record]](t)(bus.StreamAll(telemetry.StreamOptions{Capacity: 1, Name: "tail"}))
	defer s.Close()
	must[*telemetry.Handle](t)(bus.AttachNames([]string{"test.cache.hit", "test.plain.happened"}, func(context.Context, telemetry.Record) {}))
	var got []string
	for _, i := range bus.Handlers() {
		got = append(got, fmt.Sprintf("%d %q %s %v", i.ID, i.Name, i.Listens, i.State))
		if !strings.Contains(i.Attached, "TestHandlersTellsWhoListensFromWhere bus_test.go:") {
			t.Errorf("handler %d attached at %s", i.ID, i.Attached)
		}
	}
	want := []string{
		`1 "audit" test.cache.hit active`,
		`2 "" test.cache.* active`,
		`4 "tail" * active`,
		`5 "" test.cache.hit, test.plain.happened active`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestAHandlerGetsEverythingBetweenAttachAndCloseWhileOthersComeAndGo(t *testing.T) {
	bus := telemetry.NewBus()
	const emitters, each = 4, 500
	var before, after atomic.Int64
	hit.Attach(bus, func(context.Context, hitData) { before.Add(1) })
	var wg, churn sync.WaitGroup
	stop := make(chan struct{})
	for range 2 {
		churn.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				hit.Attach(bus, func(context.Context, hitData) {}).Close()
				bus.AttachAll(func(context.Context, telemetry.Record) {}).Close()
			}
		})
	}
	for range emitters {
		wg.Go(func() {
			e := hit.Bind(bus)
			for range each {
				e.Emit(t.Context(), hitData{})
			}
		})
	}
	wg.Wait()
	close(stop)
	churn.Wait()
	hit.Attach(bus, func(context.Context, hitData) { after.Add(1) })
	hit.Bind(bus).Emit(t.Context(), hitData{})
	if before.Load() != emitters*each+1 || after.Load() != 1 {
		t.Errorf("%d and %d deliveries, want %d and 1", before.Load(), after.Load(), emitters*each+1)
	}
	if n := len(bus.Handlers()); n != 2 {
		t.Errorf("%d handlers left, want 2", n)
	}
}

func TestBindingAndAttachingAtOnceNeverMissesAHandler(t *testing.T) {
	for range 200 {
		bus := telemetry.NewBus()
		var n atomic.Int64
		var wg sync.WaitGroup
		emitters := make([]telemetry.Emitter[hitData], 2)
		for i := range emitters {
			wg.Go(func() { emitters[i] = hit.Bind(bus) })
			wg.Go(func() { hit.Attach(bus, func(context.Context, hitData) { n.Add(1) }) })
			wg.Go(func() { evicted.Bind(bus) })
		}
		wg.Wait()
		for _, e := range emitters {
			e.Emit(t.Context(), hitData{})
		}
		if n.Load() != 4 {
			t.Fatalf("%d deliveries of 2 events to 2 handlers, want 4", n.Load())
		}
	}
}

func TestEmittingAllocatesNothing(t *testing.T) {
	empty, one, counted := telemetry.NewBus(), telemetry.NewBus(), telemetry.NewBus()
	var n int
	hit.Attach(one, func(context.Context, hitData) { n++ })
	hit.Attach(one, func(context.Context, hitData) { n++ })
	hit.Attach(counted, func(context.Context, hitData) { n++ }, telemetry.Awaitable())
	ctx := t.Context()
	for name, e := range map[string]telemetry.Emitter[hitData]{
		"nobody": hit.Bind(empty), "nil": hit.Bind(nil), "typed": hit.Bind(one), "awaitable": hit.Bind(counted),
		"sink that is not enabled": hit.Bind(deaf{}),
	} {
		if allocs := testing.AllocsPerRun(100, func() { e.Emit(ctx, hitData{Key: "a"}) }); allocs != 0 {
			t.Errorf("%s: %v allocations per emission", name, allocs)
		}
	}
	if n == 0 {
		t.Error("nothing was delivered")
	}
}

func TestARecordIsBoxedOncePerEmission(t *testing.T) {
	bus := telemetry.NewBus()
	for range 5 {
		bus.AttachAll(func(context.Context, telemetry.Record) {})
	}
	e := hit.Bind(bus)
	ctx := t.Context()
	if allocs := testing.AllocsPerRun(100, func() { e.Emit(ctx, hitData{Key: "a"}) }); allocs != 1 {
		t.Errorf("%v allocations for five untyped handlers, want 1", allocs)
	}
}

func TestEventsDoNotHoldOnToBuses(t *testing.T) {
	collected := make(chan struct{})
	useBus(t, collected)
	runtime.GC()
	<-collected // hangs for ever if something global still knows the bus
}

//go:noinline
func useBus(t *testing.T, collected chan struct{}) {
	bus := telemetry.NewBus()
	hit.Attach(bus, func(context.Context, hitData) {})
	hit.Bind(bus).Emit(t.Context(), hitData{})
	runtime.AddCleanup(bus, func(c chan struct{}) { close(c) }, collected)
}
