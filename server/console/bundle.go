package console

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"

	"github.com/auditlake/auditlake/lazyregexp"
)

// The forms of all imports and exports in the page's modules and the vendored ones.
var (
	importLine   = lazyregexp.New(`(?m)^import \{([^}]*)\} from "([^"]+)";$`)
	lateImport   = lazyregexp.New(`\bimport\("([^"]+)"\)`)
	exportedName = lazyregexp.New(`(?m)^export ((?:async )?function|const|let|class) (\w+)`)
	exportList   = lazyregexp.New(`\bexport ?\{([^}]*)\};?\s*$`)
	otherForm    = lazyregexp.New(`(?m)^(?:import|export)\b.*$`)
)

// bundle returns one script of a module and of all modules that it imports, for a page that loads nothing.
func bundle(files fs.FS, entry string) (string, error) {
	b := bundler{files: files, done: map[string]bool{}}
	b.out.WriteString("const modules = {};\n")
	if err := b.add(entry); err != nil {
		return "", err
	}
	// In texts the backslash changes nothing, and the HTML parser sees neither the end of the script nor a comment.
	return strings.NewReplacer("</script", `<\/script`, "<!--", `<\!--`).Replace(b.out.String()), nil
}

type bundler struct {
	files fs.FS
	out   strings.Builder
	done  map[string]bool // by path; false: being added
}

// add writes a module after the modules that it imports.
func (b *bundler) add(name string) error {
	if done, begun := b.done[name]; done {
		return nil
	} else if begun {
		return fmt.Errorf("module %s imports itself", name)
	}
	b.done[name] = false
	text, err := fs.ReadFile(b.files, name)
	if err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	body, err := b.withoutImports(name, string(text))
	if err != nil {
		return err
	}
	body, exports := withoutExports(body)
	if left := otherForm().FindString(body); left != "" {
		return fmt.Errorf("module %s has an import or export that cannot be bundled: %.100s", name, left)
	}
	fmt.Fprintf(&b.out, "modules[%q] = (() => {\n%s\nreturn { %s };\n})();\n", name, body, exports)
	b.done[name] = true
	return nil
}

// withoutImports adds the imported modules, and turns a module's imports into constants.
func (b *bundler) withoutImports(name, text string) (string, error) {
	target := func(relative string) string { return path.Join(path.Dir(name), relative) }
	for _, form := range []*regexp.Regexp{importLine(), lateImport()} {
		for _, found := range form.FindAllStringSubmatch(text, -1) {
			if err := b.add(target(found[len(found)-1])); err != nil {
				return "", err
			}
		}
	}
	text = importLine().ReplaceAllStringFunc(text, func(line string) string {
		parts := importLine().FindStringSubmatch(line)
		return fmt.Sprintf("const {%s} = modules[%q];", strings.ReplaceAll(parts[1], " as ", ": "), target(parts[2]))
	})
	return lateImport().ReplaceAllStringFunc(text, func(call string) string {
		return fmt.Sprintf("Promise.resolve(modules[%q])", target(lateImport().FindStringSubmatch(call)[1]))
	}), nil
}

// withoutExports returns a module's text without the word export, and the members of the object that represents the
// module.
func withoutExports(text string) (body, members string) {
	var names []string
	for _, found := range exportedName().FindAllStringSubmatch(text, -1) {
		names = append(names, found[2])
	}
	text = exportedName().ReplaceAllString(text, "$1 $2")
	if list := exportList().FindStringSubmatch(text); list != nil {
		for item := range strings.SplitSeq(list[1], ",") {
			inner, outer, isRenamed := strings.Cut(strings.TrimSpace(item), " as ")
			if isRenamed {
				inner = outer + ": " + inner
			}
			names = append(names, inner)
		}
		text = exportList().ReplaceAllString(text, "")
	}
	return text, strings.Join(names, ", ")
}
