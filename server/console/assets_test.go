package console

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"net/http"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Budgets of the page, in bytes.
const (
	maxPage           = 1_300_000
	maxCompressedPage = 430_000
	maxFirstPaint     = 150_000
)

func allAssets(t *testing.T) assets {
	files, err := newAssets(webFiles, "web")
	require.NoError(t, err)
	return files
}

// TestPageFitsItsBudget counts the bytes of all files that a browser may load, and of those that it loads before anybody has signed in.
func TestPageFitsItsBudget(t *testing.T) {
	files := allAssets(t)
	raw, compressed := 0, 0
	for name, a := range files {
		if path.Ext(name) == ".txt" || path.Ext(name) == ".lock" {
			continue // no page loads them
		}
		raw += len(a.body)
		compressed += len(a.compressed())
	}
	t.Logf("the page has %d bytes, %d with gzip", raw, compressed)
	require.LessOrEqual(t, raw, maxPage)
	require.LessOrEqual(t, compressed, maxCompressedPage)

	first := map[string]bool{}
	follow(t, files, Path+"index.html", first)
	total := 0
	for name := range first {
		total += len(files[name].body)
	}
	t.Logf("before the first paint: %d bytes in %d files", total, len(first))
	require.True(t, first[Path+"app.mjs"] && first[Path+"console.css"] && first[Path+"pages/sign-in.mjs"])
	require.False(t, first[Path+"vendor/codemirror.mjs"] || first[Path+"vendor/echarts.mjs"], "they are loaded when they are needed")
	require.LessOrEqual(t, total, maxFirstPaint)
}

var (
	staticImport = regexp.MustCompile(`(?m)^(?:import|export)\b[^;'"]*["'](\.{1,2}/[^"']+)["']`)
	linked       = regexp.MustCompile(`(?:src|href)="([^"]+)"`)
	anyImport    = regexp.MustCompile(`(?:from|import)\s*\(?\s*["'](\.{1,2}/[^"']+)["']`)
)

// follow notes a file, and those that a browser loads because of it.
func follow(t *testing.T, files assets, name string, seen map[string]bool) {
	if seen[name] {
		return
	}
	require.NotNil(t, files[name], "there is no %s", name)
	seen[name] = true
	pattern := staticImport
	if path.Ext(name) == ".html" {
		pattern = linked
	}
	for _, found := range pattern.FindAllSubmatch(files[name].body, -1) {
		follow(t, files, path.Join(path.Dir(name), string(found[1])), seen)
	}
}

// TestModulesImportWhatThereIs: a module that is loaded late must be there, too.
func TestModulesImportWhatThereIs(t *testing.T) {
	files := allAssets(t)
	for name, a := range ownModules(t, files) {
		for _, found := range anyImport.FindAllSubmatch(a.body, -1) {
			target := path.Join(path.Dir(name), string(found[1]))
			require.NotNil(t, files[target], "%s imports %s", name, target)
		}
	}
}

func ownModules(t *testing.T, files assets) assets {
	own := assets{}
	for name, a := range files {
		if path.Ext(name) == ".mjs" && !strings.Contains(name, "/vendor/") {
			own[name] = a
		}
	}
	require.Greater(t, len(own), 20)
	return own
}

// TestNoTextBecomesHTML: events hold what attackers wrote. Nothing in our own modules may turn a text into elements or scripts.
func TestNoTextBecomesHTML(t *testing.T) {
	forbidden := regexp.MustCompile(`(?i)innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|document\.write|javascript:|\beval\(|new Function|setHTMLUnsafe|srcdoc|createContextualFragment`)
	for name, a := range ownModules(t, allAssets(t)) {
		require.Empty(t, string(forbidden.Find(a.body)), name)
	}
	require.True(t, forbidden.MatchString("e.innerHTML = text"), "the pattern finds what it is for")
}

// TestVendoredFilesAreThoseOfTheLock: each file has the sum of vendor.lock, which names each file, and licences are there.
func TestVendoredFilesAreThoseOfTheLock(t *testing.T) {
	lock, err := webFiles.ReadFile("web/vendor/vendor.lock")
	require.NoError(t, err)
	sums := map[string]string{}
	for lines := bufio.NewScanner(bytes.NewReader(lock)); lines.Scan(); {
		sum, name, ok := strings.Cut(lines.Text(), "  ")
		require.True(t, ok, lines.Text())
		sums[name] = sum
	}
	entries, err := fs.ReadDir(webFiles, "web/vendor")
	require.NoError(t, err)
	for _, entry := range entries {
		if entry.Name() == "vendor.lock" {
			continue
		}
		body, err := webFiles.ReadFile("web/vendor/" + entry.Name())
		require.NoError(t, err)
		sum := sha256.Sum256(body)
		require.Equal(t, sums[entry.Name()], hex.EncodeToString(sum[:]), entry.Name())
	}
	require.Len(t, sums, len(entries)-1)
	licences, err := webFiles.ReadFile("web/vendor/LICENSES.txt")
	require.NoError(t, err)
	for _, name := range []string{"preact ", "htm ", "echarts ", "zrender ", "@codemirror/view ", "style-mod "} {
		require.Contains(t, string(licences), "==== "+name)
	}
}

// TestLocksNameNoRegistry: where packages come from is whoever runs `make vendor` to say.
func TestLocksNameNoRegistry(t *testing.T) {
	lock, err := os.ReadFile("vendoring/package-lock.json")
	require.NoError(t, err)
	require.Contains(t, string(lock), `"integrity"`)
	require.NotContains(t, string(lock), `"resolved"`)
	require.NotContains(t, string(lock), "registry.")
}

// TestFilesAreServed: with their type, their policy, and an ETag by which they are not sent again.
func TestFilesAreServed(t *testing.T) {
	s := newSite(t)
	page := s.get(Path, nil)
	require.Equal(t, http.StatusOK, page.StatusCode)
	require.Equal(t, "text/html; charset=utf-8", page.Header.Get("Content-Type"))
	policy := page.Header.Get("Content-Security-Policy")
	require.Contains(t, policy, "default-src 'none'")
	require.Contains(t, policy, "frame-ancestors 'none'")
	require.NotContains(t, policy, "unsafe")
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin", "X-Frame-Options": "DENY",
	} {
		require.Equal(t, want, page.Header.Get(name), name)
	}
	module := s.get(Path+"app.mjs", http.Header{"Accept-Encoding": {"gzip"}})
	require.Equal(t, "gzip", module.Header.Get("Content-Encoding"))
	require.Equal(t, "text/javascript; charset=utf-8", module.Header.Get("Content-Type"))
	again := s.get(Path+"app.mjs", http.Header{"Accept-Encoding": {"gzip"}, "If-None-Match": {module.Header.Get("ETag")}})
	require.Equal(t, http.StatusNotModified, again.StatusCode)
	plain := s.get(Path+"app.mjs", http.Header{"Accept-Encoding": {"identity"}})
	require.Empty(t, plain.Header.Get("Content-Encoding"))
	require.NotEqual(t, module.Header.Get("ETag"), plain.Header.Get("ETag"))
	require.Equal(t, http.StatusNotFound, s.get(Path+"no.mjs", nil).StatusCode)
	require.Equal(t, http.StatusNotFound, s.get(Path+"vendor/", nil).StatusCode, "no folder is listed")
}
