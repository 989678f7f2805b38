package eventually

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestLinesAreRecordedWholeHoweverTheyAreWritten(t *testing.T) {
	l := NewLines(t)
	for _, piece := range []string{"one", " line\ntwo\r", "\n", "\nthree\r\nfo", "ur"} {
		if n, err := io.WriteString(l, piece); n != len(piece) || err != nil {
			t.Errorf("Write(%q) = %d, %v", piece, n, err)
		}
	}
	if got, want := l.History(), []string{"one line", "two", "", "three"}; !slices.Equal(got, want) {
		t.Errorf("lines = %q, want %q", got, want)
	}
	l.Flush()
	l.Flush()
	if got := l.History(); got[len(got)-1] != "four" || len(got) != 5 {
		t.Errorf("after Flush: %q", got)
	}
	if n, m := l.Seen("o"), l.SeenMatch(regexp.MustCompile(`^t`)); n != 3 || m != 2 {
		t.Errorf("Seen = %d, SeenMatch = %d; want 3, 2", n, m)
	}
	if l.String() != "lines" || NewLines(nil, Named("log")).String() != "log" {
		t.Error("wrong name")
	}
	moments, _ := l.Timeline(1)
	if moments[0].Text != "four" {
		t.Errorf("moment = %q, want it without quotes", moments[0].Text)
	}
}

func TestAWaitForALineSeenSeveralTimes(t *testing.T) {
	l := NewLines(t)
	var writers sync.WaitGroup
	for i := range 4 {
		writers.Go(func() {
			for range 100 {
				fmt.Fprintf(l, "worker %d reconnected\n", i)
			}
		})
	}
	Until(t, "all reconnected", func() bool { return l.Seen("reconnected") == 400 }, On(l))
	writers.Wait()
}

func FuzzLinesDependOnTheTextAndNotOnHowItIsCut(f *testing.F) {
	f.Add("a\nb\r\nc", uint8(1))
	f.Add("\r\r\n\n\r", uint8(2))
	f.Add("", uint8(0))
	f.Fuzz(func(t *testing.T, text string, size uint8) {
		l := NewLines(nil)
		for chunk := range slices.Chunk([]byte(text), int(size)+1) {
			l.Write(chunk)
		}
		l.Flush()
		var want []string
		parts := strings.Split(text, "\n")
		for i, part := range parts {
			switch {
			case i < len(parts)-1:
				want = append(want, strings.TrimSuffix(part, "\r"))
			case part != "":
				want = append(want, part)
			}
		}
		if got := l.History(); !slices.Equal(got, want) {
			t.Errorf("in pieces of %d: %q, want %q", int(size)+1, got, want)
		}
	})
}
