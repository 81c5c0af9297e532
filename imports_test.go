// Package auditlake_test holds the rules that span the whole module.
package auditlake_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/auditlake/auditlake/"

// rule says which packages of the module a package may import. Names are
// relative to the module's root; "x/..." is x and all below it.
type rule struct {
	from string // the package and all below it that have no rule of their own
	to   []string
	// tests may import these, too.
	tests []string
}

// rules are the arrows of docs/ARCHITECTURE.md. A package may always import
// the packages in the folders below its own.
var rules = []rule{
	{from: "cmd", to: []string{"largepages", "panics", "processors", "server/...", "engine/...", "cmd/auditlake/..."}, tests: []string{"bench/gen"}},
	{from: "cmd/auditlake/attach", to: []string{"engine/socket", "panics"}}, // moves command lines, knows no lake
	{from: "cmd/auditlake/collector"},
	{from: "cmd/auditlake/sample"},
	{from: "cmd/auditlake/shell", to: []string{"engine", "engine/completion"}},
	{from: "bench", to: []string{"..."}},
	{from: "examples", tests: []string{"engine", "engine/answer"}}, // statements, and the test that asks them
	{from: "server", tests: []string{"server/...", "engine"}},      // knows no door; its tests open all of them beside each other
	{from: "server/access", to: []string{"engine", "server", "server/awsapi/policy"}, tests: []string{"engine/enginetest/clock"}},
	{from: "server/metrics", to: []string{"engine", "server", "server/access", "server/awsapi/policy"},
		tests: []string{"server/awsapi", "engine/enginetest/clock"}}, // its requests are counted
	{from: "server/trino", to: []string{"engine", "engine/answer", "panics", "server", "server/access"}, tests: []string{"server/servertest"}},
	{from: "server/console", to: []string{"engine", "engine/answer", "engine/completion", "panics", "server", "server/access", "server/awsapi/policy"}},
	{from: "server/local", to: []string{"engine", "engine/remote/wire", "server"}, tests: []string{"engine/remote"}},
	{from: "server/awsapi", to: []string{"panics", "engine", "engine/answer", "server", "server/access", "server/awsapi/..."}, tests: []string{"engine/enginetest/clock"}},
	{from: "server/awsapi/model"},
	{from: "server/awsapi/policy", // knows neither keys nor operations
		tests: []string{"engine", "engine/enginetest/clock", "server/access", "server/trino"}}, // its rows are asked through a door, too
	{from: "server/awsapi/sigv4"}, // knows neither keys nor operations
	{from: "server/servertest"},

	{from: "engine", to: []string{"examples", "arrowdata", "largepages", "panics", "processors", "planner/...", "ingest/...", "storage/...", "engine/..."}, tests: []string{"bench/gen"}},
	{from: "engine/query",
		to: []string{
			"engine/query/...", "engine/activity", "engine/exec", "engine/function", "engine/batch", "engine/memory", "engine/spill", "engine/arrowtype", "engine/answer", "engine/systemtable", "processors",
			"planner", "planner/ast", "planner/plan", "planner/types", "planner/metadata", "storage", "storage/catalog", "storage/decoded", "storage/predicate", "storage/schema", "storage/tablefile", "storage/vfs",
		},
		tests: []string{"engine", "engine/enginetest/clock"}}, // makes the lake that is asked
	{from: "engine/query/admission", to: []string{"planner/types"}},
	{from: "engine/query/spool", to: []string{"engine/answer", "engine/arrowtype", "engine/batch", "engine/memory", "planner/types", "storage/vfs"}},
	{from: "engine/exec",
		to: []string{
			"processors", "arrowdata", "largepages", "engine/expr", "engine/function", "engine/batch", "engine/memory", "engine/spill", "engine/arrowtype",
			"planner/...", "storage", "storage/schema", "storage/predicate",
		},
		tests: []string{"engine/enginetest/conformance", "storage/catalog", "storage/vfs"}},
	{from: "engine/expr",
		to: []string{
			"arrowdata", "engine/function", "engine/batch", "engine/arrowtype", "engine/memory",
			"planner/plan", "planner/types", "planner/metadata", "processors",
		},
		// Recorded answers come as SQL and are compared as text.
		tests: []string{"engine/enginetest/conformance", "engine/answer", "planner/parse", "planner/analyze"}},
	{from: "engine/function",
		to: []string{"arrowdata", "largepages", "engine/arrowtype", "engine/batch", "engine/memory", "jsontext", "planner/types", "planner/metadata", "planner/sqljson"}},
	// The libraries that the functions stand on know types, zones, JSON, paths and the accounts of memory, and nothing of functions.
	{from: "engine/function/internal",
		to: []string{"arrowdata", "engine/function/internal/...", "engine/arrowtype", "engine/batch", "engine/memory", "jsontext", "planner/sqljson", "planner/types"}},
	{from: "engine/answer", to: []string{"arrowdata", "engine/arrowtype", "engine/batch", "jsontext", "planner/types"}},
	{from: "engine/tableimport",
		to: []string{"arrowdata", "engine/function", "engine/batch", "engine/arrowtype", "engine/tableimport/parquet", "jsontext", "planner/types", "planner/metadata", "storage/orc"}},
	{from: "engine/tableimport/parquet", to: []string{"planner/types"}},
	{from: "engine/session", to: []string{"engine/query", "planner", "planner/ast", "planner/types"}},
	{from: "engine/channels", to: []string{"engine/store", "ingest/channel", "storage", "storage/catalog", "storage/receipt"}},
	{from: "engine/store", to: []string{"engine/arrowtype", "planner/types", "ingest/selector", "storage", "storage/catalog", "storage/schema"},
		tests: []string{"engine", "engine/enginetest/clock"}}, // its rules are tried on a lake
	{from: "engine/imports",
		to:    []string{"panics", "engine/billing", "engine/store", "ingest/importer", "ingest/selector", "storage", "storage/catalog", "storage/object", "storage/schema"},
		tests: []string{"engine", "engine/answer", "engine/enginetest/clock", "bench/gen"}}, // imports go to a lake, which is asked for the events
	{from: "engine/completion", to: []string{"engine"}},
	{from: "engine/delivery", to: []string{"panics", "engine/answer", "engine/identity", "engine/query", "ingest/signfile", "storage/catalog", "storage/object", "storage/vfs"},
		tests: []string{"engine", "engine/enginetest/clock"}}, // results come from a lake
	{from: "engine/identity", to: []string{"storage", "storage/catalog"},
		tests: []string{"engine", "engine/enginetest/clock"}}, // keys are tried on a lake
	{from: "engine/eventhistory", to: []string{"engine/answer", "engine/query", "engine/store", "planner/types", "storage/schema"},
		tests: []string{"engine", "engine/enginetest/clock"}}, // events are looked up in a lake
	{from: "engine/dashboards", to: []string{"engine/function", "engine/query", "engine/store", "planner/ast", "planner/parse", "panics", "storage", "storage/catalog"},
		tests: []string{"engine", "engine/answer", "engine/enginetest/clock"}}, // their widgets are asked in a lake
	{from: "engine/generate", to: []string{"engine/samples"}, tests: []string{"engine", "engine/answer"}}, // its statements are asked of a lake
	{from: "engine/samples", to: []string{"engine/dashboards", "examples"}, tests: []string{"engine"}},    // its questions are asked of a lake
	{from: "engine/resultreceipt"},
	{from: "engine/saved", to: []string{"storage/catalog"}},
	{from: "engine/trail", to: []string{"engine/store", "ingest/selector", "storage", "storage/catalog", "storage/object", "storage/schema"},
		tests: []string{"engine", "engine/enginetest/clock"}}, // trails are kept in a lake
	{from: "engine/billing", to: []string{"engine/store", "storage", "storage/catalog", "storage/schema"},
		tests: []string{"engine", "engine/enginetest/clock"}},
	{from: "engine/activity", to: []string{"panics"}},
	{from: "engine/buildinfo"},
	{from: "engine/socket", to: []string{"engine/buildinfo"}},
	{from: "engine/remote", to: []string{"engine", "engine/answer", "engine/socket"},
		tests: []string{"server/local", "cmd/auditlake/attach"}}, // its other end
	{from: "engine/remote/wire", to: []string{"engine", "engine/answer", "engine/arrowtype", "planner/types"}},
	{from: "engine/sqldriver", to: []string{"engine", "engine/answer", "engine/remote", "engine/socket", "planner/types"},
		tests: []string{"cmd/auditlake/attach", "server/local"}},
	// Tests alone import it; its questions are over generated events, too.
	{from: "engine/enginetest/difftest", to: []string{"planner/...", "ingest/...", "storage/...", "engine/...", "bench/gen"}},
	// It makes lakes, damages them and asks them.
	{from: "engine/enginetest/damage", to: []string{"engine", "engine/answer"}},
	// The leaves of the engine know the types and the typed errors, no more.
	{from: "engine/batch", to: []string{"arrowdata", "largepages", "planner/types"}},
	{from: "engine/memory", to: []string{"planner/types"}},
	{from: "engine/spill", to: []string{"engine/batch", "engine/memory", "planner/types", "storage/vfs"}},
	{from: "engine/arrowtype", to: []string{"planner/types"}},

	{from: "internal/arrowtest"},
	{from: "internal/material"}, // finds what tests read
	{from: "internal/process"},  // says what a test's process takes

	{from: "planner", to: []string{"planner/..."}, tests: []string{"engine/function"}},
	{from: "planner/types"},
	{from: "planner/metadata", to: []string{"planner/types"}},
	{from: "planner/sqljson", to: []string{"planner/types"}},
	{from: "planner/ast", to: []string{"planner/types"}},
	{from: "planner/plan", to: []string{"planner/types", "planner/metadata"}},
	{from: "planner/parse", to: []string{"planner/ast", "planner/types"}},
	{from: "planner/analyze",
		to:    []string{"planner/ast", "planner/plan", "planner/types", "planner/metadata", "planner/sqljson"},
		tests: []string{"planner", "planner/parse", "engine/function", "engine/enginetest/conformance"}},
	{from: "planner/optimize",
		to:    []string{"planner/plan", "planner/types", "planner/metadata"},
		tests: []string{"planner/parse", "planner/analyze", "engine/function"}},

	{from: "arrowdata"},
	{from: "jsontext"},
	{from: "lazyregexp"},
	{from: "largepages"},
	{from: "panics"},
	{from: "processors"},

	{from: "ingest", to: []string{"arrowdata", "panics", "processors", "ingest/...", "jsontext", "storage", "storage/schema", "storage/catalog", "storage/object", "storage/predicate", "storage/vfs"}},

	{from: "storage", to: []string{"arrowdata", "largepages", "panics", "processors", "storage/..."}},
	{from: "storage/decoded"}, // knows nothing of what it keeps
	{from: "storage/orc", to: []string{"largepages", "storage/decoded", "storage/vfs", "storage/predicate"},
		tests: []string{"storage/schema", "ingest/record", "bench/gen"}}, // benchmarks encode generated events
	{from: "storage/catalog", to: []string{"storage/vfs"}},
	{from: "storage/hotlog", to: []string{"panics", "storage/vfs"}},
	{from: "storage/receipt", to: []string{"storage/vfs"}},
	{from: "storage/object", to: []string{"storage/vfs"}},
	{from: "storage/schema"},
	{from: "storage/textshape", to: []string{"arrowdata", "jsontext", "storage/schema"},
		tests: []string{"ingest/record", "ingest/logfile", "bench/gen"}}, // the columns of real records
	{from: "storage/predicate"},
	{from: "storage/vfs"},
}

