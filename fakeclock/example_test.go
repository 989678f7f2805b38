package fakeclock_test

import (
	"context"
	"fmt"
	"time"

	"github.com/sleepless-go/sleepless/fakeclock"
	"github.com/sleepless-go/sleepless/foundation/clock"
)

// A test lets time pass and looks at what happened.
func Example() {
	f := fakeclock.New()
	f.AfterFunc(2*time.Second, func() { fmt.Println("second", f.Now().Format(time.TimeOnly)) })
	f.AfterFunc(1*time.Second, func() { fmt.Println("first ", f.Now().Format(time.TimeOnly)) })
	f.Advance(time.Minute)
	fmt.Println("now   ", f.Now().Format(time.TimeOnly))
	// Output:
	// first  00:00:01
	// second 00:00:02
	// now    00:01:00
}

// Outside bubbles, wait until a goroutine has armed its timer before time
// passes.
func ExampleFake_AwaitTimers() {
	f := fakeclock.New()
	done := make(chan struct{})
	go func() {
		clock.Sleep(f, time.Hour)
		close(done)
	}()
	if err := f.AwaitTimers(context.Background(), 1); err != nil {
		fmt.Println(err)
	}
	f.Advance(time.Hour)
	<-done
	fmt.Println("slept an hour")
	// Output: slept an hour
}

// Next hands over one tick at a time.
func ExampleFake_Next() {
	f := fakeclock.New()
	ticker := f.NewTicker(time.Minute)
	defer ticker.Stop()
	for range 3 {
		moved, _ := f.Next()
		fmt.Println(moved, (<-ticker.C).Format(time.TimeOnly))
	}
	// Output:
	// 1m0s 00:01:00
	// 1m0s 00:02:00
	// 1m0s 00:03:00
}

// Run lets as much time pass as it takes.
func ExampleFake_Run() {
	f := fakeclock.New()
	attempts := 0
	var retry func()
	retry = func() {
		if attempts++; attempts < 4 {
			f.AfterFunc(time.Second<<attempts, retry)
		}
	}
	retry()
	err := f.Run(func() bool { return attempts == 4 })
	fmt.Println(attempts, "attempts in", time.Duration(f.Nanos()), err)
	// Output: 4 attempts in 14s <nil>
}

// A janitor that arms itself for ever does not keep the clock busy if its timers
// are in the background.
func ExampleFake_AdvanceUntilIdle() {
	f := fakeclock.New()
	background := f.Background("janitor")
	sweeps := 0
	var sweep func()
	sweep = func() {
		sweeps++
		background.AfterFunc(time.Minute, sweep)
	}
	background.AfterFunc(time.Minute, sweep)
	f.AfterFunc(10*time.Minute, func() { fmt.Println("expired") })
	moved, err := f.AdvanceUntilIdle()
	fmt.Println(moved, err, sweeps, "sweeps")
	// Output:
	// expired
	// 10m0s <nil> 10 sweeps
}

// The wall clock jumps; timers do not.
func ExampleFake_Set() {
	f := fakeclock.New(fakeclock.At(time.Date(2026, 3, 29, 1, 59, 0, 0, time.UTC)))
	timer := f.NewTimer(time.Minute)
	f.Set(f.Now().Add(time.Hour))
	fmt.Println(f.Now().Format(time.TimeOnly), f.Timers()[0].In)
	f.Advance(time.Minute)
	fmt.Println((<-timer.C).Format(time.TimeOnly))
	// Output:
	// 02:59:00 1m0s
	// 03:00:00
}

// A trap stops a goroutine in the narrow spot between two of its calls.
func ExampleFake_Trap() {
	f := fakeclock.New()
	trap := f.Trap(fakeclock.Op(fakeclock.OpReset), fakeclock.Tag("lease"))
	defer trap.Close()
	timer := f.Tagged("lease").NewTimer(time.Minute)
	go timer.Reset(time.Minute) // renews the lease

	call, err := trap.Next(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	f.Advance(time.Minute) // the lease runs out just before the renewal
	fmt.Println("held:", call.Op(), call.Duration())
	call.Release()
	fmt.Println("live timers:", len(f.Timers()))
	// Output:
	// held: Reset 1m0s
	// live timers: 1
}

// Timers lists what is armed; String adds who armed it.
func ExampleFake_Timers() {
	f := fakeclock.New()
	f.Tagged("session").NewTimer(30 * time.Minute)
	f.Background("janitor").NewTicker(time.Minute)
	for _, info := range f.Timers() {
		fmt.Println(info.Kind, info.In, info.Tag, info.Background)
	}
	// Output:
	// ticker 1m0s janitor true
	// timer 30m0s session false
}

// A callback that waits for something the test does after Advance is Detached.
func ExampleFake_Detached() {
	f := fakeclock.New()
	result := make(chan string)
	f.Detached().AfterFunc(time.Second, func() { result <- "delivered" })
	f.Advance(time.Second)
	fmt.Println(<-result)
	// Output: delivered
}

// Deadlines of contexts pass with the clock.
func ExampleNew_contexts() {
	f := fakeclock.New()
	ctx, cancel := clock.WithTimeout(context.Background(), f, time.Minute)
	defer cancel()
	child, cancelChild := context.WithCancel(ctx)
	defer cancelChild()
	f.Advance(time.Minute)
	fmt.Println(ctx.Err(), "/", child.Err())
	// Output: context deadline exceeded / context deadline exceeded
}
