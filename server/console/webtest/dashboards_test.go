package webtest

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
)

// visit goes to a place of the page.
func (b *browser) visit(place string) {
	b.Helper()
	b.do(chromedp.Navigate(b.origin + "/console/#/" + place))
}

// drawn is true when a dashboard's charts and tables are there.
const drawn = `document.querySelectorAll(".widget").length > 0 &&
	[...document.querySelectorAll(".widget")].every((w) => w.querySelector("svg path, tbody tr") || w.querySelector("p.quiet")?.textContent === "No rows.")`

// clickMark clicks the largest mark of a widget's chart.
func (b *browser) clickMark(widget string) {
	b.Helper()
	box := eval[map[string]float64](b, fmt.Sprintf(`(() => {
		const area = (p) => p.getBoundingClientRect().width * p.getBoundingClientRect().height;
		const marks = [...document.querySelectorAll('[aria-label=%q] svg path')].filter((p) => !["none", "transparent", null].includes(p.getAttribute("fill")));
		return marks.sort((p, q) => area(q) - area(p))[0].getBoundingClientRect().toJSON(); })()`, widget))
	b.do(chromedp.Sleep(200_000_000)) // the chart listens once it has been drawn
	b.do(chromedp.MouseClickXY(box["x"]+box["width"]/3, box["y"]+box["height"]/2))
}

// TestDashboard: the demo's dashboard shows kept answers, each mark and row leads to its events, and a refresh shows its price before.
func TestDashboard(t *testing.T) {
	s := serve(t, "--demo")
	b := enter(t, s)
	b.visit("dashboards")
	b.until(`[...document.querySelectorAll("td a")].some((e) => e.textContent === "Overview dashboard")`)
	b.screenshot("list")
	b.looksLike("dashboards")
	eval[bool](b, `([...document.querySelectorAll("td a")].find((e) => e.textContent === "Demo").click(), true)`)
	b.until(drawn)
	for _, theme := range []string{"dark", "light"} {
		b.setTheme(theme)
		b.screenshot("dashboard-" + theme)
		b.looksLike("dashboard-" + theme)
	}
	require.Less(t, eval[float64](b, `(async () => { const { get } = await import("/console/lib/api.mjs"); await get("dashboards/Demo");
		const times = []; for (let i = 0; i < 5; i++) { const at = performance.now(); await get("dashboards/Demo"); times.push(performance.now() - at); } return Math.min(...times); })()`), 1000.0)

	b.clickMark("Top services")
	b.until(editorText + `.startsWith("SELECT eventtime, eventsource, eventname")`)
	b.press("button", "Run")
	b.until(`document.querySelector(".progress")?.textContent.includes("FINISHED") && document.querySelectorAll(".grid-row").length > 0`)

	b.visit("dashboards/Demo")
	b.until(drawn)
	eval[bool](b, `(() => { const e = document.querySelector("form[aria-label=Refresh] select"); e.value = "720"; e.dispatchEvent(new Event("change", { bubbles: true })); return true; })()`)
	b.until(`document.querySelector("form[aria-label=Refresh]").textContent.includes("$")`)
	before := b.text(".dashboard-page > p")
	b.do(chromedp.Sleep(1_100_000_000)) // the note has seconds
	b.press("form button", "Refresh")
	b.until(fmt.Sprintf(`document.querySelector(".dashboard-page > p").textContent.startsWith("Refreshed") && document.querySelector(".dashboard-page > p").textContent !== %q`, before))
	b.until(drawn)
}

// TestDashboardByKeyboard: a chart's rows are a table, whose rows lead to their events by Enter.
func TestDashboardByKeyboard(t *testing.T) {
	b := enter(t, serve(t, "--demo"))
	b.visit("dashboards/Demo")
	b.until(drawn)
	eval[bool](b, `([...document.querySelectorAll(".widget button")].find((e) => e.textContent === "Rows").focus(), true)`)
	b.do(chromedp.KeyEvent(kb.Enter))
	b.until(`document.activeElement.closest(".widget").querySelector("tbody button")`)
	for range 5 {
		if eval[bool](b, `document.activeElement.matches("tbody button")`) {
			break
		}
		b.do(chromedp.KeyEvent(kb.Tab))
	}
	require.True(t, eval[bool](b, `document.activeElement.matches("tbody button")`))
	b.do(chromedp.KeyEvent(kb.Enter))
	b.until(editorText + `.startsWith("SELECT eventtime, eventsource, eventname")`)
}

// choose chooses an option of a select, or writes into a field, as somebody would.
func (b *browser) choose(selector, value string) {
	b.Helper()
	b.until(fmt.Sprintf(`!!document.querySelector(%q)`, selector))
	eval[bool](b, fmt.Sprintf(`(() => { const e = document.querySelector(%q); e.value = %q;
		for (const kind of ["input", "change"]) e.dispatchEvent(new Event(kind, { bubbles: true })); return true; })()`, selector, value))
}

// titles are those of the widgets in their order.
const titles = `[...document.querySelectorAll(".dashboard .widget h2")].map((e) => e.textContent).join(", ")`

