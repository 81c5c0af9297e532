package auditlake_test

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	testSpan     = regexp.MustCompile("`(Test[A-Za-z0-9]+)`")
	fileSpan     = regexp.MustCompile("`(?:[a-z/]+/)?([a-z0-9_]+\\.go)`")
	testFunction = regexp.MustCompile(`(?m)^func (Test[A-Za-z0-9]+)\(`)
)

// TestPagesNameWhatExists: each test and each Go file that docs/ARCHITECTURE.md or a page of docs/engine names exists.
func TestPagesNameWhatExists(t *testing.T) {
	pages, err := fs.Glob(os.DirFS("."), "docs/engine/*.md")
	require.NoError(t, err)
	tests, files := map[string]string{}, map[string]string{} // the page by name
	for _, page := range append(pages, "docs/ARCHITECTURE.md") {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, found := range testSpan.FindAllStringSubmatch(string(text), -1) {
			tests[found[1]] = page
		}
		for _, found := range fileSpan.FindAllStringSubmatch(string(text), -1) {
			files[found[1]] = page
		}
	}
	require.Greater(t, len(tests), 50)
	require.Greater(t, len(files), 10)

	require.NoError(t, fs.WalkDir(os.DirFS("."), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && strings.HasPrefix(path.Base(name), "."):
			return fs.SkipDir
		}
		delete(files, path.Base(name))
		if !strings.HasSuffix(name, "_test.go") {
			return nil
		}
		source, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for _, found := range testFunction.FindAllSubmatch(source, -1) {
			delete(tests, string(found[1]))
		}
		return nil
	}))
	for test, page := range tests {
		t.Errorf("%s names the test %s, which does not exist", page, test)
	}
	for file, page := range files {
		t.Errorf("%s names the file %s, which does not exist", page, file)
	}
}
