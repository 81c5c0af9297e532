package console

import (
	"bytes"
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

// TestReport: a dashboard becomes one file that loads nothing, whose policy names its script and style by their hashes, and whose data ends no element.
func TestReport(t *testing.T) {
	s := newSite(t)
	ctx := context.Background()
	view := map[string]string{"View": "Table", "Title": "</script><script>hacked = 1</script>", "Height": "2", "Width": "4"}
	_, err := s.lake.Dashboards().Create(ctx, engine.Dashboard{Name: "board", Widgets: []engine.DashboardWidget{
		{Statement: "SELECT '</script><img src=x onerror=hacked=1>' AS a, '<!--' AS b FROM " + s.store.ID + " LIMIT 1", View: view},
	}})
	require.NoError(t, err)
	s.letService()
	var out bytes.Buffer
	require.ErrorIs(t, WriteReport(ctx, &out, s.lake, "board"), ErrNeverRefreshed)
	require.ErrorIs(t, WriteReport(ctx, &out, s.lake, "none"), engine.ErrDashboardNotFound)
	require.Empty(t, out.String())

	require.Empty(t, s.signedInAsRoot().refreshed("board", map[string]string{}).FailureReason)
	require.NoError(t, WriteReport(ctx, &out, s.lake, "board"))
	report := out.String()
	require.Equal(t, 2, strings.Count(report, "</script"), "the data and the script end where they should")
	require.NotContains(t, report, "<img")
	require.NotContains(t, report, "<!--")
	require.Contains(t, report, `\u003c/script\u003e\u003cimg src=x onerror=hacked=1\u003e`)
	policy := regexp.MustCompile(`Content-Security-Policy" content="([^"]+)"`).FindStringSubmatch(report)[1]
	require.NotContains(t, policy, "unsafe")
	style := regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindStringSubmatch(report)[1]
	script := regexp.MustCompile(`(?s)<script type="module">(.*?)</script>`).FindStringSubmatch(report)[1]
	require.Contains(t, policy, "style-src '"+hashSource(style)+"'")
	require.Contains(t, policy, "script-src '"+hashSource(script)+"'")
	require.NotContains(t, report, "\r", "a browser would change what the hash is of")
	for _, attribute := range []string{" src=\"", " href=\"", "url("} {
		require.NotContains(t, strings.ReplaceAll(report, script, ""), attribute)
	}
}