// TestEditDashboard: a dashboard is made, gets widgets that are drawn before they are saved, is laid out with mouse and keyboard, and has a price a month.
func TestEditDashboard(t *testing.T) {
	b := enter(t, serve(t, "--demo"))
	b.visit("dashboards")
	b.choose("form[aria-label='Create dashboard'] input", "Mine")
	b.press("form button", "Create dashboard")
	b.until(`document.querySelector("h1")?.textContent === "Mine"`)
	b.press("button", "Edit")
	for _, title := range []string{"One", "Two", "Three"} {
		b.press("button", "Add widget")
		b.choose(".widget-editor .tools input", title)
		b.until(titles + fmt.Sprintf(`.endsWith(%q)`, title))
	}
	b.choose(".widget-editor label:nth-of-type(2) select", "PieChart")
	b.until(`document.querySelector(".widget-editor [aria-live]").textContent.includes("$")`)
	b.press(".widget-editor button", "Preview")
	b.until(`document.querySelector(".widget-editor .preview svg path")`)
	b.screenshot("widget")
	b.looksLike("widget-editor")
	b.press(".widget-editor button", "Close")

	eval[bool](b, `(document.querySelector("[aria-label^='Place of Three']").focus(), true)`)
	b.do(chromedp.KeyEvent(kb.ArrowLeft))
	b.until(titles + ` === "One, Three, Two" && document.activeElement.getAttribute("aria-label").startsWith("Place of Three: 2 of 3")`)
	b.do(chromedp.KeyEvent(kb.ArrowRight, chromedp.KeyModifiers(8)), chromedp.KeyEvent(kb.ArrowDown, chromedp.KeyModifiers(8)))
	b.until(`document.activeElement.getAttribute("aria-label").endsWith("5 wide, 3 high")`)

	drag := func(from, to string) {
		center := func(selector string) (x, y float64) {
			box := eval[map[string]float64](b, fmt.Sprintf(`document.querySelector(%q).getBoundingClientRect().toJSON()`, selector))
			return box["x"] + box["width"]/2, box["y"] + box["height"]/2
		}
		x, y := center(from)
		toX, toY := center(to)
		b.do(chromedp.MouseEvent(input.MousePressed, x, y, chromedp.ButtonLeft, chromedp.ClickCount(1)), chromedp.MouseEvent(input.MouseMoved, (x+toX)/2, (y+toY)/2, chromedp.ButtonLeft),
			chromedp.MouseEvent(input.MouseMoved, toX, toY, chromedp.ButtonLeft), chromedp.MouseEvent(input.MouseReleased, toX, toY, chromedp.ButtonLeft))
	}
	drag("[aria-label^='Place of Two']", ".widget[aria-label=One] h2")
	b.until(titles + `.startsWith("Two, One")`)
	before := eval[string](b, `document.querySelector("[aria-label^='Place of Two']").getAttribute("aria-label")`)
	drag(".widget[aria-label=Two] .resize", ".widget[aria-label=One] .resize")
	b.until(fmt.Sprintf(`document.querySelector("[aria-label^='Place of Two']").getAttribute("aria-label") !== %q`, before))

	b.press("button", "Remove One")
	b.until(titles + ` === "Two, Three"`)
	b.choose("fieldset.parameters select", "HOURS 6")
	b.until(`document.querySelector("main").textContent.includes("120 refreshes in 30 days") && document.querySelector("main").textContent.includes("a month")`)
	b.screenshot("editing")
	b.press("button", "Save")
	b.until(`document.querySelector("main").textContent.includes("Refreshes run as cloudtrail.amazonaws.com")`) // of the dashboard itself: the demo's store lets it
	b.press("button", "Allow it for this dashboard")
	b.until(`!document.querySelector("main").textContent.includes("Refreshes run as")`)
	b.press("form button", "Refresh")
	b.until(`document.querySelector(".dashboard-page > p")?.textContent.startsWith("Refreshed") && ` + titles + ` === "Two, Three"`)

	b.press("button", "Edit")
	b.press("button", "Delete…")
	b.press("button", "Delete Mine permanently")
	b.until(`document.querySelector("h1")?.textContent === "Dashboards" && ![...document.querySelectorAll("td a")].some((e) => e.textContent === "Mine")`)
}

// TestLineOfTimes: equal spans of time are equally wide in a line, whatever times its rows have.
func TestLineOfTimes(t *testing.T) {
	b := enter(t, serve(t, "--demo"))
	for _, c := range []struct{ name, times, points string }{
		{"days", "2026-10-25 00:00:00.000,2026-10-26 00:00:00.000,2026-10-29 00:00:00.000", "2026-10-25,2026-10-26,2026-10-27,2026-10-28,2026-10-29"},
		{"dates, the latest first", "2026-10-31,2026-10-27,2026-10-25", "2026-10-25,2026-10-27,2026-10-29,2026-10-31"},
		{"hours", "2026-10-25 22:00:00.000,2026-10-25 23:00:00.000,2026-10-26 01:00:00.000", "2026-10-25 22:00,2026-10-25 23:00,2026-10-26 00:00,2026-10-26 01:00"},
		{"months differ in length", "2026-01-01,2026-02-01,2026-03-01", "2026-01-01,2026-02-01,2026-03-01"},
		{"no time among them", "2026-01-01,2026-01-02,2026-13-41", "2026-01-01,2026-01-02,2026-13-41"},
		{"too far apart", "1970-01-01 00:00:00.000,1970-01-01 00:01:00.000,2026-01-01 00:00:00.000", "1970-01-01 00:00,1970-01-01 00:01,2026-01-01 00:00"},
	} {
		points := eval[string](b, fmt.Sprintf(`(async () => { const { drawingOf } = await import("/console/lib/widget-drawing.mjs");
			const answer = { columns: [{ name: "at" }, { name: "n" }], rows: %q.split(",").map((at, n) => [at, String(n)]) };
			return drawingOf({ View: "LineChart", XAxisColumn: "at", YAxisColumn: "n" }, answer, "").option.xAxis.data.join(","); })()`, c.times))
		require.Equal(t, c.points, points, c.name)
	}
}
