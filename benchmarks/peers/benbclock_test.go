package peers

import (
	"testing"
	"time"

	benbjohnson "github.com/benbjohnson/clock"

	"github.com/sleepless-go/sleepless/fakeclock"
	"github.com/sleepless-go/sleepless/fakeclock/benbclock"
)

// mock is what Mocks of benbjohnson/clock have in common: theirs, and ours,
// which takes its time from a Fake.
type mock interface {
	benbjohnson.Clock
	Add(time.Duration)
}

var mocks = []struct {
	name string
	make func() mock
}{
	{"sleepless", func() mock { return benbclock.New(fakeclock.New()) }},
	{"benbjohnson", func() mock { return benbjohnson.NewMock() }},
}

// eachMock runs a benchmark on a Mock of each kind.
func eachMock(b *testing.B, floorNs float64, run func(b *testing.B, m mock)) {
	var c beside
	for i, kind := range mocks {
		b.Run("lib="+kind.name, func(b *testing.B) {
			b.ReportAllocs()
			run(b, kind.make())
			c.compare(b, i == 0)
			if i == 0 && floorNs > 0 {
				floor(b, "ns/op", floorNs)
			}
		})
	}
}

// BenchmarkMockThousandTicks fires a ticker a thousand times in one Add, and
// nobody receives: what ours takes is once the time to make sure of that.
func BenchmarkMockThousandTicks(b *testing.B) {
	eachMock(b, 1e6, func(b *testing.B, m mock) {
		ticker := m.Ticker(time.Millisecond)
		defer ticker.Stop()
		for b.Loop() {
			m.Add(time.Second)
		}
	})
}

// BenchmarkMockThousandTicksRead has a goroutine that receives them.
func BenchmarkMockThousandTicksRead(b *testing.B) {
	eachMock(b, 1e6, func(b *testing.B, m mock) {
		ticker := m.Ticker(time.Millisecond)
		quit, ended := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(ended)
			for {
				select {
				case <-ticker.C:
				case <-quit:
					return
				}
			}
		}()
		for b.Loop() {
			m.Add(time.Second)
		}
		ticker.Stop()
		close(quit)
		<-ended
	})
}

func BenchmarkMockAddNothingDue(b *testing.B) {
	eachMock(b, 100, func(b *testing.B, m mock) {
		m.Timer(far)
		for b.Loop() {
			m.Add(1)
		}
	})
}

func BenchmarkMockTimerAddReceive(b *testing.B) {
	eachMock(b, 4000, func(b *testing.B, m mock) {
		for b.Loop() {
			t := m.Timer(1)
			m.Add(1)
			<-t.C
		}
	})
}

func BenchmarkMockResetAddReceive(b *testing.B) {
	eachMock(b, 4000, func(b *testing.B, m mock) {
		t := m.Timer(far)
		for b.Loop() {
			t.Reset(1)
			m.Add(1)
			<-t.C
		}
	})
}
