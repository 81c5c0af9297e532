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
	testFunction = regexp.MustCompile(`(?m)^func (Test[A-Za-z0-9]+)\(`)
)

// TestPromisesNameTheirTests: each test that docs/ARCHITECTURE.md or a page of docs/engine names is there.
func TestPromisesNameTheirTests(t *testing.T) {
	pages, err := fs.Glob(os.DirFS("."), "docs/engine/*.md")
	require.NoError(t, err)
	named := map[string]string{} // the page by test
	for _, page := range append(pages, "docs/ARCHITECTURE.md") {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, found := range testSpan.FindAllStringSubmatch(string(text), -1) {
			named[found[1]] = page
		}
	}
	require.Greater(t, len(named), 50)

	require.NoError(t, fs.WalkDir(os.DirFS("."), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && strings.HasPrefix(path.Base(name), "."):
			return fs.SkipDir
		case !strings.HasSuffix(name, "_test.go"):
			return nil
		}
		source, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for _, found := range testFunction.FindAllSubmatch(source, -1) {
			delete(named, string(found[1]))
		}
		return nil
	}))
	for test, page := range named {
		t.Errorf("%s names %s, which no test file has", page, test)
	}
}
