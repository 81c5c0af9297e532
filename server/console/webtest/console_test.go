package webtest

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// TestFirstMinute: the printed URL signs in once, a question stands there, says what it costs, and is answered.
func TestFirstMinute(t *testing.T) {
	s := serve(t, "--demo")
	b := open(t, s.origin)
	b.do(chromedp.Navigate(s.page))
	b.until(`document.querySelector(".editor")?.shadowRoot?.querySelector(".cm-content")?.textContent.includes("GROUP BY")`)
	require.Empty(t, eval[string](b, `location.hash`), "the token is gone from the URL")
	b.until(`document.querySelector(".cost")?.textContent.includes("Scans")`)
	require.Contains(t, b.text(".cost"), "$")
	b.press("button", "Run")
	b.until(`document.querySelector(".progress")?.textContent.includes("FINISHED")`)
	b.until(`document.querySelectorAll(".grid-row").length > 5`)
	b.screenshot("result")

	again := open(t, s.origin)
	again.expect("401")
	again.do(chromedp.Navigate(s.page))
	again.until(`document.body.textContent.includes("this link was used before")`)
}