// everywhere may be imported by every package: it stands in the place of one of the standard library's.
const everywhere = "lazyregexp"

// testInstruments may be imported by the tests of every package, and by what tests alone import.
const testInstruments = "internal/..."

// vagueNames say nothing about what a package is for.
var vagueNames = []string{"util", "utils", "common", "helper", "helpers", "misc"}

func TestPackagesKeepTheRules(t *testing.T) {
	checked := 0
	err := fs.WalkDir(os.DirFS("."), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && skipped(name):
			return fs.SkipDir
		case entry.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		source, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		checked++
		for _, v := range violations(t, name, string(source)) {
			t.Error(v)
		}
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, checked, 10)
}

// TestEveryPackageIsNamedOnce: the tables of docs/packages.md name each package that others may import,
// once, and no other. They leave a package's own `internal` out. The programs of bench share a line.
func TestEveryPackageIsNamedOnce(t *testing.T) {
	text, err := os.ReadFile("docs/packages.md")
	require.NoError(t, err)
	var there []string
	err = fs.WalkDir(os.DirFS("."), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && (skipped(name) || strings.HasSuffix(name, "/internal")):
			return fs.SkipDir
		case strings.HasPrefix(name, "bench/"):
			there = append(there, "bench")
		case path.Ext(name) == ".go" && !strings.HasSuffix(name, "_test.go"):
			there = append(there, path.Dir(name))
		}
		return nil
	})
	require.NoError(t, err)
	slices.Sort(there)
	require.ElementsMatch(t, slices.Compact(there), namedPackages(string(text)))
}

