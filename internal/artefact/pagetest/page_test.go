package pagetest

import (
	"fmt"
	"image/color"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/sleepless-go/sleepless/eventually"
)

func mustShow(t *testing.T, document string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(document, part) {
			t.Errorf("the page does not show %q", part)
		}
	}
}

func TestThePageOfAFailureShowsAllThatIsKnown(t *testing.T) {
	t.Parallel()
	document := dom(t, fail(t, scene), "")
	shown, _, _ := strings.Cut(document, `<script id="data"`) // the text of the data proves nothing
	mustShow(t, shown,
		"<h1>a is evicted because the cache is full</h1>", "TestEviction/when_full", "did not happen within 2s (virtual)",
		"<dd>53<small>51 event, 1 limit</small></dd>", "advance it, or find out why",
		`Key: "b" is not "a"`, "12 events, none matches",
		"requests of the front end (40)", "sweeper (1)", "by the clock of sweeper", "gave up",
		`title="cache"`, "GET /thing/39 from", "swept 0 entries: all pinned",
		"ticker in 5m0s, every 5m0s, armed by pagetest.janitor", "could act", "this wait", "pagetest.janitor",
		"no flight recording", "goroutines.txt")
	if got := counted(t, document); got != "65 moments" {
		t.Errorf("count = %q, want the 12 answers and 53 events", got)
	}
	if bars := strings.Count(shown, "data-n="); bars < 60 {
		t.Errorf("%d bars in the charts", bars)
	}
	if title := regexp.MustCompile(`<title>(.*)</title>`).FindString(document); !strings.Contains(title, "a is evicted") {
		t.Errorf("%s", title)
	}
	mustShow(t, shown, "document.title='owned'&lt;/script&gt;")
}

func TestTheFragmentFiltersTheTimeline(t *testing.T) {
	t.Parallel()
	page := fail(t, scene)
	for fragment, want := range map[string]string{
		"q=10.0.0.3":          "6 of 65 moments",
		"q=KEY-12":            "1 of 65 moments",
		"q=front end":         "40 of 65 moments",
		"q=nothing like this": "0 of 65 moments",
	} {
		document := dom(t, page, fragment)
		if got := counted(t, document); got != want {
			t.Errorf("%s: %q, want %q", fragment, got, want)
		}
		if fragment == "q=KEY-12" && !strings.Contains(document, "<mark>key-12</mark>") {
			t.Error("what was found is not marked")
		}
	}
}

// Ten thousand moments share a few hundred bars and come into the table by the
// page, or the browser would be busy for seconds.
func TestALongHistoryStaysUsable(t *testing.T) {
	t.Parallel()
	page := fail(t, func(f *failing, to eventually.Option) {
		rec := eventually.NewRecorder[string](nil, eventually.Named("log"))
		for i := range 12_000 {
			time.AfterFunc(time.Duration(i)*time.Microsecond, func() { rec.Emit(fmt.Sprint("line ", i)) })
		}
		eventually.Advance(time.Second)
		eventually.Event(f, "the end", rec, func(string) bool { return false }, to)
	})
	shown, _, _ := strings.Cut(dom(t, page, ""), `<script id="data"`)
	if got := counted(t, shown); got != "10,001 moments" {
		t.Errorf("count = %q", got)
	}
	mustShow(t, shown, "2,000 earlier moments left out", "log (12,000)", "line 11999", "Show 1,000 of 9,701 earlier ones")
	if bars, rows := strings.Count(shown, "data-n="), strings.Count(shown, "<tr>"); bars > 500 || rows > 302 {
		t.Errorf("%d bars and %d rows", bars, rows)
	}
	filtered := dom(t, page, "q=line 4321")
	if got := counted(t, filtered); got != "1 of 10,001 moments" {
		t.Errorf("count = %q: the filter must see what the table does not show yet", got)
	}
}

func TestHostileTextsStayText(t *testing.T) {
	t.Parallel()
	const evil = `</script><script>document.title='owned'</script><img src=x onerror=document.title='owned'>`
	page := fail(t, func(f *failing, to eventually.Option) {
		f.name = "Test" + evil
		rec := eventually.NewRecorder[string](nil, eventually.Named(evil)).DescribeWith(func(s string) string { return s })
		rec.Emit(evil)
		eventually.Value(f, evil, func() string { return evil }, func(string) bool { return false }, eventually.On(rec), to)
	})
	for _, fragment := range []string{"", "q=" + evil} {
		document := dom(t, page, fragment)
		if strings.Contains(document, "<title>owned") || strings.Contains(document, "<img") {
			t.Errorf("a text became part of the page:\n%.2000s", document)
		}
		if got := counted(t, document); got != "2 moments" {
			t.Errorf("count = %q", got)
		}
	}
}

