package cache_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sleepless-go/sleepless/fakeclock"
	"github.com/sleepless-go/sleepless/foundation/cache"
	"github.com/sleepless-go/sleepless/foundation/telemetry"
)

func Example() {
	ctx := context.Background()
	clk := fakeclock.New() // a test's; leave Clock out in production
	bus := telemetry.NewBus()
	cache.Evicted.Attach(bus, func(_ context.Context, e cache.EvictedData) {
		fmt.Printf("%s: %s %s after %s\n", e.Instance, e.Key, e.Reason, e.Age)
	})
	users, err := cache.New(cache.Options[string, int]{
		Name: "users", MaxEntries: 2, DefaultTTL: 10 * time.Minute, Clock: clk, Events: bus,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer users.Close()

	_ = users.Put(ctx, "ann", 1)
	_ = users.Put(ctx, "bob", 2)
	users.Get(ctx, "ann")
	_ = users.Put(ctx, "cy", 3) // bob was used least recently
	clk.Advance(10 * time.Minute)
	fmt.Println(users.Get(ctx, "ann"))
	// Output:
	// users: bob size_limit after 0s
	// users: ann expired after 10m0s
	// users: cy expired after 10m0s
	// 0 false
}

func ExampleCache_GetOrLoad() {
	ctx := context.Background()
	c, _ := cache.New(cache.Options[int, string]{})
	defer c.Close()
	load := func(ctx context.Context) (string, error) {
		fmt.Println("asking the database")
		return "ann", nil
	}
	fmt.Println(c.GetOrLoad(ctx, 7, load))
	fmt.Println(c.GetOrLoad(ctx, 7, load))
	fmt.Println(c.Stats().Loads)
	// Output:
	// asking the database
	// ann <nil>
	// ann <nil>
	// 1
}

func ExampleCache_PutTTL() {
	ctx := context.Background()
	clk := fakeclock.New()
	c, _ := cache.New(cache.Options[string, string]{DefaultTTL: time.Minute, Clock: clk})
	defer c.Close()
	_ = c.PutTTL(ctx, "session", "open", time.Second)
	_ = c.PutTTL(ctx, "motto", "wait for what happened", cache.NoExpiry)
	clk.Advance(time.Second)
	fmt.Println(c.Get(ctx, "session"))
	clk.Advance(time.Hour)
	fmt.Println(c.Get(ctx, "motto"))
	fmt.Println(c.PutTTL(ctx, "session", "open", 0))
	// Output:
	//  false
	// wait for what happened true
	// cache: invalid TTL: PutTTL on cache "default" got 0s; give a positive lifetime, or use Put for the default and NoExpiry for none
}

func ExampleCache_Sweep() {
	ctx := context.Background()
	clk := fakeclock.New()
	c, _ := cache.New(cache.Options[string, int]{SweepInterval: cache.NoSweep, Clock: clk})
	defer c.Close()
	_ = c.PutTTL(ctx, "a", 1, time.Second)
	_ = c.PutTTL(ctx, "b", 2, time.Minute)
	clk.Advance(time.Second)
	fmt.Println(c.Len())
	fmt.Println(c.Sweep(ctx))
	fmt.Println(c.Len())
	// Output:
	// 2
	// 1 <nil>
	// 1
}

func ExampleCache_Delete() {
	ctx := context.Background()
	c, _ := cache.New(cache.Options[string, int]{})
	defer c.Close()
	_ = c.Put(ctx, "a", 1)
	_ = c.Put(ctx, "b", 2)
	fmt.Println(c.Delete(ctx, "a"))
	fmt.Println(c.Delete(ctx, "a"))
	fmt.Println(c.Clear(ctx))
	// Output:
	// true <nil>
	// false <nil>
	// 1 <nil>
}

func ExampleCache_Stats() {
	ctx := context.Background()
	c, _ := cache.New(cache.Options[string, int]{MaxEntries: 1})
	defer c.Close()
	_ = c.Put(ctx, "a", 1)
	_ = c.Put(ctx, "b", 2)
	c.Get(ctx, "a")
	c.Get(ctx, "b")
	s := c.Stats()
	fmt.Println(s.Hits, s.Misses, s.Puts, s.Evictions, s.Entries)
	// Output: 1 1 2 1 1
}

func ExampleCache_Close() {
	ctx := context.Background()
	c, _ := cache.New(cache.Options[string, int]{Name: "users"})
	_ = c.Close()
	err := c.Put(ctx, "a", 1)
	fmt.Println(errors.Is(err, cache.ErrClosed))
	fmt.Println(err)
	// Output:
	// true
	// cache: closed: put on cache "users" after Close; make a new one with New
}

func ExampleCache_Idle() {
	ctx := context.Background()
	c, _ := cache.New(cache.Options[string, int]{Name: "users"})
	defer c.Close()
	_, _ = c.GetOrLoad(ctx, "a", func(context.Context) (int, error) {
		fmt.Println(c.Idle())
		return 1, nil
	})
	// Output: false cache "users": loads running: 1, sweeps running: 0
}

func ExampleCache_Notify() {
	c, _ := cache.New(cache.Options[string, int]{})
	defer c.Close()
	changed := make(chan struct{}, 1)
	stop := c.Notify(changed)
	defer stop()
	go func() { _ = c.Put(context.Background(), "a", 1) }()
	for c.Len() == 0 { // what eventually.Until does with eventually.On(c)
		<-changed
	}
	fmt.Println(c.Len())
	// Output: 1
}

func ExamplePanicError() {
	c, _ := cache.New(cache.Options[string, int]{})
	defer c.Close()
	_, err := c.GetOrLoad(context.Background(), "a", func(context.Context) (int, error) { panic("no connection") })
	var p *cache.PanicError
	fmt.Println(errors.As(err, &p), p.Value)
	// Output: true no connection
}

func ExampleOptions_keyString() {
	type session struct{ User, Secret string }
	bus := telemetry.NewBus()
	cache.Put.Attach(bus, func(_ context.Context, e cache.PutData) { fmt.Println("put", e.Key) })
	c, _ := cache.New(cache.Options[session, int]{
		Events:    bus,
		KeyString: func(s session) string { return s.User }, // keep the secret out of logs
	})
	defer c.Close()
	_ = c.Put(context.Background(), session{"ann", "t0p"}, 1)
	// Output: put ann
}
