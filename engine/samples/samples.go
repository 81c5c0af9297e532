// Package samples is the library of questions: statements by theme, each with what it finds, and a search over them
// in words. They are the files of examples, and the questions of the managed dashboards.
package samples

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"sync"

	"github.com/auditlake/auditlake/engine/dashboards"
	"github.com/auditlake/auditlake/examples"
)

// Sample is a question.
type Sample struct {
	Name        string // unique
	Theme       string
	Description string // what it finds, a sentence
	// Tags are words by which a search finds it: ids of MITRE ATT&CK techniques if it is about security, and at least
	// two terms of the trade.
	Tags []string
	// Category is the category of the stores that it can query. A store of management events and one of data events
	// have the same columns.
	Category string
	// statement has a placeholder where the store's name belongs.
	statement string
}

// placeholder stands in statements where the name of a store belongs.
const placeholder = "$EDS_ID"

// SQL returns the question over a store, given by its name or id as a statement names it.
func (s *Sample) SQL(store string) string {
	return strings.ReplaceAll(s.statement, placeholder, store)
}

// all returns the samples, those of a theme together. The result is read-only.
var all = sync.OnceValue(func() []*Sample { return append(ofDashboards(), ofExamples()...) })

// All returns the samples. The result is read-only.
func All() []*Sample { return all() }

// ofExamples returns the statements of the examples. The files are part of the program, so a wrong file is a
// defect.
func ofExamples() (out []*Sample) {
	err := fs.WalkDir(examples.Files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(examples.Files, name)
		if err != nil {
			return err
		}
		e, err := examples.Parse(string(text))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		store, category := examples.StoreOf(path.Dir(name))
		named := regexp.MustCompile(`\b(FROM|JOIN) ` + store + `\b`)
		out = append(out, &Sample{
			Name: e.Title, Theme: themeOf(path.Dir(name)), Description: e.Description, Tags: e.Tags, Category: category,
			statement: named.ReplaceAllString(e.Statement, "$1 $"+placeholder),
		})
		return nil
	})
	if err != nil {
		panic(err)
	}
	return out
}

func themeOf(folder string) string {
	if len(folder) < 3 { // S3
		return strings.ToUpper(folder)
	}
	return strings.ToUpper(folder[:1]) + folder[1:]
}

// ofDashboards returns the questions of the widgets of managed dashboards. A title that occurs several times is
// combined with its dashboard's; of equal questions one is returned.
func ofDashboards() (out []*Sample) {
	titles, statements := map[string]int{}, map[string]bool{}
	for _, m := range dashboards.ManagedDashboards() {
		for _, w := range m.Widgets {
			titles[w.Title()]++
		}
	}
	for _, m := range dashboards.ManagedDashboards() {
		theme := strings.TrimSuffix(m.Title, " dashboard")
		for i, w := range m.Widgets {
			s := &Sample{Name: w.Title(), Theme: theme, Description: m.About[i], Tags: m.Tags[i], Category: m.Category}
			s.statement = m.Question(i, placeholder)
			if titles[w.Title()] > 1 {
				s.Name += " (" + theme + ")"
			}
			if !statements[s.statement] {
				statements[s.statement] = true
				out = append(out, s)
			}
		}
	}
	return out
}
