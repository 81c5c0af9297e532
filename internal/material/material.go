// Package material finds the data that tests read: our own in the module's testdata, and published data of others
// in a folder next to the module, which is not in the repository. Without the latter, a test is skipped and logs
// what was not tested. Only tests import the package.
package material

import (
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// outside describes the data next to the module and its size, for the tests that are skipped.
var outside = map[string]string{
	"events":                       "16,651 events that others published",
	"queries/lake-queries.jsonl":   "89 statements that others published",
	"queries/athena-queries.jsonl": "65 statements that others published",
	"queries/answers.jsonl":        "301 answers over events that others published",
	"schemas":                      "6 published schemas of events",
	"orc/examples":                 "23 files of the ORC project",
}

// Module returns the root of the module that the test belongs to.
func Module(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
}

// Own returns the path of a file or folder of the module's testdata.
func Own(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(Module(t), "testdata", filepath.FromSlash(name))
	if _, err := os.Stat(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// Outside returns the path of data next to the module. If it is missing, the test is skipped.
func Outside(t testing.TB, name string) string {
	t.Helper()
	path, absent := locate(t, name)
	if absent != "" {
		t.Skip(absent)
	}
	return path
}

// Further returns the path of data next to the module, for a test that can check more with it. If it is missing,
// the path is "", and the test's log says what is left out.
func Further(t testing.TB, name string) string {
	t.Helper()
	path, absent := locate(t, name)
	if absent != "" {
		t.Log(absent)
		return ""
	}
	return path
}

// locate returns the path of data next to the module, or what is not run without it.
func locate(t testing.TB, name string) (path, absent string) {
	t.Helper()
	amount, ok := outside[name]
	if !ok {
		t.Fatalf("%s is not known to lie beside the module", name)
	}
	path = filepath.Join(filepath.Dir(Module(t)), "shared", "data", filepath.FromSlash(name))
	if _, err := os.Stat(path); err != nil {
		return "", skipped(amount, name)
	}
	return path, ""
}

func skipped(amount, name string) string {
	return fmt.Sprintf("not run: %s (shared/data/%s beside the module is absent)", amount, name)
}

// Open opens a file. If its name ends with .gz, the content is decompressed.
func Open(path string) (io.ReadCloser, error) {
	f, err := os.Open(path)
	if err != nil || !strings.HasSuffix(path, ".gz") {
		return f, err
	}
	text, err := gzip.NewReader(f)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &gzipFile{text, f}, nil
}

type gzipFile struct {
	*gzip.Reader
	file *os.File
}

func (g *gzipFile) Close() error { return g.file.Close() }
