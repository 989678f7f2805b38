package goleak

import (
	"fmt"
	"os"
)

// TestingM is the part of testing.M that VerifyTestMain needs.
type TestingM interface {
	Run() int
}

// VerifyTestMain runs the tests, looks for leaks if they pass, and exits: with 1
// if there are leaks, else with the exit code of the tests. What leaked is
// written to standard error.
//
//	func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
//
// With the option Cleanup it calls that function in place of os.Exit. If the
// tests fail it says nothing about leaks; leakcheck.Main does.
func VerifyTestMain(m TestingM, options ...Option) {
	code := m.Run()
	s := settle(options)
	end := s.cleanup
	if end == nil {
		end = os.Exit
	}
	defer func() { end(code) }()
	if code != 0 {
		return
	}
	if err := find(s); err != nil {
		fmt.Fprintf(os.Stderr, "goleak: Errors on successful test run: %v\n", err)
		code = 1
	}
}
