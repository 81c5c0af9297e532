package dashboards

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"github.com/auditlake/auditlake/lazyregexp"
)

// Managed is a dashboard that comes with the program.
type Managed struct {
	Name, Title string
	// Category is the category of the stores that it is about: Management, Data or Insight.
	Category string
	Widgets  []Widget
	// About says of each widget what it shows, a sentence.
	About []string
	// Tags are the tags of each widget, for searches; none in the Highlights dashboard.
	Tags [][]string
}

//go:embed managed/*.sql
var managedFiles embed.FS

// managed returns the managed dashboards by name. The result is read-only.
var managed = sync.OnceValue(func() []*Managed { return readFiles(managedFiles, "managed") })

// ManagedDashboards returns the dashboards that come with the program. The result is read-only.
func ManagedDashboards() []*Managed { return managed() }

func managedOf(name string) *Managed {
	for _, m := range managed() {
		if m.Name == name {
			return m
		}
	}
	return nil
}

// readFiles reads files of dashboards. They are part of the program, so a wrong file is a defect.
func readFiles(files fs.FS, dir string) (out []*Managed) {
	entries, err := fs.ReadDir(files, dir)
	if err != nil {
		panic(err)
	}
	for _, entry := range entries {
		text, err := fs.ReadFile(files, dir+"/"+entry.Name())
		if err == nil {
			var m *Managed
			m, err = readManaged(string(text))
			out = append(out, m)
		}
		if err != nil {
			panic(fmt.Errorf("dashboard %s: %w", entry.Name(), err))
		}
	}
	return out
}

const tagsPrefix = "-- tags: "

// readManaged reads the file of a dashboard. Its first line has name, title and category. A block follows for each
// widget, after an empty line: a line with title, view and properties, a line that says what the widget shows,
// optionally a line with tags, and the statement. Statements name their parameters.
func readManaged(text string) (*Managed, error) {
	blocks := strings.Split(strings.TrimSpace(text), "\n\n")
	head := strings.Split(strings.TrimPrefix(blocks[0], "-- "), " | ")
	if len(head) != 3 {
		return nil, fmt.Errorf("the first line is not '-- name | title | category': %s", blocks[0])
	}
	m := &Managed{Name: head[0], Title: head[1], Category: head[2]}
	for _, block := range blocks[1:] {
		lines := strings.SplitN(block, "\n", 3)
		if len(lines) != 3 {
			return nil, fmt.Errorf("a widget has three lines at least: %s", block)
		}
		title, view, found := strings.Cut(strings.TrimPrefix(lines[0], "-- "), " | ")
		if !found {
			return nil, fmt.Errorf("a widget begins with '-- title | view': %s", lines[0])
		}
		w := Widget{Alias: m.Name + "-" + strings.ReplaceAll(title, " ", ""), View: viewOf(title, view)}
		statement, tags := lines[2], []string(nil)
		if line, rest, _ := strings.Cut(statement, "\n"); strings.HasPrefix(line, tagsPrefix) {
			statement, tags = rest, strings.Split(strings.TrimPrefix(line, tagsPrefix), ", ")
		}
		w.Statement, w.Parameters = unnamed(statement)
		m.Widgets = append(m.Widgets, w)
		m.About = append(m.About, strings.TrimPrefix(lines[1], "-- "))
		m.Tags = append(m.Tags, tags)
	}
	return m, nil
}

// viewOf reads the view of a widget and its properties: LineChart XAxisColumn=eventDate …
func viewOf(title, text string) map[string]string {
	fields := strings.Fields(text)
	view := map[string]string{"Title": title, "View": fields[0], "Height": "2", "Width": "4"}
	for _, field := range fields[1:] {
		name, value, _ := strings.Cut(field, "=")
		view[name] = value
	}
	return view
}

var namedParameter = lazyregexp.New(`\$[A-Za-z]+\$`)

// unnamed replaces the named parameters of a statement by question marks.
func unnamed(statement string) (text string, parameters []string) {
	text = namedParameter().ReplaceAllStringFunc(statement, func(name string) string {
		parameters = append(parameters, name)
		return "?"
	})
	return text, parameters
}
