package webtest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// render writes the report of a dashboard, and returns the URL of the file.
func (s *served) render(t *testing.T, name string) string {
	t.Helper()
	report, err := exec.Command(os.Getenv(programVariable), "--lake", s.lake, "dashboard", "render", name).Output()
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "report.html")
	require.NoError(t, os.WriteFile(file, report, 0o600))
	return "file://" + file
}

// ask asks the server as the page does, and returns the status.
func (b *browser) ask(method, path, body string) int {
	b.Helper()
	return eval[int](b, fmt.Sprintf(`fetch("/console/api/%s", { method: %q, headers: { "Content-Type": "application/json" }, body: %q }).then((r) => r.status)`, path, method, body))
}

// TestReportFile: the report of a dashboard draws itself from a file in both themes, and loads nothing.
func TestReportFile(t *testing.T) {
	s := serve(t, "--demo")
	b := open(t, "file://")
	b.do(chromedp.Navigate(s.render(t, "Demo")))
	b.until(drawn)
	require.Equal(t, 6, eval[int](b, `document.querySelectorAll(".widget").length`))
	require.Contains(t, b.text("main"), "Refreshed 20")
	require.Empty(t, eval[int](b, `[...document.querySelectorAll("button")].filter((e) => e.textContent === "Statement").length`), "there is no server to ask")
	for _, theme := range []string{"light", "dark"} {
		b.setTheme(theme)
		b.screenshot(theme)
		b.looksLike("report-" + theme)
		require.Empty(t, b.seriousProblems(), theme)
	}
}

// TestPrint: a dashboard prints whole: all rows of its tables, light, and without what one presses.
func TestPrint(t *testing.T) {
	s := serve(t, "--demo")
	b := enter(t, s)
	b.visit("dashboards/Demo")
	b.until(drawn)
	b.do(emulation.SetEmulatedMedia().WithMedia("print").WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}))
	b.until(`getComputedStyle(document.body).backgroundColor === "rgb(255, 255, 255)"`)
	require.Zero(t, eval[int](b, `[...document.querySelectorAll("button:not(.link), nav, select, form")].filter((e) => e.offsetParent).length`))
	require.True(t, eval[bool](b, `[...document.querySelectorAll("main, .table-frame, .widget")].every((e) => e.scrollHeight <= e.clientHeight + 2)`), "nothing is cut")
	b.screenshot("print")
}

// TestHostileWidgets: titles, columns and values that attackers wrote are text in the page, in its charts and in the report.
func TestHostileWidgets(t *testing.T) {
	s := serve(t, "--demo")
	b := enter(t, s)
	const evil = `<img src=x onerror=hacked=1></script><script>hacked = 1</script>{a|b}`
	for i, view := range []string{
		`"View": "Table"`, `"View": "BarChart", "LabelColumn": "<b>l</b>", "ValueColumn": "n"`, `"View": "PieChart", "LabelColumn": "<b>l</b>", "ValueColumn": "n"`,
		`"View": "LineChart", "XAxisColumn": "<b>l</b>", "YAxisColumn": "n", "FilterColumn": "f"`,
	} {
		body := fmt.Sprintf(`{"name": "evil%d", "widgets": [{"statement": "SELECT '%s' AS \"<b>l</b>\", 3 AS n, '%s' AS f, U&'\\202Eesrever' AS bidi FROM main LIMIT 2", "view": {%s, "Title": "%s", "Height": "2", "Width": "12"}}]}`,
			i, evil, evil, view, evil)
		require.Equal(t, 200, b.ask("POST", "dashboards", body))
		require.Equal(t, 200, b.ask("POST", fmt.Sprintf("dashboards/evil%d/refresh", i), `{}`))
		b.visit(fmt.Sprintf("dashboards/evil%d", i))
		b.until(`document.querySelector(".dashboard-page > p")?.textContent.startsWith("Refreshed") && ` + drawn)
		b.screenshot(fmt.Sprint(i))
		file := open(t, "file://")
		file.do(chromedp.Navigate(s.render(t, fmt.Sprintf("evil%d", i))))
		file.until(drawn)
		for _, window := range []*browser{b, file} {
			require.Contains(t, window.text(".widget h2"), evil)
			require.Equal(t, "undefined", eval[string](window, `typeof hacked`))
			require.Zero(t, eval[int](window, `document.querySelectorAll("#app img, #app script, #app b, iframe").length`))
		}
	}
	b.visit("dashboards/evil0")
	b.until(drawn)
	require.Contains(t, b.text("tbody"), `\u202eesrever`, "text that would turn around is written out")
}