// namedPackages returns the names in the first column of tables. After the first name of a line, other names
// of the same folder follow without the folder.
func namedPackages(text string) (named []string) {
	for line := range strings.Lines(text) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 {
			continue
		}
		folder := ""
		for i, name := range strings.Split(cells[1], "`") {
			if i%2 == 0 {
				continue // between the names
			}
			named = append(named, path.Join(folder, name))
			if folder == "" {
				folder = path.Dir(name)
			}
		}
	}
	return named
}

// skipped folders hold no packages of the module.
func skipped(dir string) bool {
	base := path.Base(dir)
	if base == "testdata" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") {
		return true
	}
	_, err := os.Stat(path.Join(dir, "go.mod"))
	return err == nil
}

func TestViolations(t *testing.T) {
	for name, c := range map[string]struct {
		file, source string
		want         []string
	}{
		"allowed arrow": {
			"engine/exec/scan.go", `package exec; import _ "github.com/auditlake/auditlake/storage/predicate"`, nil,
		},
		"arrow against the rules": {
			"planner/analyze/scope.go", `package analyze; import _ "github.com/auditlake/auditlake/engine/function"`,
			[]string{"planner/analyze/scope.go imports engine/function, which planner/analyze may not"},
		},
		"test inside the package": {
			"planner/analyze/scope_test.go", `package analyze; import _ "github.com/auditlake/auditlake/engine/function"`,
			[]string{"planner/analyze/scope_test.go imports engine/function, which planner/analyze may not"},
		},
		"test outside the package": {
			"planner/analyze/scope_test.go", `package analyze_test; import _ "github.com/auditlake/auditlake/engine/function"`, nil,
		},
		"ingest knows no file format of segments": {
			"ingest/importer/run.go", `package importer; import _ "github.com/auditlake/auditlake/storage/orc"`,
			[]string{"ingest/importer/run.go imports storage/orc, which ingest may not"},
		},
		"the closest rule counts": {
			"engine/sqldriver/rows.go", `package sqldriver; import _ "github.com/auditlake/auditlake/engine/exec"`,
			[]string{"engine/sqldriver/rows.go imports engine/exec, which engine/sqldriver may not"},
		},
		"a prefix of a name is not a parent": {
			"engine/executor/x.go", `package executor; import _ "github.com/auditlake/auditlake/ingest"`, nil,
		},
		"own internal package": {
			"storage/orc/reader.go", `package orc; import _ "github.com/auditlake/auditlake/storage/orc/internal/orcpb"`, nil,
		},
		"own package in its test": {
			"storage/vfs/vfs_test.go", `package vfs_test; import _ "github.com/auditlake/auditlake/storage/vfs"`, nil,
		},
		"test material in the product": {
			"engine/lake.go", `package engine; import _ "github.com/auditlake/auditlake/internal/material"`,
			[]string{"engine/lake.go imports internal/material, which engine may not"},
		},
		"test material in a test": {
			"storage/orc/x_test.go", `package orc; import _ "github.com/auditlake/auditlake/internal/material"`, nil,
		},
		"no rule": {
			"shop/till.go", `package shop`,
			[]string{"shop/till.go: no rule says what shop may import"},
		},
		"printing library": {
			"engine/lake.go", `package engine; import "fmt"; func f() { fmt.Println(); println() }`,
			[]string{"engine/lake.go:1: fmt.Println in a library", "engine/lake.go:1: println in a library"},
		},
		"logging library": {
			"storage/store.go", `package storage; import "log"; func f() { log.Print() }`,
			[]string{"storage/store.go imports log: libraries are silent"},
		},
		"printing command": {
			"cmd/auditlake/main.go", `package main; import "fmt"; func f() { fmt.Println() }`, nil,
		},
		"printing example": {
			"engine/example_test.go", `package engine_test; import "fmt"; func f() { fmt.Println() }`, nil,
		},
		"formatting library": {
			"engine/lake.go", `package engine; import "fmt"; func f() error { return fmt.Errorf("x") }`, nil,
		},
		"vague package": {
			"engine/util/strings.go", `package util`,
			[]string{"engine/util/strings.go: package util: name it for what it is about"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, violations(t, c.file, c.source))
		})
	}
}

