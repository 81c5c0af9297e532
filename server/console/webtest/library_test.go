package webtest

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
)

// place goes to a place of the page.
func (b *browser) place(hash string) {
	b.Helper()
	b.do(chromedp.Navigate(b.origin + "/console/#/" + hash))
}

// fill types into a field that a label names.
func (b *browser) fill(selector, text string) {
	b.Helper()
	b.until(`!!document.querySelector('` + selector + `')`)
	b.do(chromedp.Focus(selector), chromedp.KeyEvent("a", chromedp.KeyModifiers(2)), chromedp.KeyEvent(text))
}

// TestSavedQuestions: a statement is saved under a name that is markup, shared, reopened by its link, changed, and an earlier version is
// looked at.
func TestSavedQuestions(t *testing.T) {
	const name = `<img src=x onerror="hacked = 1">`
	b := enter(t, serve(t, "--demo"))
	b.write("SELECT :who AS who, 1 AS version")
	b.until(`document.querySelectorAll(".parameters input").length === 1`)
	b.fill(".parameters input", "ann")
	b.press("button", "Save")
	b.until(`document.activeElement.name === "name"`)
	b.do(chromedp.KeyEvent(name))
	b.fill(`.save-form [name="folder"]`, "<b>team</b>/keys")
	b.fill(`.save-form [name="description"]`, "what it finds")
	b.press(".save-form label input[type=checkbox]", "") // shared
	b.do(chromedp.Focus(`.save-form [name="description"]`), chromedp.KeyEvent(kb.Enter))
	b.until(`[...document.querySelectorAll(".tools button")].some((e) => e.textContent === "Saved")`)
	link := eval[string](b, `[...document.querySelectorAll(".tools a")].find((e) => e.textContent === "Question").href`)
	require.Contains(t, b.text("[role=tab][aria-selected=true]"), name)

	b.write("SELECT :who AS who, 2 AS version")
	b.press("button", "Save")
	b.until(`[...document.querySelectorAll(".tools button")].some((e) => e.textContent === "Saved")`)

	b.place("library")
	b.until(`document.querySelector("main h3")?.textContent === "<b>team</b>/keys"`)
	b.until(`document.querySelector("main td")?.textContent === ` + "`" + name + "`")
	require.Contains(t, b.text("main table"), "everyone")
	b.press("button", "Versions of "+name)
	b.until(`document.querySelectorAll(".side-note tbody tr").length === 2`)
	b.screenshot("versions")
	eval[bool](b, `(document.querySelectorAll(".side-note tbody a")[1].click(), true)`)
	b.until(editorText + `.includes("1 AS version")`)
	b.press("button", "Save")
	b.until(`[...document.querySelectorAll(".tools button")].some((e) => e.textContent === "Saved")`)

	eval[bool](b, `(localStorage.clear(), true)`) // as in a colleague's browser
	b.do(chromedp.Navigate("about:blank"), chromedp.Navigate(link))
	b.until(editorText + `.includes("1 AS version")`)
	b.until(`document.querySelector(".parameters input")?.value === "ann"`)
	b.do(chromedp.KeyEvent(kb.Enter))
	b.press("button", "Run")
	b.until(`[...document.querySelectorAll(".grid-cell")].some((e) => e.textContent === "ann")`)

	b.place("library")
	b.press("button", "Delete "+name)
	b.press("button", "Really delete "+name)
	b.until(`document.querySelector("main").textContent.includes("No saved questions yet")`)
	require.Equal(t, "undefined", eval[string](b, `typeof hacked`))
	require.Zero(t, eval[int](b, `document.querySelectorAll("img, #app b").length`))
}

// TestSamples: a phrase finds samples, and one opens in the editor over a store, where it runs.
func TestSamples(t *testing.T) {
	b := enter(t, serve(t, "--demo"))
	b.place("library/samples")
	b.until(`document.querySelectorAll("main tbody tr").length > 100`)
	b.until(`document.querySelector("main section td:nth-child(3)").textContent === "management events"`)
	b.screenshot("samples")
	all := eval[int](b, `document.querySelectorAll("main tbody tr").length`)
	b.fill(`main input[type="search"]`, "who created access keys")
	b.until(fmt.Sprintf(`document.querySelector("[aria-label='Matching samples'] tbody a") && document.querySelectorAll("main tbody tr").length < %d`, all))
	name := eval[string](b, `(() => { const link = document.querySelector("main tbody a"); link.click(); return link.textContent; })()`)
	b.until(fmt.Sprintf(`document.querySelector("[role=tab][aria-selected=true]")?.textContent === %q`, name))
	b.until(editorText + `.includes("FROM main")`)
	b.press("button", "Run")
	b.until(`document.querySelector(".progress")?.textContent.includes("FINISHED")`)
}

