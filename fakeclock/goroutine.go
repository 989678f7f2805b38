package fakeclock

import (
	"bytes"
	"strconv"
)

// goroutineStack returns the stack of goroutine id, or "" if it has ended.
func goroutineStack(id uint64) string {
	prefix := []byte("goroutine " + strconv.FormatUint(id, 10) + " ")
	for _, block := range bytes.Split(allStacks(), []byte("\n\n")) {
		if bytes.HasPrefix(block, prefix) {
			return string(block)
		}
	}
	return ""
}