// violations lists what the source text of a file does against the rules.
func violations(t *testing.T, file, source string) []string {
	t.Helper()
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, file, source, parser.SkipObjectResolution)
	require.NoError(t, err)

	pkg := path.Dir(file)
	if pkg == "." {
		return nil
	}
	var found []string
	if slices.Contains(vagueNames, parsed.Name.Name) || slices.Contains(vagueNames, path.Base(pkg)) {
		found = append(found, fmt.Sprintf("%s: package %s: name it for what it is about", file, parsed.Name.Name))
	}
	r, ok := ruleFor(pkg)
	if !ok {
		return append(found, fmt.Sprintf("%s: no rule says what %s may import", file, pkg))
	}
	allowed := append([]string{everywhere, pkg + "/...", r.from + "/internal/..."}, r.to...)
	if strings.HasSuffix(parsed.Name.Name, "_test") {
		allowed = append(allowed, r.tests...)
	}
	if strings.HasSuffix(file, "_test.go") || strings.HasPrefix(pkg, "engine/enginetest/") {
		allowed = append(allowed, testInstruments)
	}
	for _, spec := range parsed.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		require.NoError(t, err)
		name, ours := strings.CutPrefix(imported, module)
		if ours && !slices.ContainsFunc(allowed, func(pattern string) bool { return covers(pattern, name) }) {
			found = append(found, fmt.Sprintf("%s imports %s, which %s may not", file, name, r.from))
		}
	}
	if isLibrary(file) {
		found = append(found, noise(files, file, parsed)...)
	}
	return found
}

