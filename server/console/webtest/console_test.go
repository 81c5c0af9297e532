package webtest

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
)

// enter signs in by the printed URL, and waits for the editor.
func enter(t *testing.T, s *served) *browser {
	b := open(t, s.origin)
	b.do(chromedp.Navigate(s.page))
	b.until(editorText + `.includes("GROUP BY")`)
	return b
}

// editor is the editor's element that takes keys.
const (
	editor     = `document.querySelector(".editor")?.shadowRoot?.querySelector(".cm-content")`
	editorText = `(` + editor + `?.innerText ?? "")`
)

// write replaces the statement by one that is pasted.
func (b *browser) write(sql string) {
	b.Helper()
	b.until(`!!` + editor)
	eval[bool](b, `(`+editor+`.focus(), true)`)
	b.do(chromedp.KeyEvent("a", chromedp.KeyModifiers(2)))
	eval[bool](b, fmt.Sprintf(`(() => {
		const data = new DataTransfer();
		data.setData("text/plain", %q);
		return %s.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })) || true;
	})()`, sql, editor))
	first, _, _ := strings.Cut(sql, "\n")
	b.until(fmt.Sprintf(editorText+`.includes(%q)`, first[:min(20, len(first))]))
}

// run runs the statement of the editor, and waits for its end.
func (b *browser) run(sql string) {
	b.Helper()
	b.write(sql)
	b.do(chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(2)))
	b.until(`document.querySelector(".progress")?.textContent.includes("FINISHED") && document.querySelectorAll(".grid-row").length > 0`)
}

// TestFirstMinute: the printed URL signs in once, a question stands there, says what it costs, and is answered.
func TestFirstMinute(t *testing.T) {
	s := serve(t, "--demo")
	b := enter(t, s)
	require.Empty(t, eval[string](b, `location.hash`), "the token is gone from the URL")
	b.until(`document.querySelector(".cost")?.textContent.includes("Scans")`)
	require.Contains(t, b.text(".cost"), "$")
	b.press("button", "Run")
	b.until(`document.querySelector(".progress")?.textContent.includes("FINISHED")`)
	b.until(`document.querySelectorAll(".grid-row").length > 5`)
	b.screenshot("result")
	b.press("button", "Show chart")
	b.until(`document.querySelector(".chart svg path")`)
	b.screenshot("chart")

	b.do(chromedp.Reload())
	b.until(editorText + `.includes("GROUP BY") && document.querySelectorAll(".grid-row").length > 5`)

	again := open(t, s.origin)
	again.expect("401")
	again.do(chromedp.Navigate(s.page))
	again.until(`document.body.textContent.includes("this link was used before")`)
}

// TestWriting: what is typed is completed, and underlined where it is wrong; a statement is laid out and commented out.
func TestWriting(t *testing.T) {
	b := enter(t, serve(t, "--demo"))
	inEditor := func(selector string) string {
		return fmt.Sprintf(`document.querySelector(".editor").shadowRoot.querySelector(%q)`, selector)
	}
	b.write("SELECT useridentity.ar")
	b.do(chromedp.KeyEvent("n"))
	b.until(inEditor(".cm-tooltip-autocomplete") + `?.textContent.includes("useridentity.arn")`)
	b.do(chromedp.Sleep(120_000_000)) // a completion is taken no sooner than somebody could have read it
	b.do(chromedp.KeyEvent(kb.Tab))
	b.until(editorText + ` === "SELECT useridentity.arn"`)

	for _, c := range "abcdefghij\b\b\b\b\b\b\b\b\b\b" { // faster than the page draws
		b.do(chromedp.KeyEvent(string(c)))
	}
	b.until(editorText + ` === "SELECT useridentity.arn" && document.querySelector("[role=tab]").textContent.startsWith("SELECT useridentity.arn")`)

	b.write("SELECT ")
	b.fill(".columns input", "Issuer.arn")
	b.until(`document.querySelectorAll(".columns li").length === 1`)
	b.press(".columns li button", "useridentity.sessioncontext.sessionissuer.arn")
	b.do(chromedp.KeyEvent(" FROM "))
	b.press(".columns h2 button", "main")
	b.until(editorText + ` === "SELECT useridentity.sessioncontext.sessionissuer.arn FROM main"`)
	b.press("button", "Columns")
	b.until(`!document.querySelector(".columns")`)

	b.write("SELECT eventname,\n nocolumn\nFROM main")
	b.until(inEditor(".cm-lintRange-error") + `?.textContent === "nocolumn"`)
	require.Contains(t, b.text(".problem"), "COLUMN_NOT_FOUND at 2:2")

	b.write("select eventname, count(*) as n from main where eventname = 'a  b' -- why\nand errorcode is null group by 1")
	b.press(".tools button", "Format")
	b.until(editorText + `.startsWith("SELECT eventname, count(*) as n\nFROM main\nWHERE eventname = 'a  b' -- why\n")`)
	b.press(".tools button", "Comment")
	b.until(editorText + `.includes("-- ")`)

	b.write("SELECT :who AS who, ? AS what")
	b.until(`document.querySelectorAll(".parameters input").length === 2`)
	b.do(chromedp.SendKeys(".parameters label:nth-of-type(1) input", "ann"), chromedp.SendKeys(".parameters label:nth-of-type(2) input", "1"))
	b.press("button", "Run")
	b.until(`[...document.querySelectorAll(".grid-cell")].some((e) => e.textContent === "ann")`)
	b.press("button", "Explain")
	b.until(`document.querySelector(".plan [role=treeitem]")`)
	require.Contains(t, b.text(".plan"), "Output")
}