// A reader's hand is a script that is added to a copy of the page.
func TestThePageFollowsTheHand(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(fail(t, scene))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ hand, want string }{
		"dragging shows that stretch alone": {`
			const svg = document.querySelector("svg"), at = svg.getBoundingClientRect();
			for (const [kind, x] of [["pointerdown", 0.5], ["pointermove", 0.9], ["pointerup", 1]])
				svg.dispatchEvent(new PointerEvent(kind, {clientX: at.left + x * at.width, clientY: at.top + 30, bubbles: true}));`,
			"20 of 65 moments"},
		"the whole time comes back": {`
			const svg = document.querySelector("svg"), at = svg.getBoundingClientRect();
			for (const [kind, x] of [["pointerdown", 0.5], ["pointermove", 0.9], ["pointerup", 1]])
				svg.dispatchEvent(new PointerEvent(kind, {clientX: at.left + x * at.width, clientY: at.top + 30, bubbles: true}));
			press("Show the whole time");`,
			"65 moments"},
		"a source can be left out":       {`press("cache")`, "53 of 65 moments"},
		"moments can be spread evenly":   {`press("Spread evenly"); if (!document.querySelector("svg").textContent.includes("evenly")) throw "not spread"`, "65 moments"},
		"typing filters":                 {`const i = document.querySelector("input"); i.value = "evict"; i.dispatchEvent(new Event("input"))`, "1 of 65 moments"},
		"a bar tells what it stands for": {`document.querySelector("[data-n]").dispatchEvent(new PointerEvent("pointermove", {clientX: 200, clientY: 300})); if (!/^\+0s the answer/.test(document.getElementById("tip").textContent)) throw "no tip"`, "65 moments"},
		"all answers can be shown":       {`const n = () => document.querySelectorAll("section ul.plain")[0].children.length, few = n(); press("Show all 12"); if (few !== 8 || n() !== 12) throw "shown " + n()`, "65 moments"},
	} {
		page := filepath.Join(t.TempDir(), "page.html")
		script := `<script>
			function press(name) { const b = [...document.querySelectorAll("button")].find(b => b.textContent === name); if (!b || b.hidden) throw "no button " + name; b.click(); }
			try {` + c.hand + `} catch (e) { document.getElementById("count").textContent = "error: " + e; }
		</script></body>`
		if err := os.WriteFile(page, []byte(strings.Replace(string(content), "</body>", script, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := counted(t, dom(t, page, "")); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// The colours of page.css that tell the schemes and the lanes apart.
var (
	lightPaper, darkPaper = color.RGBA{0xfb, 0xfb, 0xf9, 0xff}, color.RGBA{0x14, 0x17, 0x1a, 0xff}
	lightLane, darkLane   = color.RGBA{0x26, 0x77, 0x5a, 0xff}, color.RGBA{0x6f, 0xd3, 0xa8, 0xff} // of the second lane
)

func TestThePageIsPainted(t *testing.T) {
	t.Parallel()
	page := fail(t, scene)
	// No window of a browser without a head is narrower than 500 pixels, but a
	// frame in it can be.
	narrow := filepath.Join(t.TempDir(), "narrow.html")
	frame := fmt.Sprintf(`<body style="margin:0"><iframe src="file://%s" style="width:400px;height:2400px;border:0"></iframe>`, page)
	if err := os.WriteFile(narrow, []byte(frame), 0o600); err != nil {
		t.Fatal(err)
	}
	light, dark := "--blink-settings=preferredColorScheme=1", "--blink-settings=preferredColorScheme=0"
	for _, c := range []struct {
		name, page    string
		width, height int
		scheme        string
		paper, lane   color.RGBA
		painted       int // columns that the page takes
	}{
		{"wide and light", page, 1280, 1600, light, lightPaper, lightLane, 1280},
		{"wide and dark", page, 1280, 1600, dark, darkPaper, darkLane, 1280},
		{"narrow and light", narrow, 500, 2400, light, lightPaper, lightLane, 400},
		{"narrow and dark", narrow, 500, 2400, dark, darkPaper, darkLane, 400},
	} {
		img := picture(t, c.page, c.width, c.height, c.scheme)
		keep(t, c.name, img)
		if n := colours(img); n < 50 {
			t.Errorf("%s: %d colours", c.name, n)
		}
		if n := pixels(img, c.paper, 0, 10); n < 9*c.height {
			t.Errorf("%s: %d pixels of paper at the left edge", c.name, n)
		}
		// A bar is 4 by 8 pixels at least. The lane has 12 of them, some of which
		// share a bar, and a dot in its button and in its rows.
		if n := pixels(img, c.lane, 0, c.painted); n < 150 {
			t.Errorf("%s: %d pixels of the second lane", c.name, n)
		}
		if n := pixels(img, c.paper, c.painted-8, c.painted); n < 7*c.height {
			t.Errorf("%s: %d pixels of paper at the right edge: something sticks out", c.name, n)
		}
	}
}