// ruleFor is the rule of the closest package above, or of pkg itself.
func ruleFor(pkg string) (rule, bool) {
	for ; pkg != "."; pkg = path.Dir(pkg) {
		for _, r := range rules {
			if r.from == pkg {
				return r, true
			}
		}
	}
	return rule{}, false
}

// covers tells whether a pattern names the package.
func covers(pattern, pkg string) bool {
	parent, deep := strings.CutSuffix(pattern, "...")
	if !deep {
		return pattern == pkg
	}
	return parent == "" || strings.HasPrefix(pkg+"/", parent)
}

func isLibrary(file string) bool {
	return !strings.HasPrefix(file, "cmd/") && !strings.HasPrefix(file, "bench/") && !strings.HasSuffix(file, "_test.go")
}

// noise lists where a file writes to the terminal on its own account.
func noise(files *token.FileSet, file string, parsed *ast.File) []string {
	var found []string
	for _, spec := range parsed.Imports {
		if spec.Path.Value == `"log"` {
			found = append(found, file+" imports log: libraries are silent")
		}
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		what := ""
		switch f := call.Fun.(type) {
		case *ast.Ident:
			if f.Name == "print" || f.Name == "println" {
				what = f.Name
			}
		case *ast.SelectorExpr:
			if x, ok := f.X.(*ast.Ident); ok && x.Name == "fmt" && strings.HasPrefix(f.Sel.Name, "Print") {
				what = "fmt." + f.Sel.Name
			}
		}
		if what != "" {
			found = append(found, fmt.Sprintf("%s:%d: %s in a library", file, files.Position(call.Pos()).Line, what))
		}
		return true
	})
	return found
}
