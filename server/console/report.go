package console

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"io/fs"
	"log/slog"
	"sync"

	"github.com/auditlake/auditlake/engine"
)

// ErrNeverRefreshed means that a report has no answers to show.
var ErrNeverRefreshed = errors.New("the dashboard has not been refreshed yet")

// reportParts are the parts that all reports share.
type reportParts struct{ style, script string }

var partsOfReports = sync.OnceValues(func() (reportParts, error) {
	web, err := fs.Sub(webFiles, "web")
	if err != nil {
		return reportParts{}, err
	}
	style, err := fs.ReadFile(web, "console.css")
	if err != nil {
		return reportParts{}, err
	}
	script, err := bundle(web, "report.mjs")
	return reportParts{string(style), script}, err
})

// WriteReport writes a dashboard with the stored answers of its last refresh as one HTML file, which loads nothing.
// A browser runs only the report's own script, known by its hash, so the answers stay data.
func WriteReport(ctx context.Context, out io.Writer, lake *engine.Lake, name string) error {
	found, err := lake.Dashboards().Get(ctx, name)
	if err != nil {
		return err
	}
	if found.LastRefresh == nil {
		return fmt.Errorf("%w: %s", ErrNeverRefreshed, found.Name)
	}
	parts, err := partsOfReports()
	if err != nil {
		return err
	}
	d := &Door{lake: lake, log: slog.New(slog.DiscardHandler)}
	shown, err := d.readDashboard(ctx, found, func(*engine.QueryInfo) error { return nil })
	if err != nil {
		return err
	}
	data, err := json.Marshal(shown) // writes < as \u003c, so no text ends the element
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src '%s'; style-src '%s'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>%s</title>
<style>%s</style>
</head>
<body>
<div id="app"></div>
<noscript>The report draws itself with JavaScript.</noscript>
<script type="application/json" id="data">%s</script>
<script type="module">%s</script>
</body>
</html>
`, hashSource(parts.script), hashSource(parts.style), html.EscapeString(shown.Title), parts.style, data, parts.script)
	return err
}

// hashSource returns the source of an inline script or style for a content security policy.
func hashSource(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}