// TestCancel: a query that runs says how far it is, and can be cancelled, also where the answer to that comes late.
func TestCancel(t *testing.T) {
	b := enter(t, serve(t, "--demo"))
	eval[bool](b, `(() => {
		const send = fetch;
		fetch = async (path, request) => {
			const answer = await send(path, request);
			if (request.method !== "DELETE") return answer;
			await new Promise((done) => setTimeout(done, 1000));
			window.isCancelAnswered = true;
			return answer;
		};
		return true;
	})()`)
	b.write("SELECT count(*) FROM UNNEST(sequence(1, 10000)) AS a (n), UNNEST(sequence(1, 10000)) AS b (n), UNNEST(sequence(1, 10000)) AS c (n) WHERE a.n + b.n + c.n = 7")
	b.press("button", "Run")
	b.until(`document.querySelector(".progress")?.textContent.includes("RUNNING")`)
	b.press("button", "Cancel")
	b.until(`window.isCancelAnswered`)
	b.do(chromedp.Sleep(100_000_000)) // the page takes the answer in
	b.until(`document.querySelector(".progress")?.textContent.includes("CANCELLED")`)
}

// TestMillionRows: any row of a long result is a moment away, integers have all digits, and the page holds few rows.
func TestMillionRows(t *testing.T) {
	b := enter(t, serve(t, "--demo"))
	b.run("SELECT 9007199254740993 + 1000 * a.n + b.n AS big, if(b.n = 7, NULL, '') AS word\nFROM UNNEST(sequence(0, 999)) AS a (n), UNNEST(sequence(0, 999)) AS b (n) ORDER BY 1")
	b.until(`document.querySelector(".grid")?.getAttribute("aria-rowcount") === "1000001"`)
	shows := func(text string) string {
		return fmt.Sprintf(`[...document.querySelectorAll(".grid-cell")].some((e) => e.textContent === %q)`, text)
	}
	b.until(shows("9007199254740993") + ` && ` + shows("NULL") + ` && ` + shows("''"))
	eval[bool](b, `(document.querySelector(".grid").focus(), true)`)
	b.do(chromedp.KeyEvent(kb.End, chromedp.KeyModifiers(2)))
	b.until(shows("9007199255740992"))
	b.do(chromedp.KeyEvent(kb.PageUp), chromedp.KeyEvent(kb.ArrowUp))
	eval[bool](b, `(document.querySelector(".grid").scrollTop = document.querySelector(".grid").scrollHeight / 2, true)`)
	b.until(`(() => { const at = [...document.querySelectorAll(".grid-row")].map((e) => Number(e.getAttribute("aria-rowindex"))); return at.some((n) => n > 499000 && n < 501000); })()`)
	b.until(`![...document.querySelectorAll(".grid-cell")].some((e) => e.textContent === "…")`)
	require.Less(t, eval[int](b, `document.querySelectorAll(".grid-row").length`), 100, "only rows that are seen are drawn")
	before := b.heapBytes()
	for i := range 200 { // through the whole of it
		eval[bool](b, fmt.Sprintf(`new Promise((done) => { document.querySelector(".grid").scrollTop = document.querySelector(".grid").scrollHeight * %d / 200; requestAnimationFrame(() => done(true)); })`, i))
	}
	b.until(`![...document.querySelectorAll(".grid-cell")].some((e) => e.textContent === "…")`)
	require.Less(t, b.heapBytes(), before+10e6, "the memory of the page does not grow with what was seen")
	b.do(chromedp.SendKeys(".search input", "9007199255500000\r"))
	b.until(`document.querySelector(".search").textContent.includes("row 759008") || document.querySelector(".search").textContent.includes("row 75900")`)
	b.press(".grid-head button", "word")
	b.until(`document.querySelector(".side .facts")?.textContent.includes("1,000")`)
}

