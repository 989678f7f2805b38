package artefact

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The names of the files of one failure.
const (
	PageFile       = "timeline.html"
	JSONFile       = "timeline.json"
	TextFile       = "report.txt"
	GoroutinesFile = "goroutines.txt"
	TimersFile     = "timers.txt"
	FlightFile     = "flight.trace"
)

// Write makes a directory for f below dir and returns its path. Its name begins
// with name; a number is added where that is taken, so that tests, waits and
// processes that write at the same time get a directory each. Everything is
// written under another name first and then renamed, so that a reader finds all
// files or none. dump are the goroutines as the runtime wrote them, recording is
// the flight recording, nil if there is none.
func Write(dir, name string, f *Failure, dump string, recording []byte) (path string, err error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", err
	}
	half, err := os.MkdirTemp(dir, ".unfinished-")
	if err != nil {
		return "", err
	}
	if err := fill(half, f, dump, recording); err != nil {
		os.RemoveAll(half)
		return "", err
	}
	path, err = settle(half, filepath.Join(dir, Name(name)))
	if err != nil {
		os.RemoveAll(half)
	}
	return path, err
}

// fill writes the files into half.
func fill(half string, f *Failure, dump string, recording []byte) error {
	contents := map[string][]byte{TextFile: []byte(f.Text + "\n"), GoroutinesFile: []byte(dump + "\n")}
	f.Files = []string{JSONFile, TextFile, GoroutinesFile}
	if f.AskedForTimers {
		f.Files = append(f.Files, TimersFile)
		contents[TimersFile] = []byte(timersText(f.Timers))
	}
	if recording != nil {
		f.Files = append(f.Files, FlightFile)
		contents[FlightFile] = recording
	}
	data, err := json.Marshal(f)
	if err != nil {
		return err
	}
	contents[JSONFile] = append(data, '\n')
	if contents[PageFile], err = Page(f); err != nil {
		return err
	}
	for file, content := range contents {
		if err := os.WriteFile(filepath.Join(half, file), content, 0o666); err != nil {
			return err
		}
	}
	return os.Chmod(half, 0o755) // MkdirTemp is more private than whoever collects artefacts may like
}

func timersText(timers []string) string {
	if len(timers) == 0 {
		return "no timer is armed\n"
	}
	return strings.Join(timers, "\n") + "\n"
}

// settle renames half to path, or to the first of path-2, path-3, … that is
// free. A rename to a directory that has something in it fails, in this process
// and in any other, so that no two failures can get the same name.
func settle(half, path string) (string, error) {
	free := path
	for n := 2; ; n++ {
		err := os.Rename(half, free)
		if err == nil {
			return free, nil
		}
		if _, missing := os.Lstat(free); missing != nil {
			return "", err // not because the name is taken
		}
		free = fmt.Sprintf("%s-%d", path, n)
	}
}

// maxName bounds a name, in bytes: file systems allow 255.
const maxName = 120

// Name makes a file name of a text: letters and digits of any script, dots,
// underscores and hyphens; whatever else there is becomes a single hyphen.
func Name(text string) string {
	var b strings.Builder
	gap := false
	for _, r := range text {
		ok := r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("._-", r))
		if !ok {
			gap = true
			continue
		}
		size := utf8.RuneLen(r)
		if gap && b.Len() > 0 {
			size++
		}
		if b.Len()+size > maxName {
			break
		}
		if gap && b.Len() > 0 {
			b.WriteByte('-')
		}
		gap = false
		b.WriteRune(r)
	}
	if name := strings.Trim(b.String(), ".-"); name != "" {
		return name
	}
	return "wait"
}
