package leakcorpus

import (
	"os"
	"os/signal"
	"slices"

	"github.com/sleepless-go/sleepless/internal/stacks"
)

// Case is one small program.
type Case struct {
	Name string
	// Leaks is how many goroutines it leaves behind; 0 for an innocent.
	Leaks int
	// Lost says that nothing refers any more to what the goroutines wait for.
	Lost bool
	// Moves says that they go on running, now and then.
	Moves bool
	// Plant runs the program. The release may be nil.
	Plant func() (release func())
}

// Leaks returns the programs that leave goroutines behind.
func Leaks() []Case {
	return slices.Concat(channelLeaks, lockLeaks, timedLeaks, networkLeaks, systemLeaks, lifecycleLeaks)
}

// Innocents returns the programs that leave none.
func Innocents() []Case { return slices.Concat(endedInnocents, runtimeInnocents, networkInnocents) }

// Field is a corpus whose programs have run: it knows which goroutine stems
// from which of them.
type Field struct {
	owner    map[uint64]string
	releases []func()
}

// Sow runs the programs one after the other. It notes as theirs the goroutines
// that are there after each and were not before, so nothing else may start
// goroutines meanwhile.
func Sow(cases ...Case) *Field {
	f := &Field{owner: map[uint64]string{}}
	listenForSignals()
	known := ids()
	for _, c := range cases {
		if release := c.Plant(); release != nil {
			f.releases = append(f.releases, release)
		}
		for id := range ids() {
			if !known[id] {
				known[id] = true
				f.owner[id] = c.Name
			}
		}
	}
	return f
}

// Owner returns the name of the case that the goroutine stems from, or "".
func (f *Field) Owner(id uint64) string { return f.owner[id] }

// Named counts goroutines by the case they stem from; "" stands for none.
func (f *Field) Named(ids []uint64) map[string]int {
	named := map[string]int{}
	for _, id := range ids {
		named[f.owner[id]]++
	}
	return named
}

// Clear ends what can be ended, the last first.
func (f *Field) Clear() {
	for _, release := range slices.Backward(f.releases) {
		release()
	}
	f.releases = nil
}

// listenForSignals starts the goroutine that package os/signal keeps from its
// first use on, so that it counts as nobody's. A detector has to know it.
func listenForSignals() {
	c := make(chan os.Signal, 1)
	signal.Notify(c, os.Interrupt)
	signal.Stop(c)
}

func ids() map[uint64]bool {
	set := map[uint64]bool{}
	for _, g := range stacks.All() {
		set[g.ID] = true
	}
	return set
}

// crew starts goroutines and waits for them.
type crew struct{ ended []chan struct{} }

// run starts f and returns when it has begun to run.
func (c *crew) run(f func()) {
	begun, ended := make(chan struct{}), make(chan struct{})
	c.ended = append(c.ended, ended)
	go func() {
		defer close(ended)
		close(begun)
		f()
	}()
	<-begun
}

func (c *crew) join() {
	for _, ended := range c.ended {
		<-ended
	}
}

// held starts f, and returns a release that calls end and waits for f.
func held(f, end func()) (release func()) {
	var c crew
	c.run(f)
	return func() {
		end()
		c.join()
	}
}