// TestCopies: what is copied as SQL is, asked again, the same answer.
func TestCopies(t *testing.T) {
	b := enter(t, serve(t, "--demo"))
	b.run(`SELECT 9007199254740993 AS big, 'o''hara' AS text, '' AS empty, CAST(NULL AS varchar) AS nothing, X'00ff' AS bytes, JSON '{"a":1}' AS json, 1e0 AS f, nan() AS nan,
		DECIMAL '0.10' AS price, TIMESTAMP '2026-01-02 03:04:05.678' AS at, DATE '2026-01-02' AS day, true AS yes, TIMESTAMP '2026-01-02 03:04:05 Europe/Berlin' AS zoned`)
	shown := `[...document.querySelectorAll(".grid-row .grid-cell")].map((e) => e.textContent)`
	b.until(shown + `.includes("o'hara")`)
	first := eval[[]string](b, shown)
	copied := eval[string](b, `(async () => {
		const { asSQL, asJSON, asCSV } = await import("/console/parts/copy-menu.mjs");
		const { get } = await import("/console/lib/api.mjs");
		const tab = JSON.parse(localStorage.getItem(Object.keys(localStorage)[0])).tabs[0];
		const page = await get("queries/" + tab.queryId + "/rows");
		window.json = asJSON(page.columns, page.rows);
		window.csv = asCSV(page.columns, page.rows);
		return asSQL(page.columns, page.rows);
	})()`)
	require.Contains(t, eval[string](b, `json`), `"big":9007199254740993,"text":"o'hara","empty":"","nothing":null`)
	require.Contains(t, eval[string](b, `csv`), "9007199254740993,o'hara,\"\",,")
	b.press("button", "New statement")
	b.until(`!!` + editor + ` && ` + editorText + `.trim() === ""`)
	b.run(copied)
	b.until(shown + `.includes("o'hara")`)
	require.Equal(t, first, eval[[]string](b, shown))
}

