package auditlake_test

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	codeBlock  = regexp.MustCompile("(?ms)^```.*?^```$")
	codeSpan   = regexp.MustCompile("`[^`\n]*`")
	linkTarget = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading    = regexp.MustCompile(`(?m)^#+ (.+)$`)
	notAnchor  = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// anchors are the names by which links reach the headings of a page.
func anchors(page string) map[string]bool {
	names := map[string]bool{}
	for _, found := range heading.FindAllStringSubmatch(codeBlock.ReplaceAllString(page, ""), -1) {
		names[strings.ReplaceAll(notAnchor.ReplaceAllString(strings.ToLower(found[1]), ""), " ", "-")] = true
	}
	return names
}

// brokenLinks are the links of a page that lead to no file, or to no heading of one.
func brokenLinks(files fs.FS, name string) (broken []string) {
	page, err := fs.ReadFile(files, name)
	if err != nil {
		return []string{err.Error()}
	}
	text := codeSpan.ReplaceAllString(codeBlock.ReplaceAllString(string(page), ""), "`code`")
	for _, found := range linkTarget.FindAllStringSubmatch(text, -1) {
		target, anchor, _ := strings.Cut(found[1], "#")
		if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
			continue
		}
		other := name
		if target != "" {
			other = path.Join(path.Dir(name), target)
		}
		info, err := fs.Stat(files, other)
		switch {
		case err != nil:
			broken = append(broken, name+" links to "+found[1]+", which is not there")
		case anchor != "" && !info.IsDir():
			there, err := fs.ReadFile(files, other)
			if err != nil || !anchors(string(there))[anchor] {
				broken = append(broken, name+" links to "+found[1]+", which has no such heading")
			}
		}
	}
	return broken
}

// TestLinks: the links of all pages lead to files, and to headings, that there are. Those to other sites are not followed.
func TestLinks(t *testing.T) {
	pages := 0
	require.NoError(t, filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && name != "." && strings.HasPrefix(entry.Name(), ".") {
			return fs.SkipDir
		}
		if filepath.Ext(name) == ".md" {
			pages++
			for _, broken := range brokenLinks(os.DirFS("."), filepath.ToSlash(name)) {
				t.Error(broken)
			}
		}
		return nil
	}))
	require.Greater(t, pages, 40)
}

func TestBrokenLinks(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "docs"), 0o777))
	for name, text := range map[string]string{
		"README.md": "# A `lake`, and more\n[here](docs/page.md#two-words) [gone](docs/none.md) [no](docs/page.md#three) [self](#a-lake-and-more)\n" +
			"[web](https://example.com/none) `[code](none.md)`\n```\n[code](none.md)\n# no-heading\n```\n[x](#no-heading) [folder](docs)",
		"docs/page.md": "## Two words\n[up](../README.md)",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), []byte(text), 0o666))
	}
	require.Equal(t, []string{
		"README.md links to docs/none.md, which is not there",
		"README.md links to docs/page.md#three, which has no such heading",
		"README.md links to #no-heading, which has no such heading",
	}, brokenLinks(os.DirFS(dir), "README.md"))
	require.Empty(t, brokenLinks(os.DirFS(dir), "docs/page.md"))
}
