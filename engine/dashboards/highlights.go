package dashboards

import (
	"embed"
	"slices"
	"strings"
	"sync"

	"github.com/auditlake/auditlake/storage/catalog"
)

//go:embed highlights/*.sql
var highlightFiles embed.FS

// highlights returns the widgets of the Highlights dashboard, by category of the stores that they are about. The
// result is read-only.
var highlights = sync.OnceValue(func() []*Managed { return readFiles(highlightFiles, "highlights") })

// highlightWidgets returns the widgets of a lake's Highlights dashboard: those of each category with stores, over
// all stores of that category together. The activity store and stores pending deletion are left out.
func highlightWidgets(tx *catalog.Tx) (widgets []Widget, err error) {
	all, err := tx.Stores()
	if err != nil {
		return nil, err
	}
	for _, m := range highlights() {
		var ids []string
		for _, s := range all {
			if s.Category == m.Category && s.DeletedAt.IsZero() && !s.IsActivity {
				ids = append(ids, s.ID)
			}
		}
		if len(ids) == 0 {
			continue
		}
		for _, w := range m.Widgets {
			widgets = append(widgets, w.OverStores(ids...))
		}
	}
	return widgets[:min(len(widgets), MaxWidgets)], nil
}

// OverStores returns a widget whose statement reads stores in place of the one that is a parameter.
func (w *Widget) OverStores(ids ...string) Widget {
	from := ids[0]
	if len(ids) > 1 {
		from = "(SELECT * FROM " + strings.Join(ids, " UNION ALL SELECT * FROM ") + ")"
	}
	over := *w
	over.Parameters = slices.DeleteFunc(slices.Clone(w.Parameters), func(p string) bool { return p == StoreID })
	over.Statement, _ = ReplaceQuestionMarks(w.Statement, func(n int, isQuoted bool) string {
		switch {
		case w.Parameters[n] == StoreID:
			return from
		case isQuoted:
			return "'?'"
		}
		return "?"
	})
	return over
}
