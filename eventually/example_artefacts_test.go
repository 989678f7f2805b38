package eventually_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/sleepless-go/sleepless/eventually"
)

func ExampleArtefacts() {
	dir, err := os.MkdirTemp("", "artefacts")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	_, err = eventually.Wait(context.Background(), "the door is open", func() (bool, string, error) {
		return false, "", nil
	}, eventually.AtOnce(), eventually.Artefacts(dir))
	fmt.Println(err)
	page, err := os.Stat(filepath.Join(dir, "the-door-is-open", "timeline.html"))
	fmt.Println(page.Name(), err)
	// Output:
	// eventually: "the door is open" has not happened
	// timeline.html <nil>
}

func ExampleOnFailure() {
	_, err := eventually.Wait(context.Background(), "assertion", func() (bool, string, error) {
		return false, "3 is not 2", nil
	}, eventually.AtOnce(), eventually.OnFailure(func(r *eventually.Report) {
		r.What = "assert.Equal(2, size)" // made only when it is needed
	}))
	fmt.Println(err)
	// Output: eventually: "assert.Equal(2, size)" has not happened
}
