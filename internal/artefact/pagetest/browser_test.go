package pagetest

import (
	"image"
	"image/color"
	"image/png"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

// browser returns the path of a Chromium. A machine without one skips the test,
// unless it is that of the gate.
func browser(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("no chromium, chromium-browser or google-chrome in PATH; with CI=true these tests must run: apt-get install chromium")
	}
	t.Skip("needs a browser: no chromium, chromium-browser or google-chrome in PATH")
	return ""
}

// open runs the browser on a page and returns what it prints.
func open(t *testing.T, page, fragment string, flags ...string) string {
	t.Helper()
	program := browser(t)
	profile, err := os.MkdirTemp("", "browser")
	if err != nil {
		t.Fatal(err)
	}
	// Processes of the browser may still write for a moment after it has ended,
	// so that this can fail; it is a temporary directory.
	t.Cleanup(func() { os.RemoveAll(profile) })
	address := url.URL{Scheme: "file", Path: page, Fragment: fragment}
	args := append([]string{"--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--user-data-dir=" + profile}, flags...)
	cmd := exec.CommandContext(t.Context(), program, append(args, address.String())...)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, err.(*exec.ExitError).Stderr)
	}
	return string(out)
}

// dom returns the document after its script has run.
func dom(t *testing.T, page, fragment string) string {
	t.Helper()
	return open(t, page, fragment, "--window-size=1280,900", "--dump-dom")
}

// picture returns the page as it is painted.
func picture(t *testing.T, page string, width, height int, flags ...string) image.Image {
	t.Helper()
	file := filepath.Join(t.TempDir(), "page.png")
	open(t, page, "", append(flags, "--window-size="+strconv.Itoa(width)+","+strconv.Itoa(height), "--screenshot="+file)...)
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, _, err := image.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	if b := img.Bounds(); b.Dx() != width || b.Dy() != height {
		t.Errorf("the picture is %d×%d, want %d×%d", b.Dx(), b.Dy(), width, height)
	}
	return img
}

// pixels counts those of one colour in the columns from left to right.
func pixels(img image.Image, c color.RGBA, left, right int) (n int) {
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y++ {
		for x := left; x < right; x++ {
			if color.RGBAModel.Convert(img.At(x, y)) == c {
				n++
			}
		}
	}
	return n
}

// colours counts different ones.
func colours(img image.Image) int {
	seen := map[color.Color]bool{}
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			seen[img.At(x, y)] = true
		}
	}
	return len(seen)
}

// counted is what the page says about how many moments it shows.
func counted(t *testing.T, document string) string {
	t.Helper()
	m := regexp.MustCompile(`<span id="count"[^>]*>([^<]*)</span>`).FindStringSubmatch(document)
	if m == nil {
		t.Fatalf("the page counts nothing:\n%.3000s", document)
	}
	return m[1]
}

// picturesVariable names a directory for the pictures, for a person to look at.
const picturesVariable = "PAGETEST_PICTURES"

func keep(t *testing.T, name string, img image.Image) {
	t.Helper()
	dir := os.Getenv(picturesVariable)
	if dir == "" {
		return
	}
	f, err := os.Create(filepath.Join(dir, name+".png"))
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(f, img); err != nil {
		t.Error(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}
