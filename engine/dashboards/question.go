package dashboards

import (
	"strings"

	"github.com/auditlake/auditlake/lazyregexp"
)

var spanEnd = lazyregexp.New(` AND eventtime < '\$EndTime\$'`)

// Question returns the statement of a widget for use outside the dashboard: over the last seven days of a store, by
// day.
func (m *Managed) Question(widget int, store string) string {
	w := m.Widgets[widget]
	named, _ := ReplaceQuestionMarks(w.Statement, func(n int, isQuoted bool) string {
		if isQuoted {
			return "'" + w.Parameters[n] + "'"
		}
		return w.Parameters[n]
	})
	named = spanEnd().ReplaceAllString(named, "")
	return strings.NewReplacer("'"+StartTime+"'", "now() - INTERVAL '7' DAY", Period, "day", StoreID, store).Replace(named)
}
