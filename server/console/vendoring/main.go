// Command vendoring builds the library files of the console from npm's sources.
//
// It writes one ES module for each library, their licences, and the checksums that a test compares. `make vendor`
// runs it after npm has fetched the packages of package-lock.json.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// bundles are the third-party modules of the page.
var bundles = []string{"preact", "codemirror", "echarts"}

const (
	modules = "node_modules"
	out     = "../web/vendor"
	axe     = "../webtest/testdata/axe.min.js" // checks the pages in tests; no page loads it
)

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	used := map[string]bool{}
	files := []string{"LICENSES.txt"}
	for _, name := range bundles {
		packages, err := bundle(name)
		if err != nil {
			return err
		}
		for _, p := range packages {
			used[p] = true
		}
		files = append(files, name+".mjs")
	}
	if err := writeLicences(used); err != nil {
		return err
	}
	if err := copyFile(filepath.Join(modules, "axe-core", "axe.min.js"), axe); err != nil {
		return err
	}
	return writeLock(files)
}

// bundle writes one module, and returns the npm packages in it.
func bundle(name string) (packages []string, err error) {
	result := api.Build(api.BuildOptions{
		EntryPoints: []string{"entries/" + name + ".mjs"}, Outfile: filepath.Join(out, name+".mjs"), Bundle: true, Write: true, Metafile: true,
		Format: api.FormatESModule, Target: api.ES2022, MinifyWhitespace: true, MinifyIdentifiers: true, MinifySyntax: true,
		LegalComments: api.LegalCommentsNone, Charset: api.CharsetASCII, LogLevel: api.LogLevelWarning,
		Define: map[string]string{"process.env.NODE_ENV": `"production"`}, Plugins: []api.Plugin{withoutDialects, withoutUnused},
	})
	if len(result.Errors) > 0 {
		return nil, fmt.Errorf("bundle %s: %s", name, result.Errors[0].Text)
	}
	var meta struct{ Inputs map[string]any }
	if err := json.Unmarshal([]byte(result.Metafile), &meta); err != nil {
		return nil, err
	}
	for input := range meta.Inputs {
		if _, inside, isModule := strings.Cut(input, modules+"/"); isModule {
			packages = append(packages, packageOf(inside))
		}
	}
	return packages, nil
}

// unused maps modules of ECharts that the page never calls to replacements. Tooltips are not HTML, because texts of
// events must not become HTML. No shape has a pattern, which would need a canvas.
var unused = map[string]string{
	"TooltipHTMLContent.js": `export default class { constructor() { throw new Error("the page has no HTML tooltips"); } }`,
	"decal.js":              `export const createOrUpdatePatternFromDecal = () => null;`,
}

// withoutUnused replaces the unused modules in the bundle.
var withoutUnused = api.Plugin{Name: "without unused modules", Setup: func(build api.PluginBuild) {
	build.OnLoad(api.OnLoadOptions{Filter: `echarts/lib/(util/decal|component/tooltip/TooltipHTMLContent)\.js$`}, func(file api.OnLoadArgs) (result api.OnLoadResult, err error) {
		text := unused[filepath.Base(file.Path)]
		return api.OnLoadResult{Contents: &text, Loader: api.LoaderJS}, nil
	})
}}

// otherDialects matches the SQL dialects that the page does not use; it defines its own. The bundler cannot drop
// them, because it cannot know that joining their texts has no effect.
var otherDialects = regexp.MustCompile(`(?s)/\*\*\nThe standard SQL dialect\..*\nexport \{[^}]*\};`)

// withoutDialects drops otherDialects, and the completion that needs one of them.
var withoutDialects = api.Plugin{Name: "without dialects", Setup: func(build api.PluginBuild) {
	build.OnLoad(api.OnLoadOptions{Filter: `lang-sql/dist/index\.js$`}, func(file api.OnLoadArgs) (result api.OnLoadResult, err error) {
		text, err := os.ReadFile(file.Path)
		if err != nil {
			return result, err
		}
		if !otherDialects.Match(text) {
			return result, fmt.Errorf("%s has no dialects where they were", file.Path)
		}
		kept := string(otherDialects.ReplaceAll(text, []byte("export { SQLDialect };")))
		return api.OnLoadResult{Contents: &kept}, nil
	})
}}

// packageOf returns the package of a path below node_modules.
func packageOf(path string) string {
	parts := strings.Split(path, "/")
	if strings.HasPrefix(path, "@") {
		return parts[0] + "/" + parts[1]
	}
	return parts[0]
}

// description is the part of a package.json that is read.
type description struct{ Name, Version, License string }

func describe(name string) (d description, err error) {
	text, err := os.ReadFile(filepath.Join(modules, name, "package.json"))
	if err != nil {
		return d, err
	}
	return d, json.Unmarshal(text, &d)
}

// writeLicences writes the licences and notices of all packages into one file.
func writeLicences(used map[string]bool) error {
	var text strings.Builder
	text.WriteString("The files in this folder are made of the packages below, by `make vendor`.\n")
	names := []string{}
	for name := range used {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		d, err := describe(name)
		if err != nil {
			return err
		}
		fmt.Fprintf(&text, "\n==== %s %s (%s)\n", d.Name, d.Version, d.License)
		found := false
		for _, file := range []string{"LICENSE", "LICENSE.txt", "LICENSE.md", "NOTICE"} {
			licence, err := os.ReadFile(filepath.Join(modules, name, file))
			if err != nil {
				continue
			}
			found = true
			fmt.Fprintf(&text, "\n%s\n", strings.TrimSpace(strings.ReplaceAll(string(licence), "\r\n", "\n")))
		}
		if !found {
			return fmt.Errorf("package %s has no licence file", name)
		}
	}
	return os.WriteFile(filepath.Join(out, "LICENSES.txt"), []byte(text.String()), 0o644)
}

// writeLock writes the SHA-256 of each file in sha256sum's format.
func writeLock(files []string) error {
	var text strings.Builder
	for _, name := range files {
		body, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			return err
		}
		sum := sha256.Sum256(body)
		fmt.Fprintf(&text, "%s  %s\n", hex.EncodeToString(sum[:]), name)
	}
	return os.WriteFile(filepath.Join(out, "vendor.lock"), []byte(text.String()), 0o644)
}

func copyFile(from, to string) error {
	body, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, body, 0o644)
}
