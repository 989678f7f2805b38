package fssource_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/sleepless-go/sleepless/eventually"
	"github.com/sleepless-go/sleepless/eventually/fssource"
)

func ExampleWatch() {
	t := &exampleTest{} // *testing.T in a test
	defer t.end()
	dir, err := os.MkdirTemp("", "watched")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)

	// snippet:begin watch
	files := fssource.Watch(t, dir)

	go export(dir) // writes report.tmp and renames it to report.json

	eventually.Event(t, "the report is there", files.Recorder, fssource.Seen("report.json", fssource.Created))
	// snippet:end watch
	report, err := os.ReadFile(filepath.Join(dir, "report.json"))
	fmt.Println(string(report), err)
	// Output: {} <nil>
}

func export(dir string) {
	temporary := filepath.Join(dir, "report.tmp")
	if os.WriteFile(temporary, []byte("{}"), 0o600) == nil {
		os.Rename(temporary, filepath.Join(dir, "report.json"))
	}
}

func ExampleRecursive() {
	t := &exampleTest{}
	defer t.end()
	dir, err := os.MkdirTemp("", "watched")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	files := fssource.Watch(t, dir, fssource.Recursive())
	os.MkdirAll(filepath.Join(dir, "2024", "05"), 0o700)
	e := eventually.Event(t, "the folder of May is made", files.Recorder, fssource.Seen("2024/05", fssource.Created))
	fmt.Println(e)
	// Output: created 2024/05
}

// exampleTest stands for the test that an example has not got.
type exampleTest struct{ cleanups []func() }

func (*exampleTest) Helper()                           {}
func (*exampleTest) Errorf(format string, args ...any) { fmt.Printf(format+"\n", args...) }
func (*exampleTest) FailNow()                          { panic("the example failed") }
func (t *exampleTest) Cleanup(f func())                { t.cleanups = append(t.cleanups, f) }
func (t *exampleTest) end() {
	for _, f := range t.cleanups {
		f()
	}
}
