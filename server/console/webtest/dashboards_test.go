package webtest

import (
	"fmt"
	"testing"

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
const drawn = `document.querySelectorAll(".widget").length > 0 && document.querySelectorAll(".widget .quiet:not(footer)").length === 0 &&
	[...document.querySelectorAll(".widget")].every((w) => w.querySelector("svg path, tbody tr"))`

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
	eval[bool](b, `([...document.querySelectorAll("td a")].find((e) => e.textContent === "Demo").click(), true)`)
	b.until(drawn)
	b.screenshot("dashboard")
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
