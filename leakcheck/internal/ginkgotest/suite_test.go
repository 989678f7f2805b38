package ginkgotest

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/sleepless-go/sleepless/leakcheck"
)

const roleVariable = "LEAKCHECK_GINKGO_ROLE"

func TestMain(m *testing.M) { os.Exit(leakcheck.Main(m)) }

// Ginkgo runs a suite once in a process, so that a process is made for it.
func TestTheSuite(t *testing.T) {
	if os.Getenv(roleVariable) == "suite" {
		RegisterFailHandler(Fail)
		leakcheck.Check(t) // labels all that specs start
		RunSpecs(t, "leakcheck")
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run", "^TestTheSuite$")
	cmd.Env = append(os.Environ(), roleVariable+"=suite", "GORACE=atexit_sleep_ms=0")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "Ran 4 of 4 Specs") {
		t.Errorf("%v\n%s", err, out)
	}
}

// listener is GinkgoT, except that what fails it is only noted, and that its
// end comes when it is told.
type listener struct {
	GinkgoTInterface
	text     string
	cleanups []func()
}

func (l *listener) Helper()                           {}
func (l *listener) Errorf(format string, args ...any) { l.text += fmt.Sprintf(format, args...) }
func (l *listener) Cleanup(f func())                  { l.cleanups = append(l.cleanups, f) }

func (l *listener) end() string {
	for _, f := range l.cleanups {
		f()
	}
	return l.text
}

var _ = Describe("A check in a Ginkgo suite", func() {
	var place struct {
		release chan struct{}
		all     sync.WaitGroup
	}
	outlasting := struct { // the checks
		release chan struct{}
		all     sync.WaitGroup
	}{}
	BeforeEach(func() {
		outlasting.release = make(chan struct{})
		DeferCleanup(func() {
			close(outlasting.release)
			outlasting.all.Wait()
		})
		leakcheck.Check(GinkgoT()) // of every spec of this suite
		place.release = make(chan struct{})
	})
	AfterEach(func() {
		close(place.release)
		place.all.Wait()
	})

	leak := func() {
		begun := make(chan struct{})
		place.all.Go(func() {
			close(begun)
			<-place.release
		})
		<-begun
	}

	It("is silent when all has ended", func() {
		var all sync.WaitGroup
		all.Go(func() {})
		all.Wait()
	})

	It("has all that is new, for nothing runs beside a spec", func() {
		test := &listener{GinkgoTInterface: GinkgoT()}
		leakcheck.Check(test, leakcheck.Within(0))
		leak()
		var fired sync.WaitGroup
		fired.Add(1)
		time.AfterFunc(0, func() {
			defer fired.Done()
			leak()
		})
		fired.Wait()
		Expect(test.end()).To(ContainSubstring("leaked 2 goroutines (1 distinct)"))
	})

	It("takes the options of a second check in the same spec", func() {
		leakcheck.Check(GinkgoT(), leakcheck.Ignore(func(leakcheck.Goroutine) bool { return true }))
		outlasting.all.Go(func() { <-outlasting.release })
	})

	Context("with a check of its own in BeforeEach", func() {
		var test *listener
		BeforeEach(func() {
			test = &listener{GinkgoTInterface: GinkgoT()}
			leakcheck.Check(test, leakcheck.Within(0))
		})
		It("knows what the other nodes of the spec start", func() {
			leak()
			Expect(test.end()).To(ContainSubstring("leaked 1 goroutine"))
		})
	})
})