// TestHostileData: what attackers write into events is shown as text, wherever it is shown.
func TestHostileData(t *testing.T) {
	b := enter(t, serve(t, "--demo"))
	b.press("button", "Columns") // beside them and a row the answer would show fewer columns
	b.run(`SELECT '<script>hacked = 1</script>' AS script, '<img src=x onerror="hacked = 1">' AS "<b>img</b>", '=cmd()' AS formula, U&'\202Eesrever' AS bidi,
		from_utf8(X'eda08041') AS surrogate, rpad('y', 1000000, '<i>') AS long, MAP(ARRAY['<u>k</u>'], ARRAY['<script>hacked = 1</script>']) AS nested, '{"userAgent":"<img src=x onerror=hacked=1>","eventTime":"2026-01-01T00:00:00Z"}' AS eventjson`)
	b.until(`[...document.querySelectorAll(".grid-cell")].some((e) => e.textContent === "<script>hacked = 1</script>")`)
	eval[bool](b, `(document.querySelector(".grid").focus(), true)`)
	b.do(chromedp.KeyEvent(kb.Enter))
	b.until(`document.querySelector(".side .tree")?.textContent.includes("<img src=x onerror=hacked=1>")`)
	b.press(".side button", "JSON")
	b.until(`document.querySelector(".side pre")?.textContent.includes("<img src=x")`)
	eval[bool](b, `(document.querySelectorAll(".grid-head button:not(.sort)")[0].click(), true)`)
	b.until(`document.querySelector(".top-values")?.textContent.includes("<script>hacked = 1</script>")`)
	require.Equal(t, "undefined", eval[string](b, `typeof hacked`))
	require.Zero(t, eval[int](b, `document.querySelectorAll("img, iframe, script:not([src='app.mjs']), #app b, #app i, #app u").length`))
	require.Contains(t, eval[string](b, `document.querySelector(".grid").textContent`), `\u202eesrever`, "text that would turn around is written out")

	columns := make([]string, 500)
	for i := range columns {
		columns[i] = fmt.Sprintf("%d AS c%d", i, i)
	}
	b.press("button", "New statement")
	b.until(`!!` + editor + ` && ` + editorText + `.trim() === ""`)
	b.run("SELECT " + strings.Join(columns, ", "))
	b.until(`document.querySelector(".grid").getAttribute("aria-colcount") === "500"`)
	require.Less(t, eval[int](b, `document.querySelectorAll(".grid-cell").length`), 100, "only columns that are seen are drawn")
}

// TestFromEventToEvents: an event of the history leads to the events around it, and to those with the same value.
func TestFromEventToEvents(t *testing.T) {
	s := serve(t, "--demo")
	b := enter(t, s)
	b.do(chromedp.Navigate(s.origin + "/console/#/events"))
	b.press("td button.link", eval[string](b, `new Promise((done) => { const look = () => { const e = document.querySelector("td button.link"); e ? done(e.textContent.trim()) : setTimeout(look, 30); }; look(); })`))
	b.until(`document.querySelector(".side .tree")`)
	b.until(`[...document.querySelectorAll(".side button")].some((e) => e.textContent === "Surrounding events")`)
	b.screenshot("event")
	b.press(".side button", "Filter for eventName")
	b.until(editorText + `.includes("CAST(eventname AS varchar) = '")`)
	b.press("button", "Run")
	b.until(`document.querySelector(".progress")?.textContent.includes("FINISHED") && document.querySelectorAll(".grid-row").length > 0`)
	b.press(".grid-head button", "eventsource")
	b.until(`document.querySelector(".top-values button")`)
	eval[bool](b, `(document.querySelector(".top-values button").click(), true)`)
	b.until(editorText + `.includes("AS found WHERE eventsource = '")`)
	b.press("button", "Run")
	b.until(`document.querySelector(".progress")?.textContent.includes("FINISHED") && document.querySelectorAll(".grid-row").length > 0`)
}

// TestHistogram: an answer is counted by time, and a range that is drawn over the bars becomes the statement's range.
func TestHistogram(t *testing.T) {
	b := enter(t, serve(t, "--demo"))
	b.run("SELECT eventtime, eventname FROM main WHERE eventname = 'GetObject'")
	b.press("button", "Histogram")
	b.until(editorText + `.startsWith("SELECT date_trunc('day', eventtime) AS time, count(*) AS events FROM (")`)
	b.press("button", "Run")
	b.until(`document.querySelector(".chart svg path")`)
	b.do(chromedp.Sleep(300_000_000)) // the chart listens once it has been drawn
	box := eval[map[string]float64](b, `document.querySelector(".chart").getBoundingClientRect().toJSON()`)
	x, y := box["x"]+box["width"]/3, box["y"]+box["height"]/2
	for i, step := range []struct {
		kind input.MouseType
		x    float64
	}{{input.MouseMoved, x}, {input.MousePressed, x}, {input.MouseMoved, x + 100}, {input.MouseMoved, x + 200}, {input.MouseReleased, x + 200}} {
		b.do(chromedp.MouseEvent(step.kind, step.x, y+float64(i), chromedp.ButtonLeft))
	}
	b.until(editorText + `.includes(") AS found WHERE eventtime >= TIMESTAMP '")`)
	require.Contains(t, eval[string](b, editorText), "INTERVAL '1' DAY")
	b.press("button", "Run")
	b.until(`document.querySelector(".progress")?.textContent.includes("FINISHED") && document.querySelectorAll(".grid-row").length > 0`)
	b.until(`document.querySelector(".grid-row").textContent.includes("GetObject")`)
}