// TestReceipt: a result is verified, and so is a receipt from a file, which is not sound once a character of it is another.
func TestReceipt(t *testing.T) {
	b := enter(t, serve(t, "--demo"))
	b.run("SELECT '<b>' AS markup, count(*) AS n FROM main")
	b.press(".menu > summary", "Receipt")
	b.press(".menu-items button", "Verify this result")
	b.until(`document.querySelector(".receipt")?.textContent.includes("The receipt is valid.")`)
	require.Contains(t, b.text(".receipt"), "The rows in the lake match the receipt.")
	b.screenshot("receipt")
	verify := func(change string) {
		t.Helper()
		eval[bool](b, `(async () => {
			const tab = JSON.parse(localStorage.getItem(Object.keys(localStorage)[0])).tabs[0];
			const text = await (await fetch("api/queries/" + tab.queryId + "/receipt")).text();
			const files = new DataTransfer();
			files.items.add(new File([`+change+`], "a.json"));
			const field = document.querySelector(".menu-items input[type=file]");
			field.files = files.files;
			return field.dispatchEvent(new Event("change", { bubbles: true }));
		})()`)
	}
	verify(`text.replace("AS markup", "AS marKup")`)
	b.until(`document.querySelector(".receipt")?.textContent.includes("The receipt is not valid.")`)
	verify(`text`)
	b.until(`document.querySelector(".receipt")?.textContent.includes("The receipt is valid.")`)
	b.expect("400")
	verify(`"{}"`)
	b.until(`document.querySelector(".menu-items .problem")?.textContent.includes("not a receipt")`)
}

// TestQuestionsInWords: words become a statement; what is no question about events is refused in words.
func TestQuestionsInWords(t *testing.T) {
	b := enter(t, serve(t, "--demo"))
	b.fill(`.words [name="words"]`, "How many events has each service?")
	b.do(chromedp.KeyEvent(kb.Enter))
	b.until(editorText + `.includes("eventSource")`)
	b.press("button", "Run")
	b.until(`document.querySelector(".progress")?.textContent.includes("FINISHED") && document.querySelectorAll(".grid-row").length > 0`)
	b.expect("422")
	b.fill(`.words [name="words"]`, "What is the weather in Paris?")
	b.press("button", "Write SQL")
	b.until(`document.querySelector(".problem")?.textContent.includes("not a question about the events")`)
}

// TestSort: all rows are put into the order of a column, by mouse and by keyboard, and back.
func TestSort(t *testing.T) {
	b := enter(t, serve(t, "--demo"))
	b.run("SELECT a.n * 7919 % 30000 AS n, IF(a.n % 2 = 0, NULL, '<b>') AS word FROM UNNEST(sequence(0, 29)) AS b (n), UNNEST(sequence(0, 999)) AS c (n), UNNEST(ARRAY[b.n * 1000 + c.n]) AS a (n)")
	first := `document.querySelector(".grid-row[aria-rowindex='2'] .grid-cell")?.textContent`
	b.until(first + ` === "0"`)
	b.press(".grid-head button", "Sort by n")
	b.until(`document.querySelector("[role=columnheader]").getAttribute("aria-sort") === "ascending" && document.querySelector(".grid-row[aria-rowindex='3'] .grid-cell")?.textContent === "1"`)
	b.screenshot("sorted")
	b.press(".grid-head button", "Sort by n")
	b.until(first + ` === "29999"`)
	eval[bool](b, `(document.querySelector(".grid").focus(), true)`)
	b.do(chromedp.KeyEvent("s"))
	b.until(first + ` === "0" && document.querySelector("[role=columnheader]").getAttribute("aria-sort") === "none"`)
	b.do(chromedp.KeyEvent(kb.ArrowRight), chromedp.KeyEvent("s"))
	b.until(`[...document.querySelectorAll("[role=columnheader]")][1].getAttribute("aria-sort") === "ascending" && document.querySelectorAll(".grid-row .grid-cell")[1].textContent === "<b>"`)
}

// TestSummary: sentences about a result, in which markup is text.
func TestSummary(t *testing.T) {
	b := enter(t, serve(t, "--demo"))
	b.run("SELECT '<b>x</b>' AS markup, eventname FROM main LIMIT 50")
	b.press("button", "Summarize")
	b.until(`document.querySelector(".summary")?.textContent.includes("markup is <b>x</b> in every row.")`)
	require.Contains(t, b.text(".summary"), "The result has 50 rows in 2 columns.")
}
