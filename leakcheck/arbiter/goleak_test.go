package arbiter_test

import (
	"errors"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/sleepless-go/sleepless/internal/stacks"
	"github.com/sleepless-go/sleepless/leakcheck"
	"github.com/sleepless-go/sleepless/leakcheck/arbiter"
)

// worker leaks until it is told to stop.
func worker(stop <-chan struct{}) { <-stop }

const workerName = "github.com/sleepless-go/sleepless/leakcheck/arbiter_test.worker"

func leak(t *testing.T) (end func()) {
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() { worker(stop) })
	return func() {
		close(stop)
		wg.Wait()
	}
}

func TestGoleakDecidesAndLeakcheckExplains(t *testing.T) {
	end := leak(t)
	defer end()
	report := leakcheck.Find(leakcheck.Within(0), arbiter.Goleak())
	err := report.Err()
	if !errors.Is(err, leakcheck.ErrLeak) || len(report.Arbiters) != 1 {
		t.Fatalf("%v", err)
	}
	if text := report.Arbiters[0].Error(); !strings.HasPrefix(text, "goleak: found unexpected goroutines:") {
		t.Errorf("the arbiter says %s", text)
	}
	if !strings.HasPrefix(err.Error(), "leakcheck: ") || !strings.Contains(err.Error(), "worker") {
		t.Errorf("leakcheck explains %s", err)
	}
}

func TestWhatGoleaksOptionsLetPassIsNoLeak(t *testing.T) {
	end := leak(t)
	defer end()
	for name, option := range map[string]goleak.Option{
		"top function": goleak.IgnoreTopFunction(workerName),
		"any function": goleak.IgnoreAnyFunction(workerName),
		"current":      goleak.IgnoreCurrent(),
	} {
		report := leakcheck.Find(leakcheck.Within(0), arbiter.Goleak(option))
		if report.Leaked() || len(report.Goroutines) != 1 {
			t.Errorf("%s: %d goroutines, %v", name, len(report.Goroutines), report.Err())
		}
	}
}

func TestWhatLeakcheckIgnoresIsStillForGoleakToDecide(t *testing.T) {
	end := leak(t)
	defer end()
	report := leakcheck.Find(leakcheck.Within(0), leakcheck.IgnoreFunc(workerName), arbiter.Goleak())
	if !report.Leaked() || len(report.Goroutines) != 0 || !strings.Contains(report.Err().Error(), workerName) {
		t.Errorf("%d goroutines, %v", len(report.Goroutines), report.Err())
	}
}

func TestACleanupIsAnErrorAsForFind(t *testing.T) {
	report := leakcheck.Find(leakcheck.Within(0), arbiter.Goleak(goleak.Cleanup(func(int) { t.Error("called") })))
	if err := report.Err(); err == nil || !strings.Contains(err.Error(), "Cleanup can only be passed to VerifyNone or VerifyTestMain") {
		t.Errorf("%v", err)
	}
}

func TestPackageLeakcheckDoesNotLinkGoleak(t *testing.T) {
	for pkg, want := range map[string]bool{"leakcheck": false, "leakcheck/goleak": false, "leakcheck/arbiter": true} {
		out, err := exec.Command("go", "list", "-deps", "github.com/sleepless-go/sleepless/"+pkg).Output()
		if err != nil || len(out) == 0 {
			t.Fatal(err)
		}
		if got := strings.Contains(string(out), "go.uber.org/goleak\n"); got != want {
			t.Errorf("%s links goleak: %v", pkg, got)
		}
	}
}

func TestTheNameOfTheWorkerIsAsInADump(t *testing.T) {
	end := leak(t)
	defer end()
	report := leakcheck.Find(leakcheck.Within(0))
	if len(report.Goroutines) != 1 || !report.Goroutines[0].Calls(workerName) || !stacks.Parse(report.Goroutines[0].Text)[0].Calls(workerName) {
		t.Errorf("%v", report.Err())
	}
}