// TestKeyboard: without a mouse one comes from the address to a row of an answer.
func TestKeyboard(t *testing.T) {
	b := enter(t, serve(t, "--demo"))
	focused := `(document.activeElement.shadowRoot?.activeElement ?? document.activeElement)`
	until := func(key, expression string) {
		t.Helper()
		for range 40 {
			if eval[bool](b, `!!(`+expression+`)`) {
				return
			}
			b.do(chromedp.KeyEvent(key))
		}
		require.Fail(t, "the keyboard does not lead there", "%s; it is at %s", expression, eval[string](b, focused+`.outerHTML.slice(0, 200)`))
	}
	until(kb.Tab, focused+`.classList.contains("cm-content")`)
	b.do(chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(2)))
	b.until(`document.querySelectorAll(".grid-row").length > 5`)
	until(kb.Tab, `document.activeElement.classList.contains("grid")`)
	b.do(chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.ArrowRight), chromedp.KeyEvent(kb.Enter))
	b.until(`document.querySelector(".side h2")?.textContent === "Row 2"`)
}

// seriousProblems returns what axe finds on the page that keeps people from using it.
func (b *browser) seriousProblems() []string {
	b.Helper()
	axe, err := os.ReadFile("testdata/axe.min.js")
	require.NoError(b, err)
	eval[bool](b, string(axe)+"; true")
	return eval[[]string](b, `axe.run().then((r) => r.violations.filter((v) => v.impact === "serious" || v.impact === "critical")
		.map((v) => v.id + ": " + v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160) + " " + (n.any[0]?.message ?? "")).join(" | ")))`)
}

// TestAccessibility: axe finds nothing serious on any page, in either theme, and each looks as it did.
func TestAccessibility(t *testing.T) {
	s := serve(t, "--demo")
	b := enter(t, s)
	look := func(name string) {
		t.Helper()
		for _, theme := range []string{"light", "dark"} {
			b.setTheme(theme)
			b.screenshot(name + "-" + theme)
			b.looksLike(name + "-" + theme)
			require.Empty(t, b.seriousProblems(), "%s, %s", name, theme)
		}
	}
	b.run("SELECT eventtime, eventname, eventjson FROM main ORDER BY eventtime DESC LIMIT 50")
	look("editor")
	b.press("button", "Explain")
	b.until(`document.querySelector(".plan [role=treeitem]")`)
	eval[bool](b, `(document.querySelector(".grid").focus(), true)`)
	b.do(chromedp.KeyEvent(kb.Enter))
	b.until(`document.querySelector(".side .tree")`)
	look("editor-event")
	eval[bool](b, `(document.querySelectorAll(".grid-head button:not(.sort)")[1].click(), true)`)
	b.until(`document.querySelector(".top-values li")`)
	look("editor-column")
	for _, board := range []string{"Demo", "AWSCloudTrail-SecurityMonitoring"} {
		b.visit("dashboards/" + board)
		b.until(drawn)
		look("dashboard-" + board)
	}
	b.visit("dashboards/Demo")
	b.until(drawn)
	b.press("button", "Edit")
	b.press("button", "Edit Top errors")
	b.until(`document.querySelector(".widget-editor [aria-live]")?.textContent.includes("$")`)
	look("dashboard-editing")
	for _, page := range []string{"library", "library/samples", "dashboards", "events", "queries", "stores", "imports", "channels", "usage", "keys"} {
		b.do(chromedp.Navigate(s.origin + "/console/#/" + page))
		b.until(`document.querySelector("h1") && document.querySelector("main .table, main p.quiet") && !document.querySelector("main").textContent.includes("Loading") && !document.querySelector("main").textContent.includes("Looking")`)
		look(strings.ReplaceAll(page, "/", "-"))
	}
	b.press("button", "Sign out")
	b.until(`document.querySelector(".sign-in")`)
	look("sign-in")
}
